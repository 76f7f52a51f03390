-- lua-scripts/lib/observed.lua -- what flatfish.observe() has counted, by the space that levels.rows() charges it
-- to: {[index] = {class = {name = n}, missed = {name = n}, asked = {name = n}}}. add() sums, minus() takes an
-- earlier moment off. SPDX-License-Identifier: MIT
local observed = {}
local groups = { "class", "missed", "asked" }

function observed.nothing() return { class = {}, missed = {}, asked = {} } end

function observed.add(to, from, sign)
    for _, group in ipairs(groups) do
        for name, n in pairs(from[group]) do to[group][name] = (to[group][name] or 0) + (sign or 1) * n end
    end
end

function observed.now()
    local out = {}
    for _, row in ipairs(flatfish.observed()) do
        local index = row.user and row.index or row.behalf_index
        out[index] = out[index] or observed.nothing()
        observed.add(out[index], row)
    end
    return out
end

function observed.minus(now, before)
    for index, row in pairs(before) do
        if now[index] then observed.add(now[index], row, -1) end
    end
    return now
end

return observed

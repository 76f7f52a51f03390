-- lua-scripts/lib/levels.lua -- the exact account by space: what each ran itself, for others, and what
-- the kernel ran on its behalf. Every instruction is in exactly one field of one row, so the rows'
-- `total` add up to flatfish.icount(). `before` (of an earlier call) is subtracted.
-- SPDX-License-Identifier: MIT
local levels = {}

local function key(row) return row.index .. (row.user and "u" or "k") .. row.behalf_index end

-- The account now, as {key = row}.
function levels.now()
    local out = {}
    for _, row in ipairs((flatfish.charge())) do out[key(row)] = row end
    return out
end

local function space_row(rows, row, behalf)
    local own = behalf and row.behalf_index or row.index
    -- the kernel's own page tables are one row
    local index = (behalf and row.behalf or row.space) == "kernel start" and 0 or own
    local at = rows[index]
    if not at then
        local level = behalf and row.behalf_level or row.space_level
        local name = behalf and row.behalf or row.space
        at = { index = index, level = level, name = name, own = 0, others = 0, kernel = 0, total = 0,
            entries = 0, label = level > 0 and ("L%d %s"):format(level, name) or name }
        at.spaces = {}
        rows[index] = at
    end
    at.spaces[own] = true
    return at
end

-- Rows sorted by level, then by age (`spaces` = the indices that one stands for); and their sum.
function levels.rows(before)
    local rows, list, sum = {}, {}, 0
    for k, row in pairs(levels.now()) do
        local old = before and before[k]
        local n = row.instructions - (old and old.instructions or 0)
        local at = space_row(rows, row, not row.user)
        local field = not row.user and "kernel" or row.behalf_index == row.index and "own" or "others"
        at[field] = at[field] + n
        at.total = at.total + n
        at.entries = at.entries + row.entries - (old and old.entries or 0)
        sum = sum + n
    end
    for _, row in pairs(rows) do
        if row.total > 0 then list[#list + 1] = row end
    end
    table.sort(list, function(a, b)
        if a.level ~= b.level then return a.level < b.level end
        return a.index < b.index
    end)
    for _, row in ipairs(list) do row.share = sum > 0 and 100 * row.total / sum or 0 end
    return list, sum
end

return levels

-- Observing changes no count: classes add up to the account, domain by domain, across switching it on.
-- want: 0
-- SPDX-License-Identifier: MIT
flatfish.run { to = 15400 }
local function charged()
    local out = {}
    for _, r in ipairs((flatfish.charge())) do
        local key = r.index .. (r.user and "u" or "k") .. r.behalf_index
        out[key] = (out[key] or 0) + r.instructions
    end
    return out
end
local before, from = charged(), flatfish.icount()
flatfish.observe { tlb = { data = { entries = 64, ways = 4 }, code = { entries = 64, ways = 4 } } }
flatfish.run { to = 40000 }
local after, sum = charged(), 0
local class = {}
for _, r in ipairs(flatfish.observed()) do
    local key, parts = r.index .. (r.user and "u" or "k") .. r.behalf_index, 0
    for name, n in pairs(r.class) do
        parts = parts + n
        class[name] = (class[name] or 0) + n
    end
    assert(parts == r.instructions)
    assert(r.instructions == after[key] - (before[key] or 0), key)
    sum = sum + parts
end
assert(sum == flatfish.icount() - from and sum == 40000 - from, sum)
assert(class.alu > 0 and class.branch > 0 and class.system > 0, "the guest calls in a loop")
flatfish.observe(false)
flatfish.run { to = 40500 }
local still = 0
for _, r in ipairs(flatfish.observed()) do still = still + r.instructions end
assert(still == sum, "off it counts no more")
flatfish.observe()
flatfish.run { to = 40600 }
local again = 0
for _, r in ipairs(flatfish.observed()) do again = again + r.instructions end
assert(again == 100, again)

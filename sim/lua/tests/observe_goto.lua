-- Going back takes what is observed with it: there and back by any way the counts are those of the straight run, and add up.
-- want: 0
-- guest: rep n=2
-- SPDX-License-Identifier: MIT
local function add(list, row)
    list[#list + 1] = ("%s %s %d %d"):format(row.domain, row.behalf_index, row.instructions, row.class.string)
    for _, what in ipairs { "asked", "missed" } do
        for _, name in ipairs { "data_tlb", "code_tlb", "data_cache", "code_cache", "second_cache" } do
            list[#list + 1] = what .. name .. row[what][name]
        end
    end
end
local function state()
    local list, sum = {}, 0
    for _, row in ipairs(flatfish.observed()) do
        add(list, row)
        sum = sum + row.instructions
    end
    return table.concat(list, " "), sum
end

local began, places, straight = 14000, { 20011, 90000, 300000 }, {}
assert(flatfish.snapshot()) -- before anything is observed
flatfish.run { to = began }
local cache = { bytes = 4096, ways = 2, line = 64 }
flatfish.observe { tlb = { data = { entries = 8, ways = 2 }, code = { entries = 8, ways = 8 } },
    cache = { data = cache, code = cache, second = { bytes = 16384, ways = 4, line = 64 } } }
for i, at in ipairs(places) do
    flatfish.run { to = at }
    local sum
    straight[i], sum = state()
    assert(sum == at - began, sum)
    if i == 2 then assert(flatfish.snapshot()) end
end
for _, i in ipairs { 1, 3, 2, 1, 2, 3, 1, 3 } do
    assert(flatfish.goto_(places[i]))
    local got, sum = state()
    assert(sum == places[i] - began, ("%d: %d"):format(i, sum))
    assert(got == straight[i], ("%d:\n%s\n%s"):format(i, got, straight[i]))
end
assert(flatfish.goto_(began))
assert(select(2, state()) == 0)
local good, why = flatfish.goto_(began - 1)
assert(not good and why:find("end observing"), why)
flatfish.run { to = places[1] }
assert(state() == straight[1])
flatfish.observe(false)
assert(state() == straight[1], "what was counted stays")
assert(flatfish.goto_(began - 1), "and one may go back further")
assert(state() == straight[1])

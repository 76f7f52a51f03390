#!/bin/sh
# Results: what a run gave comes out as it was, from its process, from the cache, in a table, in a picture.
# SPDX-License-Identifier: MIT
. "${srcdir:-.}/tests/cli_lib.sh"
flatfish=$build/flatfish
FLATFISH_CACHE=$work/cache
export FLATFISH_CACHE
guests=$build/sim/tests/guests

# Names and values of any kind, whatever -j and from where.
cat >odd.lua <<'E'
local results = {
    { ["a=b"] = 1, ["c\nd\\e"] = 2, ["\\fa"] = 3, [""] = 4 }, { v = 0 / 0 }, { v = math.huge }, { v = -math.huge },
    { v = 123456789.25, w = 0.1 + 0.2, x = -0.0 }, { v = "a=b\\n\r\n,\"" }, {}, { v = math.mininteger, w = false },
}
local rows, t = flatfish.experiment { name = "odd", sweep = { { "k", { 1, 2, 3, 4, 5, 6, 7, 8 } } },
    run = function(p) return results[p.k] end }
for k, row in ipairs(rows) do
    for key, value in pairs(results[k]) do
        assert(row[key] == value and math.type(row[key]) == math.type(value) or value ~= value and row[key] ~= row[key], k .. key)
    end
end
E
ends 0 "$flatfish" experiment odd.lua -j1 --csv one.csv
ends 0 "$flatfish" experiment odd.lua -j2 --csv two.csv --fresh
ends 0 "$flatfish" experiment odd.lua --csv three.csv
check "odd results: -j1, -j2 and the cache give the same bytes" sh -c 'cmp one.csv two.csv && cmp one.csv three.csv'
check "a float keeps all its digits" grep -q '123456789.25,0.30000000000000004' one.csv
for value in 'function() end' '{}' '5'; do
    printf 'flatfish.experiment { sweep = { { "k", { 1 } } }, run = function() return %s end }\n' "$value" >bad.lua
    [ "$value" = '{}' ] || ends 1 "$flatfish" experiment bad.lua
done
echo 'flatfish.experiment { sweep = { { "k", { {} } } }, run = function() return {} end }' >bad.lua
ends 1 "$flatfish" experiment bad.lua
check "a table is no value of a sweep: it could not be found again" grep -q 'numbers, texts and booleans' err
one_line 2 'out of range' "$flatfish" experiment odd.lua -j0

# Two numbers that look alike are two; what the machine was made of decides, too.
cp "$guests/pingpong.elf" guest.elf
cat >alike.lua <<'E'
local function run(p)
    assert(flatfish.machine { kernel = "guest.elf", append = "n=5", mem = 16 })
    flatfish.run()
    return { text = ("%.17g"):format(p.x), instructions = flatfish.icount() }
end
local rows, t = flatfish.experiment { name = "alike", sweep = { { "x", { 0.1, 0.1 + 1e-16 } } }, run = run }
assert(rows[1].text ~= rows[2].text)
t:print()
E
ends 0 "$flatfish" experiment alike.lua
cp out before
ends 0 "$flatfish" experiment alike.lua
check "the same again, from the cache" cmp out before
cp "$guests/hello.elf" guest.elf
ends 0 "$flatfish" experiment alike.lua
check "another guest under the same name is another result" sh -c '! cmp -s out before'

# A run that fails: its script, its line, its machine. A result comes whole or not at all.
cat >fails.lua <<'E'
flatfish.experiment { name = "fails", sweep = { { "x", { 1, 2 } } }, run = function(p)
    assert(flatfish.machine { guest = "pingpong", append = "n=5", mem = 16 })
    flatfish.run(1000)
    return { n = p.x + (p.x == 1 and 0 or nil) }
end }
E
ends 1 "$flatfish" experiment fails.lua -j2
check "a failed run: parameters, script and line" grep -q '1 of 2 runs failed; the first, x=2: fails.lua:4: ' err
check "and what its machine was doing, once" test "$(grep '^  machine: ' err | sed 's/, in .*//')" = '  machine: instruction 1000'
cat >whole.lua <<'E'
flatfish.no_machine = true
local said = {}
local function done(i, text, message) said[i] = text and #text or message end
assert(flatfish.parallel(3, 1, function(i) return i == 1 and ("x"):rep(17 << 20) or i == 2 and ("x"):rep(16 << 20) or os.exit(0) end, done))
assert(said[1]:find("longer than 16 MiB") and said[2] == 16 << 20 and said[3]:find("ended by itself"))
-- Processes of a process: the others' are not theirs.
local function sum(n)
    local all = 0
    assert(flatfish.parallel(n, 2, tostring, function(_, text) all = all + text end))
    return tostring(all)
end
assert(flatfish.parallel(4, 4, function(i) return sum(i + 2) end, function(i, text) said[i] = text end))
assert(said[1] == "6" and said[2] == "10" and said[3] == "15" and said[4] == "21")
E
ends 0 "$flatfish" script ./whole.lua

# Tables: a row is a line, whatever it holds, JSON is JSON, and CSV is read back as it was.
cat >tables.lua <<'E'
flatfish.no_machine = true
local t = flatfish.report.table { title = "odd \255", columns = { { "a", "A" }, { "b" }, "c", { "d", "D", "%d" } }, rows = {
    { a = 0 / 0, b = "x\ny\r\t\0", c = 1e300, d = 1.5 }, { a = 1 / 0, b = "q\"\\|,", c = -1 / 0, d = 7 }, { a = 1e-9, b = "\xc3\xbc\xc3" } } }
local _, lines = t:text():gsub("\n", "")
assert(lines == 6 and #t:text() < 400, t:text())
_, lines = t:markdown():gsub("\n", "")
assert(lines == 7)
local json = t:json()
assert(utf8.len(json) and not json:find("[: ]%-?inf") and not json:find("[: ]%-?nan") and json:find("x\\u000ay\\u000d\\u0009\\u0000", 1, true))
assert(t:csv() == 'a,b,c,d\nnan,"x\ny\r\t\0",1e+300,1.5\ninf,"q""\\|,",-inf,7\n1e-09,\xc3\xbc\xc3,,\n', t:csv())
for _, columns in ipairs { {}, { "a" } } do
    local empty = flatfish.report.table { columns = columns, rows = {} }
    assert(empty:text() and empty:markdown() and empty:csv() and empty:json():find('"rows": %['))
end
E
ends 0 "$flatfish" script ./tables.lua

# Pictures: nothing is drawn outside, names do not touch, what cannot be drawn is said.
cat >pictures.lua <<'E'
flatfish.no_machine = true
local report = flatfish.report
local inside, words
local fake = { line = function() end, mark = function() end, box = function() end,
    extent = function(_, text, size) return #text * (size or 11) * 0.6, size end }
local function check(x, y, w, h)
    inside = inside and x >= -1 and y >= -1 and x + w <= fake.width + 1 and y + h <= fake.height + 1
end
function fake:fill(x, y, w, h) check(x, y, w, h) end
function fake:shade(x, y, w, h) check(x, y, w, h) end
function fake:polyline(list)
    for i = 1, #list, 2 do check(list[i], list[i + 1], 0, 0) end
end
function fake:text(x, y, text, size, side) words[#words + 1] = { x = x, y = y, text = text, side = side } end

local function draw(kind, t)
    local picture = report[kind](t)
    picture.width, picture.height = picture.width or 800, picture.height or 480
    fake.width, fake.height, inside, words = picture.width, picture.height, true, {}
    picture:draw(fake)
    assert(inside, kind .. ": " .. tostring(t.title))
end
local function said(what)
    for _, word in ipairs(words) do
        if word.text:find(what, 1, true) then return true end
    end
    error("not said: " .. what)
end
local function names(n)
    local list = {}
    for i = 1, n do list[i] = "L" .. i .. " null" end
    return list
end
-- Words of one column, downwards, or of one row, to the right: at least so far apart.
local function apart(side, key, across, least)
    local seen = {}
    for _, word in ipairs(words) do
        if word.side == side and word.text:find("^L%d") then
            local at = seen[word[across]]
            assert(not at or word[key] - at >= least, word.text)
            seen[word[across]] = word[key]
        end
    end
end
local long = ("a very long label \u{fc} "):rep(40)
local nan, inf = 0 / 0, math.huge

draw("bars", { title = "below 0", names = { "x", "y" }, series = { { name = "s", values = { -5, 3 } }, { name = "t", values = { 2, -70 } } } })
draw("bars", { title = "stacked", stacked = true, names = { "x" }, series = { { name = "s", values = { -5 } }, { name = "t", values = { 2 } }, { name = "u", values = { -9 } } } })
draw("bars", { title = "none", names = { "x", "y", "z" }, series = { { name = "s", values = { nan, inf, 1 } } } })
said("2 values are no finite number")
draw("bars", { title = long, names = { long, "y" }, xlabel = long, ylabel = long, note = long, series = { { name = long, values = { 1, 2 } }, { name = long, values = { 3, 4 } } } })
local many = {}
for i = 1, 500 do many[i] = { name = "series " .. i, values = { i } } end
draw("bars", { title = "500 series", names = { "x" }, series = many })
said("more")
draw("bars", { title = "66 levels", names = names(66), series = { { name = "s", values = { 1 } } } })
apart("right", "x", "y", 13)
draw("bars", { title = "3000 names", names = names(3000), series = { { name = "s", values = { 1 } } } })
apart("right", "x", "y", 13)
draw("lines", { title = "no points", series = { { name = "s", points = {} } } })
draw("lines", { title = "odd points", series = { { name = "s", points = { { 1, 2 }, { 2, nan }, { inf, 3 }, { 4, -8 }, { 1e300, 1e300 } } } } })
said("2 values are no finite number")
draw("lines", { title = "ends of integers", series = { { name = "s", points = { { math.mininteger, math.maxinteger }, { math.maxinteger, math.mininteger } } } } })
draw("lines", { title = "far from 0", series = { { name = "s", points = { { 1e17, 1 }, { 1e17 + 64, 2 } } } } })
draw("heatmap", { title = "66 levels", rows = names(66), columns = names(66), values = { { 1, -3 }, { nan } } })
apart("right", "y", "x", 11)
draw("flame", { title = "deep", stacks = { [("f;"):rep(1000)] = 5, a = nan, b = -7 } })
draw("lanes", { title = "many", lanes = names(500), spans = { { lane = 1, from = 5, to = 9, label = long }, { lane = 500, from = nan, to = 1 } } })
for kind in pairs { bars = 1, lines = 1, heatmap = 1, flame = 1, lanes = 1 } do
    local good, why = pcall(report[kind], {})
    assert(not good and why:find("report." .. kind .. " needs"))
end
assert(not pcall(draw, "lanes", { lanes = { "a" }, spans = { { lane = 2, from = 0, to = 1 } } }))
assert(not pcall(draw, "bars", { names = { "a" }, series = { { name = "s", values = { "5" } } } }))
E
ends 0 "$flatfish" script ./pictures.lua
# Marks of an axis that are different are written differently, however narrow the axis.
cat >marks.lua <<'E'
local chart = require "lib.chart"
for _, low in ipairs { 0, 1, 999, 5294500, 123456789, 4e12, -5294500 } do
    for _, width in ipairs { 1, 7, 60, 3500, 1e6, 2.5e9 } do
        local list, seen = chart.marks(low, low + width, 6), {}
        for _, v in ipairs(list) do
            local text = chart.number(v, list[2] and list[2] - list[1])
            assert(not seen[text], ("%g and %g are both %s"):format(v, seen[text] or 0, text))
            seen[text] = v
        end
    end
end
E
ends 0 "$flatfish" script marks.lua
report

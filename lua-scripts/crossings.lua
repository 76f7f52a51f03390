-- lua-scripts/crossings.lua -- how often control passed from whom to whom, as a matrix and a heat map
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"

local o = args.parse(arg, {
    usage = "crossings NEST [OPTION...]",
    text = "Counts every crossing from one domain to another, with the instructions that ran until the next\n" ..
        "one. With --reasons a row for each reason instead of the matrix.",
    positional = { "nest" }, needs = 1,
    { "append", "TEXT", nil, "Words for the kernel or guest." },
    { "reasons", nil, false, "A row for each (from, to, reason)." },
    table.unpack(report.options),
})
if not o or not args.machine(o.nest, { append = o.append }) then return end

local by = { "from", "to", "from_level", "to_level" }
if o.reasons then by[#by + 1] = "reason" end
local count = flatfish.count { by = by, sum = "stay" }
args.run()

local function label(name, level) return level > 0 and ("L%d %s"):format(level, name) or name end
local rows, index, names, levels = count:rows(), {}, {}, {}
local function number(name, level)
    local l = label(name, level)
    if not index[l] then
        names[#names + 1], levels[l], index[l] = l, level, true
    end
    return l
end
for _, r in ipairs(rows) do
    r.a, r.b = number(r.from, r.from_level), number(r.to, r.to_level)
end
table.sort(names, function(x, y)
    if levels[x] ~= levels[y] then return levels[x] < levels[y] end
    return x < y
end)
local matrix = {}
for i, name in ipairs(names) do
    index[name], matrix[i] = i, {}
end
for _, r in ipairs(rows) do
    local row = matrix[index[r.a]]
    row[index[r.b]] = (row[index[r.b]] or 0) + r.n
end

local t
if o.reasons then
    t = report.table { title = o.nest .. ": crossings by reason", rows = rows, columns = { { "a", "from" },
        { "b", "to" }, { "reason", "reason" }, { "n", "times" }, { "instructions", "until the next" } } }
else
    local columns, list = { { "a", "from \\ to" } }, {}
    for k, name in ipairs(names) do columns[k + 1] = { k, name } end
    for i, name in ipairs(names) do
        list[i] = { a = name }
        for k in ipairs(names) do list[i][k] = matrix[i][k] end
    end
    t = report.table { title = o.nest .. ": crossings", rows = list, columns = columns }
end
report.out(t, report.heatmap { title = "Crossings of " .. o.nest, rows = names, columns = names,
    values = matrix, xlabel = "to", ylabel = "from" }, o)

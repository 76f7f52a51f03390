-- lua-scripts/top.lua -- a live table of who runs, while the machine runs
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"
local levels = require "lib.levels"

local o = args.parse(arg, {
    usage = "top NEST [OPTION...]",
    text = "Every so many instructions: what ran since the last time, by space. On a terminal the table stays in\n" ..
        "its place; else one follows the other.",
    positional = { "nest" }, needs = 1,
    { "append", "TEXT", nil, "Words for the kernel or guest." },
    { "every", "N", 10000000, "Instructions between two looks.", 1 },
    { "rows", "N", 15, "Rows shown.", 1 },
    { "most", "N", 0, "End after so many looks; 0 = never.", 0 },
})
if not o or not args.machine(o.nest, { append = o.append }) then return end

local before, looks = nil, 0
local function show()
    local rows = levels.rows(before)
    before, looks = levels.now(), looks + 1
    table.sort(rows, function(a, b)
        if a.total ~= b.total then return a.total > b.total end
        return a.index < b.index
    end)
    for i = #rows, o.rows + 1, -1 do rows[i] = nil end
    if flatfish.terminal() and not flatfish.sandbox then io.write("\27[H\27[J") end
    report.table { title = flatfish.where(), rows = rows, columns = {
        { "label", "space" }, { "share", "%", "%.1f" }, { "own", "own" }, { "others", "for others" },
        { "kernel", "kernel for it" }, { "entries", "entries" } } }:print()
    if looks == o.most then flatfish.stop() end
end
flatfish.every(o.every, show)
if args.run() ~= "stopped" then show() end

-- lua-scripts/depth.lua -- a workload at depth 0, 1, 2 ... of a nester: what each layer adds, fitted
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"
local experiment = require "lib.experiment"
local levels = require "lib.levels"
local fit = require "lib.fit"

local o = args.parse(arg, {
    usage = "depth WORKLOAD [OPTION...]",
    text = "Runs the workload below 0, 1, 2 ... copies of a nester and counts the instructions between the\n" ..
        "program's BEGIN 1 and END 1 marks (with --whole: of the whole run), less what the timer's interrupts took,\n" ..
        "which is shown beside: when a tick comes is chance, and one that comes in a fault makes it begin again.\n" ..
        "Prints the slope (instructions for each more layer, with its standard error) and the growth\n" ..
        "(factor for each more layer; 1 = flat). Runs in parallel; results are kept.",
    positional = { "workload" }, needs = 1,
    { "nester", "NAME", "null", "The nester that is stacked." },
    { "depth", "N", 8, "Deepest.", 0 },
    { "whole", nil, false, "Count the whole run, starting and all." },
    table.unpack(report.options),
})
if not o then return end

local depths = {}
for d = 0, o.depth do depths[#depths + 1] = d end

local function run(p)
    local layers = p.depth == 0 and "" or p.depth == 1 and p.nester .. "/" or p.nester .. "*" .. p.depth .. "/"
    assert(flatfish.machine { nest = layers .. p.workload, mem = 512 })
    local before, taken
    local calls = flatfish.count { event = "syscall" }
    local ticks = flatfish.count { event = "interrupt", sum = "stay" }
    local function ticked()
        local row = ticks:rows()[1]
        return row and row.instructions or 0
    end
    if not p.whole then
        flatfish.on("begin", { number = 1 }, function()
            before = flatfish.icount()
            calls:clear()
            ticks:clear()
        end)
        flatfish.on("end", { number = 1 }, function()
            taken = taken or { flatfish.icount() - (before or 0), calls:total(), ticked() }
        end)
    end
    local why = flatfish.run()
    assert(why == "exit" and flatfish.exit_code() == 0,
        ("the run ended by %s, code %d; %s"):format(why, flatfish.exit_code(), args.last_words()))
    if p.whole then taken = { flatfish.icount(), calls:total(), ticked() } end
    assert(taken, "the program has no BEGIN and END marks of region 1: use --whole")
    local _, sum = levels.rows()
    return { instructions = taken[1] - taken[3], ticks = taken[3], calls = taken[2], all = sum }
end

local rows, t = experiment {
    name = "depth", title = ("%s below copies of %s"):format(o.workload, o.nester), run = run,
    sweep = { { "workload", { o.workload } }, { "nester", { o.nester } }, { "whole", { o.whole } }, { "depth", depths } },
}
local points, whole = {}, {}
for i, r in ipairs(rows) do
    points[i], whole[i] = { r.depth, r.instructions }, { r.depth, r.all }
end
local slope, zero, _, error_of = fit.line(points)
t.columns = { { "depth", "depth" }, { "instructions", o.whole and "instructions" or "measured part" },
    { "ticks", "timer ticks" }, { "calls", "kernel calls" }, { "all", "whole run" } }
t.note = ("slope %.2f%s instructions a layer (%.4f %% of depth 0), growth %.6f a layer"):format(slope,
    error_of and (" +- %.2f"):format(error_of) or "", zero ~= 0 and 100 * slope / zero or 0, fit.growth(points))
report.out(t, report.lines { title = t.title, xlabel = "copies of " .. o.nester, ylabel = "instructions",
    series = { { name = "measured part", points = points }, { name = "whole run", points = whole } }, note = t.note }, o)

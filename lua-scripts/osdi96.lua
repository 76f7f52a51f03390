-- lua-scripts/osdi96.lua -- what each nester and each stack of them costs each workload, as measured in 1996
--
-- Every workload runs on the bare root, below each nester, and below stacks that grow by one layer.
-- Counted is the program's measured part (simcall BEGIN 1 .. END 1), exactly; cycles are a model's.
-- A nester that this build does not have, or a program that a stack cannot run, leaves its row empty.
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"
local experiment = require "lib.experiment"
local cost = require "lib.cost"

local o = args.parse(arg, {
    usage = "osdi96 [OPTION...]",
    text = "Runs every workload on the bare root nester, below each nester, and below stacks of them, and counts the\n" ..
        "instructions between the program's BEGIN 1 and END 1 marks, less what the timer's interrupts took.\n" ..
        "Slowdowns are against the bare root; for programs that need a process manager, against procmgr alone.",
    { "cost", "MODEL", "ppro-1996", "Cost model of the modelled cycles (lua-scripts/cost/)." },
    { "only", "NAME", nil, "This workload alone." },
    { "out", "PREFIX", nil, "Write PREFIX.csv, PREFIX.md, PREFIX.svg and PREFIX.png." },
})
if not o then return end

-- `process`: needs a process manager in the nest.
local workloads = {
    { name = "compute", nest = "compute(n=30000)" },
    { name = "memtest", nest = "memtest" },
    { name = "allocation", nest = "allocation" },
    { name = "readtest", nest = "readtest" },
    { name = "readtest4k", nest = "readtest(chunk=4096)" },
    { name = "ipcbench", nest = "ipcbench" },
    { name = "appel1", nest = "appel1" },
    { name = "appel2", nest = "appel2" },
    { name = "hello", nest = "hello(times=200)" },
    { name = "forktest", nest = "forktest(times=4)", process = true },
    { name = "mk", nest = "mk", process = true },
}

local there = {}
for i, w in ipairs(workloads) do there[i], there[w.name] = w.name, true end
if o.only and not there[o.only] then
    return args.wrong(("--only: no workload is called '%s'; there are: %s"):format(o.only, table.concat(there, " ")))
end

local KINDS = { "syscall", "sysret", "exception", "iret", "int", "cr3" } -- that cost more than an instruction

-- Frames are enough for every workload here: what paging itself costs is the pager's own experiment.
-- The checkpointer waits for a time that does not come: this is the price between checkpoints.
-- `process`: the program is a process of a manager, which only the one directly below it is; `only`: run no others.
local PAGER, TRACER = "pager(frames=4096)/", 'tracer(to="/log")/'
local CKPT = 'ckpt(to="/saved",at=900000000000,size=16m)/'
local stacks = {
    { name = "bare", nest = "" },
    { name = "null", nest = "null/" },
    { name = "null*8", nest = "null*8/" },
    { name = "procmgr", nest = "procmgr/", process = true },
    { name = "pager", nest = PAGER },
    { name = "tracer", nest = TRACER },
    { name = "ckpt", nest = CKPT },
    { name = "pager/tracer", nest = PAGER .. TRACER },
    { name = "pager/tracer/ckpt", nest = PAGER .. TRACER .. CKPT },
    { name = "procmgr/pager", nest = "procmgr/" .. PAGER },
    { name = "procmgr/pager/tracer", nest = "procmgr/" .. PAGER .. TRACER },
    { name = "procmgr/pager/tracer/ckpt", nest = "procmgr/" .. PAGER .. TRACER .. CKPT },
    { name = "pager/procmgr", nest = PAGER .. "procmgr/", process = true, only = true },
    { name = "tracer/procmgr", nest = TRACER .. "procmgr/", process = true, only = true },
    { name = "ckpt/procmgr", nest = CKPT .. "procmgr/", process = true, only = true },
    { name = "pager/tracer/ckpt/procmgr", nest = PAGER .. TRACER .. CKPT .. "procmgr/", process = true, only = true },
}

-- ---- which of them this build has ----

local programs = {}
do
    local tar = assert(io.open(assert(flatfish.path("kernel", "nests.tar")), "rb"))
    for name in tar:read("a"):gmatch("bin/([%w_.-]+)\0") do programs[name] = true end
    tar:close()
end

local function is_there(nest)
    for name in nest:gsub("%b()", ""):gsub("%*%d+", ""):gmatch("[^/]+") do
        if not programs[name] then return false end
    end
    return true
end

local function by_name(list, name)
    for _, entry in ipairs(list) do
        if entry.name == name then return entry end
    end
end

local function names(list, keep)
    local out = {}
    for _, entry in ipairs(list) do
        if keep(entry) then out[#out + 1] = entry.name end
    end
    return out
end

-- ---- one run ----

local function nest_of(p) return by_name(stacks, p.stack).nest .. by_name(workloads, p.workload).nest end

local function measured(result, kinds, ticks)
    local tick = ticks:rows()[1]
    result.ticks = tick and tick.n or 0
    result.instructions = flatfish.icount() - result.began - (tick and tick.instructions or 0)
    for _, row in ipairs(kinds:rows()) do result[row.kind] = row.n end
end

local function run(p)
    local nest, result = nest_of(p), {}
    local stack = by_name(stacks, p.stack)
    if by_name(workloads, p.workload).process then
        if not stack.process then return {} end
    elseif stack.only then
        return {}
    end
    assert(flatfish.machine { nest = nest, mem = 256 })
    local kinds = flatfish.count { by = { "kind" },
        where = { kind = KINDS } }
    local ticks = flatfish.count { event = "interrupt", sum = "stay" }
    flatfish.on("begin", { number = 1 }, function()
        result.began = result.began or flatfish.icount()
        kinds:clear()
        ticks:clear()
    end)
    flatfish.on("end", { number = 1 }, function() measured(result, kinds, ticks) end)
    local why = flatfish.run()
    assert(why == "exit" and flatfish.exit_code() == 0 and result.instructions,
        ("%s ended by %s, code %s: %s"):format(nest, why, flatfish.exit_code(), flatfish.console():sub(-300)))
    result.began = nil
    return result
end

-- ---- all of them ----

local rows, t = experiment {
    name = "osdi96",
    sweep = {
        { "workload", names(workloads, function(w)
            return is_there(w.nest) and (not o.only or w.name == o.only)
        end) },
        { "stack", names(stacks, function(s) return is_there(s.nest) end) },
    },
    columns = { "instructions" },
    run = run,
}

local model, base = cost.load(o.cost), {}

local function events_of(row)
    local events = {}
    for _, kind in ipairs(KINDS) do events[kind] = row[kind] or 0 end
    events.iret = math.max(0, events.iret - row.ticks) -- the way back from a tick is not counted, either
    return events
end

for _, r in ipairs(rows) do
    if r.instructions then
        r.nest = nest_of(r)
        r.cycles = math.floor(model:cycles(r.instructions, events_of(r), true))
        r.calls = r.syscall or 0
        base[r.workload] = base[r.workload] or r
        r.slowdown = 100 * (r.instructions / base[r.workload].instructions - 1)
        r.modelled = 100 * (r.cycles / base[r.workload].cycles - 1)
        r.against = base[r.workload].stack
    end
end

local measured_rows = {}
for _, r in ipairs(rows) do
    if r.instructions then measured_rows[#measured_rows + 1] = r end
end
local all = report.table { title = "What layers cost", rows = measured_rows,
    note = model:says(true) .. "; slowdown in per cent of the row `against`", columns = {
        { "workload", "workload" }, { "stack", "stack" }, { "instructions", "instructions" },
        { "calls", "kernel calls" }, { "ticks", "timer ticks" }, { "cycles", "modelled cycles" },
        { "slowdown", "slowdown %", "%.2f" }, { "modelled", "in cycles %", "%.2f" }, { "against", "against" },
        { "nest", "nest" } } }

-- ---- the picture: a group a workload, a bar a stack ----

local function pivot(key)
    local columns, out, series, seen = { { "workload", "workload" } }, {}, {}, {}
    for _, r in ipairs(measured_rows) do
        if not out[r.workload] then
            out[#out + 1] = { workload = r.workload }
            out[r.workload] = out[#out]
        end
        out[r.workload][r.stack] = r[key]
    end
    for _, s in ipairs(stacks) do
        local values, any = {}, false
        for i, row in ipairs(out) do
            values[i] = math.max(0, row[s.name] or 0)
            any = any or row[s.name] ~= nil
        end
        if any and s.name ~= "bare" then
            columns[#columns + 1] = { s.name, s.name, "%.2f" }
            series[#series + 1] = { name = s.name, values = values }
        end
    end
    for i, row in ipairs(out) do seen[i] = row.workload end
    return columns, out, series, seen
end

local columns, pivot_rows, series, groups = pivot("slowdown")
local summary = report.table { title = "Slowdown in per cent, by exact instructions", columns = columns,
    rows = pivot_rows, note = "against the bare root; forktest and mk against procmgr alone. Empty: cannot run there." }
local chart = report.bars { title = "Slowdown of each workload below each stack", names = groups, series = series,
    width = 1280, height = 560, ylabel = "per cent more instructions", xlabel = "workload",
    note = "exact instructions of the measured part, against the bare root (forktest, mk: against procmgr)" }

summary:print()
print()
all:print()
if flatfish.settings.csv then assert(flatfish.write(flatfish.settings.csv, all:csv())) end
if o.out then
    assert(flatfish.write(o.out .. ".csv", all:csv()))
    assert(flatfish.write(o.out .. ".md", summary:markdown() .. "\n" .. all:markdown()))
    chart:save(o.out .. ".svg")
    chart:save(o.out .. ".png")
    print(("written: %s.csv, .md, .svg, .png"):format(o.out))
end

-- lua-scripts/overhead.lua -- what each level of a nest costs: an exact table, and a picture
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"
local cost = require "lib.cost"
local levels = require "lib.levels"

local o = args.parse(arg, {
    usage = "overhead NEST [OPTION...]",
    text = "Runs the nest (or a guest: pingpong, spaces, ...) and charges every instruction to the space\n" ..
        "that ran it: its own work, work for others (a server on a client's time), and the kernel's work\n" ..
        "on its behalf. With --measured only what ran between the program's BEGIN and END marks counts.",
    positional = { "nest" }, needs = 1,
    { "cost", "MODEL", "x86-2020s", "Prices for modelled cycles, a name of lua-scripts/cost." },
    { "tlb", nil, false, "Price the TLB refills after each change of address space, too." },
    { "observe", nil, false, "Count instructions by class and TLB misses, and price those (slower)." },
    { "append", "TEXT", nil, "Words for the kernel or guest, as n=1000." },
    { "measured", nil, false, "Only between simcalls BEGIN 1 and END 1." },
    table.unpack(report.options),
})
if not o or not args.machine(o.nest, { append = o.append }) then return end

local model = cost.load(o.cost)
if o.observe and (o.measured or o.tlb) then
    error("--observe is for the whole run and counts TLB misses itself: leave out --measured and --tlb", 0)
end
if o.observe then flatfish.observe(model:observing()) end
local before, at_end
local events = flatfish.count { by = { "behalf_index", "kind" } }
if o.measured then
    flatfish.on("begin", { number = 1 }, function() before = levels.now() events:clear() end)
    flatfish.on("end", { number = 1 }, function()
        at_end = { levels.rows(before) }
        at_end[3] = events:rows()
    end)
end
local why = flatfish.run()
if o.measured and not at_end then
    error("the program has no BEGIN and END marks of region 1: leave out --measured", 0)
end
local rows, sum, counted
if at_end then
    rows, sum, counted = at_end[1], at_end[2], at_end[3]
else
    rows, sum = levels.rows()
    counted = events:rows()
end

local by_space = {}
for _, r in ipairs(counted) do
    local e = by_space[r.behalf_index] or {}
    by_space[r.behalf_index], e[r.kind] = e, r.n
end
local seen, classes = {}, {} -- observed, by the row that levels.rows() charges it to
for _, r in ipairs(o.observe and flatfish.observed() or {}) do
    local index = r.user and r.index or r.behalf_index
    local at = seen[index] or { class = {}, misses = 0 }
    seen[index], at.misses = at, at.misses + r.data_misses + r.code_misses
    for class, n in pairs(r.class) do
        at.class[class] = (at.class[class] or 0) + n
        classes[class] = true
    end
end
for _, row in ipairs(rows) do
    local n, kinds = 0, {}
    for index in pairs(row.spaces) do
        for kind, count in pairs(by_space[index] or {}) do
            n, kinds[kind] = n + count, (kinds[kind] or 0) + count
        end
    end
    row.events = n
    local look = o.observe and { class = {}, misses = 0 }
    for index in pairs(look and row.spaces or {}) do
        look.misses = look.misses + (seen[index] and seen[index].misses or 0)
        for class, count in pairs(seen[index] and seen[index].class or {}) do
            look.class[class] = (look.class[class] or 0) + count
        end
    end
    local cycles = look and model:observed(look.class, look.misses, kinds) or
        model:cycles(row.total, kinds, o.tlb)
    row.cycles, row.misses = math.floor(cycles + 0.5), look and look.misses
    for class, count in pairs(look and look.class or {}) do row["class_" .. class] = count end
end
rows[#rows + 1] = { label = "sum", total = sum, share = 100.0 }

local names, own, others, kernel = {}, {}, {}, {}
for i = 1, #rows - 1 do
    local r = rows[i]
    names[i], own[i], others[i], kernel[i] = r.label, r.own, r.others, r.kernel
end
local columns = { { "label", "space" }, { "own", "own" }, { "others", "for others" },
    { "kernel", "kernel for it" }, { "total", "instructions" }, { "share", "%", "%.1f" },
    { "events", "crossings" } }
if o.observe then
    local names = {}
    for class in pairs(classes) do names[#names + 1] = class end
    table.sort(names)
    for _, class in ipairs(names) do columns[#columns + 1] = { "class_" .. class, class } end
    columns[#columns + 1] = { "misses", "TLB misses" }
end
columns[#columns + 1] = { "cycles", "cycles" }
report.out(report.table {
    title = ("%s: %s, %s"):format(o.nest, why == "exit" and "exit code " .. flatfish.exit_code() or why,
        at_end and "measured part" or "the whole run"),
    columns = columns, rows = rows, note = o.observe and model:says_observed() or model:says(o.tlb),
}, report.bars {
    title = "Where the instructions went: " .. o.nest, names = names, stacked = true,
    ylabel = "instructions", xlabel = "space",
    series = { { name = "own work", values = own }, { name = "for others", values = others },
        { name = "kernel on its behalf", values = kernel } },
}, o)

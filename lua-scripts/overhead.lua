-- lua-scripts/overhead.lua -- what each level of a nest costs: an exact table, and a picture
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"
local cost = require "lib.cost"
local levels = require "lib.levels"
local observed = require "lib.observed"

local o = args.parse(arg, {
    usage = "overhead NEST [OPTION...]",
    text = "Runs the nest (or a guest: pingpong, spaces, ...) and charges every instruction to the space\n" ..
        "that ran it: its own work, work for others (a server on a client's time), and the kernel's work\n" ..
        "on its behalf. With --measured only what ran between the program's BEGIN and END marks counts.",
    positional = { "nest" }, needs = 1,
    { "cost", "MODEL", "x86-2020s", "Prices for modelled cycles, a name of lua-scripts/cost." },
    { "tlb", nil, false, "Price the TLB refills after each change of address space, too: an estimate." },
    { "observe", nil, false, "Count instructions by class and TLB misses, and price those (slower)." },
    { "caches", nil, false, "As --observe, and count and price cache misses (slower still)." },
    { "append", "TEXT", nil, "Words for the kernel or guest, as n=1000." },
    { "measured", nil, false, "Only between simcalls BEGIN 1 and END 1." },
    table.unpack(report.options),
})
if not o then return end
o.observe = o.observe or o.caches
if o.observe and o.tlb then
    return args.wrong("--tlb estimates what --observe counts: give one of them")
end
local model = cost.load(o.cost)
if not args.machine(o.nest, { append = o.append }) then return end

-- ---- counting: the whole run, or from mark to mark ----

if o.observe then flatfish.observe(model:observing(o.caches)) end
local events = flatfish.count { by = { "behalf_index", "kind" } }
local before, seen_before, part

local function counted()
    local rows, sum = levels.rows(before)
    return { rows = rows, sum = sum, events = events:rows(),
        seen = o.observe and observed.minus(observed.now(), seen_before or {}) }
end

if o.measured then
    flatfish.on("begin", { number = 1 }, function()
        before, seen_before = levels.now(), o.observe and observed.now()
        events:clear()
    end)
    flatfish.on("end", { number = 1 }, function() part = before and counted() end)
end
local why = args.run()
if o.measured and not part then
    return args.fail("the program has no BEGIN and END marks of region 1: leave out --measured")
end
part = part or counted()

-- ---- rows: events, classes, misses and cycles of each space ----

local by_space, classes = {}, {}
for _, r in ipairs(part.events) do
    local e = by_space[r.behalf_index] or {}
    by_space[r.behalf_index], e[r.kind] = e, r.n
end

local function events_of(row)
    local n, kinds = 0, {}
    for index in pairs(row.spaces) do
        for kind, count in pairs(by_space[index] or {}) do
            n, kinds[kind] = n + count, (kinds[kind] or 0) + count
        end
    end
    return n, kinds
end

local function look(row, kinds)
    local sum = observed.nothing()
    for index in pairs(row.spaces) do
        if part.seen[index] then observed.add(sum, part.seen[index]) end
    end
    for class, n in pairs(sum.class) do
        row["class_" .. class] = n
        classes[class] = classes[class] or n > 0
    end
    row.tlb = sum.missed.data_tlb and sum.missed.data_tlb + sum.missed.code_tlb or 0
    row.cache = sum.missed.data_cache and sum.missed.data_cache + sum.missed.code_cache or 0
    row.second = sum.missed.second_cache or 0
    return model:observed(sum.class, sum.missed, kinds)
end

local rows = part.rows
for _, row in ipairs(rows) do
    local kinds
    row.events, kinds = events_of(row)
    local cycles = o.observe and look(row, kinds) or model:cycles(row.total, kinds, o.tlb)
    row.cycles = math.floor(cycles + 0.5)
end

-- ---- table and picture ----

local names, own, others, kernel = {}, {}, {}, {}
for i, r in ipairs(rows) do
    names[i], own[i], others[i], kernel[i] = r.label, r.own, r.others, r.kernel
end
local columns = { { "label", "space" }, { "own", "own" }, { "others", "for others" },
    { "kernel", "kernel for it" }, { "total", "instructions" }, { "share", "%", "%.1f" },
    { "events", "crossings" } }
local more = {}
for class in pairs(classes) do more[#more + 1] = classes[class] and class or nil end
table.sort(more)
for _, class in ipairs(more) do columns[#columns + 1] = { "class_" .. class, class } end
if o.observe then columns[#columns + 1] = { "tlb", "TLB misses" } end
if o.caches then
    columns[#columns + 1] = { "cache", "cache misses" }
    columns[#columns + 1] = { "second", "2nd cache's" }
end
columns[#columns + 1] = { "cycles", "cycles" }

local sum = { label = "sum", share = 100.0 }
for _, column in ipairs(columns) do
    local key = column[1]
    for _, row in ipairs(key ~= "label" and key ~= "share" and rows or {}) do
        sum[key] = (sum[key] or 0) + (row[key] or 0)
    end
end
assert(sum.total == part.sum)
rows[#rows + 1] = sum

report.out(report.table {
    title = ("%s: %s, %s"):format(o.nest, why == "exit" and "exit code " .. flatfish.exit_code() or why,
        o.measured and "measured part" or "the whole run"),
    columns = columns, rows = rows, note = o.observe and model:says_observed(o.caches) or model:says(o.tlb),
}, report.bars {
    title = "Where the instructions went: " .. o.nest, names = names, stacked = true,
    ylabel = "instructions", xlabel = "space",
    series = { { name = "own work", values = own }, { name = "for others", values = others },
        { name = "kernel on its behalf", values = kernel } },
}, o)

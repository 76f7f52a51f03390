-- labs/05-cost/check.lua -- the student's script runs in the sandbox beside nests that it has not seen; what it says is compared with
-- an account of our own of the very same run. A script that prints what it likes gains nothing: the numbers must be right.
-- SPDX-License-Identifier: MIT
local levels = require "lib.levels"

-- What the script says beside `nest`: {name = number} of its lines `name = number`.
local function says(t, nest, ...)
    local code, out = t:script("cost.lua", nest, ...)
    t:need(code == 0, "the script failed: %s", out:match("flatfish: ([^\n]+)") or ("exit code " .. code))
    local said = {}
    for name, value in out:gmatch("([%w_]+) = (%-?[%d.]+)") do said[name] = tonumber(value) end
    return said
end

local function near(t, said, name, truth, slack)
    t:need(said[name], "it printed no line '%s = NUMBER'", name)
    t:need(math.abs(said[name] - truth) <= slack, "%s = %s is not what the account says", name, tostring(said[name]))
end

local function innermost()
    local rows, deepest = (levels.rows()), nil
    for _, row in ipairs(rows) do
        if not deepest or row.level > deepest.level then deepest = row end
    end
    return deepest
end

-- Faults of the innermost program, and the mean number of instructions until the same thread runs on.
local function measure_faults(t, nest)
    t:nest(nest)
    local open, n, sum = {}, 0, 0
    local level = select(2, nest:gsub("/", "")) + 2
    flatfish.on("pagefault", { from_user = true, level = level }, function(e) open[e.thread] = open[e.thread] or e.icount end)
    flatfish.on("crossing", { to_user = true, to_level = level }, function(e)
        if open[e.thread] then
            n, sum, open[e.thread] = n + 1, sum + e.icount - open[e.thread], nil
        end
    end)
    t:run()
    return n, sum
end

local function share(t, nest)
    local said = says(t, nest)
    t:nest(nest)
    t:run()
    local row = innermost()
    near(t, said, "own", row.own, 0)
    near(t, said, "kernel", row.kernel, 0)
end

local function faults(t, nest)
    local said = says(t, nest)
    local n, sum = measure_faults(t, nest)
    near(t, said, "faults", n, 0)
    if n > 0 then near(t, said, "per_fault", sum / n, 1) end
end

-- How often memtest(mib=1,passes=P), which walks P + 2 times, must wait for a page of its block is asked of the run itself.
local function predicts(t, frames, passes)
    local nest = ("pager(frames=%d,policy=fifo)/memtest(mib=1,passes=%d)"):format(frames, passes)
    local said = says(t, "hello", "predict", "256", tostring(frames), tostring(passes + 2))
    t:nest(nest)
    local brought, wanted = 0, {}
    flatfish.on("pagefault", { from_user = true, level = 3 }, function(e)
        if e.addr >= 0x10010000 and e.addr < 0x10110000 and wanted[1] ~= e.addr then brought, wanted[1] = brought + 1, e.addr end
    end)
    t:run()
    near(t, said, "predicted", brought, brought * 0.02)
end

return {
    title = "What does a layer cost?",
    brief = "write the Lua experiment; predict, measure, explain",
    hours = 3,
    files = { "cost.lua" },
    checks = {
        { id = "own", points = 15, reads = { "cost.lua" }, text = "what the innermost program runs itself, and the kernel for it",
            hint = "flatfish.charge(): rows with its `index` as space, and rows of the kernel with it as `behalf_index`",
            run = function(t) share(t, "null/compute(n=700)") end },
        { id = "own-deep", points = 15, reads = { "cost.lua" }, text = "the same, five levels deeper, through a pager",
            hint = "the innermost space is the one of the highest level, whatever that is",
            run = function(t) share(t, "null*2/pager(frames=300)/null*2/memtest(mib=1,passes=1)") end },
        { id = "faults", points = 20, reads = { "cost.lua" }, text = "page faults of the innermost program, and what one costs on the average",
            hint = "from the fault to the moment at which the same thread is back at its own level; a fault within is not a second one",
            run = function(t) faults(t, "pager(frames=80,policy=fifo)/memtest(mib=1,passes=2)") end },
        { id = "faults-deep", points = 20, reads = { "cost.lua" }, text = "the same with a null on both sides of the pager",
            hint = "is it the level of the program that you look for, or the number 3?",
            run = function(t) faults(t, "null/pager(frames=120,policy=clock)/null/memtest(mib=1,passes=1)") end },
        { id = "predict", points = 15, reads = { "cost.lua" }, text = "faults of a walk through 256 pages, foretold for few frames",
            hint = "FIFO and a walk in order: what has just gone is what is needed next",
            run = function(t) predicts(t, 100, 2) end },
        { id = "predict-fits", points = 15, after = "predict", reads = { "cost.lua" }, text = "and foretold for so many that all fit",
            hint = "a page that is there does not come again",
            run = function(t) predicts(t, 400, 3) end },
    },
}

-- lua-scripts/faultpath.lua -- one page fault followed through all layers, with the cost of each leg
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"
local legs = require "lib.legs"

local o = args.parse(arg, {
    usage = "faultpath NEST [OPTION...]",
    text = "Follows control from a faulting instruction until the same thread runs it again: each leg, who ran, why\n" ..
        "control passed on, and how many instructions it took. Of all page faults it shows the first one in which\n" ..
        "most spaces of the deepest level's had a part; --nth and --longest choose another.",
    positional = { "nest" }, needs = 1,
    { "append", "TEXT", nil, "Words for the kernel or guest." },
    { "nth", "N", 0, "The Nth fault instead, from 1 (of those that --level lets through).", 0 },
    { "level", "N", -1, "Only faults of this level; -1 = of any." },
    { "longest", nil, false, "The fault with the most legs instead." },
    table.unpack(report.options),
})
if not o or not args.machine(o.nest, { append = o.append }) then return end
local LEGS = 5000 -- a fault that takes more is not followed: its thread never comes back

local open, best
local seen = 0

local function begins(e)
    if e.kind ~= "exception" or e.vector ~= 14 or not e.from_user then return end
    if o.level >= 0 and e.level ~= o.level then return end
    seen = seen + 1
    if o.nth > 0 and seen ~= o.nth then return end
    return { at = e.icount, addr = e.addr, thread = e.thread, space = e.from_index, level = e.level,
        who = legs.label(e.from_level, e.from), legs = {} }
end

local function better(a, b)
    if not b then return true end
    if o.longest then return #a.legs > #b.legs end
    if a.level ~= b.level then return a.level > b.level end
    return a.spaces > b.spaces
end

local function ends(till)
    local who = {}
    open.till, open.spaces = till, 0
    for _, leg in ipairs(open.legs) do
        open.spaces = open.spaces + (who[leg.who] and 0 or 1)
        who[leg.who] = true
    end
    if better(open, best) then best = open end
    open = nil
    if o.nth > 0 then flatfish.stop() end
end

flatfish.on("crossing", function(e)
    if not open then
        open = begins(e)
        if not open then return end
    elseif e.to_user and e.to_index == open.space and (e.thread == open.thread or e.thread == 0) then
        return ends(e.icount)
    end
    legs.add(open.legs, e)
    if #open.legs > LEGS then open = nil end
end)
args.run()
if not best then
    return args.fail(seen == 0 and "no page fault of a program in this run" or
        ("no such page fault in this run: %d of programs were seen"):format(seen))
end
legs.show(best, {
    title = ("fault of %s at 0x%x: %d instructions in %d leg%s, from instruction %d"):format(best.who, best.addr,
        best.till - best.at, #best.legs, #best.legs == 1 and "" or "s", best.at),
    picture = ("A page fault of %s, leg by leg"):format(best.who), xlabel = "instructions since the fault", places = true,
}, o)

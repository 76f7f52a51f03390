-- lua-scripts/faultpath.lua -- one page fault followed through all layers, with the cost of each leg
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"

local o = args.parse(arg, {
    usage = "faultpath NEST [OPTION...]",
    text = "Takes the page fault that --nth chooses (of those that --level lets through), and follows control\n" ..
        "from the faulting instruction until the same thread runs it again: each leg, who ran, why control\n" ..
        "passed on, and how many instructions it took.",
    positional = { "nest" }, needs = 1,
    { "append", "TEXT", nil, "Words for the kernel or guest." },
    { "nth", "N", 1, "Which fault, from 1." },
    { "level", "N", -1, "Only faults of this level (the deepest seen last when not given)." },
    { "longest", nil, false, "The fault with the most legs instead." },
    table.unpack(report.options),
})
if not o or not args.machine(o.nest, { append = o.append }) then return end

-- Everything from each fault on, until the faulting address runs again in the same space.
local open, seen, best
local function domain(level, name) return level > 0 and ("L%d %s"):format(level, name) or name end
flatfish.on("crossing", function(e)
    local kind = e.kind
    if not open then
        if kind ~= "exception" or e.vector ~= 14 or not e.from_user then return end
        if o.level >= 0 and e.level ~= o.level then return end
        seen = (seen or 0) + 1
        if not o.longest and seen ~= o.nth then return end
        open = { at = e.icount, addr = e.addr, rip = flatfish.regs.rip, thread = e.thread, space = e.from_index,
            who = domain(e.from_level, e.from), legs = {} }
    elseif e.to_user and e.to_index == open.space and
        (e.thread == open.thread or e.thread == 0) then
        open.till = e.icount
        open.legs[#open.legs].till = e.icount
        if not best or #open.legs > #best.legs then best = open end
        open = nil
        if not o.longest then flatfish.stop() end
        return
    end
    local leg = open.legs[#open.legs]
    if leg then leg.till = e.icount end
    open.legs[#open.legs + 1] = { from = e.icount, reason = e.reason, who = domain(e.to_level, e.to),
        place = flatfish.symbol(flatfish.regs.rip, (e.to_user or kind == "exception") and flatfish.space() or "kernel") or "" }
    if #open.legs > 5000 then open = nil end
end)
flatfish.run()
if not best then error("no such page fault in this run (faults seen: " .. (seen or 0) .. ")", 0) end

local lanes, lane_of, spans = {}, {}, {}
for i, leg in ipairs(best.legs) do
    leg.n, leg.instructions = i, leg.till - leg.from
    if not lane_of[leg.who] then
        lanes[#lanes + 1] = leg.who
        lane_of[leg.who] = #lanes
    end
    spans[i] = { lane = lane_of[leg.who], from = leg.from - best.at, to = leg.till - best.at, label = leg.reason }
end
report.out(report.table {
    title = ("fault of %s at 0x%x: %d instructions in %d legs, from instruction %d"):format(best.who, best.addr,
        best.till - best.at, #best.legs, best.at),
    columns = { { "n", "leg" }, { "reason", "by" }, { "who", "runs" }, { "place", "at" },
        { "instructions", "instructions" } },
    rows = best.legs,
}, report.lanes { title = ("A page fault of %s, leg by leg"):format(best.who), lanes = lanes, spans = spans,
    xlabel = "instructions since the fault" }, o)

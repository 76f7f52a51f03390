-- lua-scripts/ipc.lua -- what one remote call costs, leg by leg
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"
local legs = require "lib.legs"

local o = args.parse(arg, {
    usage = "ipc NEST [OPTION...]",
    text = "A remote call is taken from a client's IPC call to its return to the client's user mode. All are\n" ..
        "counted by (client, call); the legs shown are those of the --nth call that reached a server.",
    positional = { "nest" }, needs = 1,
    { "append", "TEXT", nil, "Words for the kernel." },
    { "nth", "N", 10, "Which call's legs to show.", 1 },
    { "level", "N", -1, "Only clients of this level." },
    table.unpack(report.options),
})
if not o or not args.machine(o.nest, { append = o.append }) then return end

local open, all, shown, n = {}, {}, nil, 0

local function finish(call, at)
    local key = call.who .. "\0" .. call.call
    local row = all[key] or { who = call.who, call = call.call, n = 0, sum = 0, least = math.maxinteger, most = 0 }
    local cost = at - call.at
    all[key] = row
    row.n, row.sum = row.n + 1, row.sum + cost
    row.least, row.most = math.min(row.least, cost), math.max(row.most, cost)
    if call.served then
        n = n + 1
        if n == o.nth or (not shown and n < o.nth) then shown = call end
    end
    call.till = at
end

flatfish.on("crossing", function(e)
    local to_user, thread = e.to_user, e.thread
    for _, call in pairs(open) do
        if #call.legs < 200 then
            call.legs[#call.legs + 1] = { from = e.icount, reason = e.reason, who = legs.label(e.to_level, e.to) }
        end
        if to_user and e.to_index ~= call.space then
            local m = not call.served and flatfish.message() or {}
            if m.operation then call.call = m.protocol .. "." .. m.operation end
            call.served = true
        end
    end
    if to_user and open[thread] and open[thread].space == e.to_index then
        local call = open[thread]
        open[thread] = nil
        call.legs[#call.legs] = nil
        finish(call, e.icount)
    elseif e.kind == "syscall" and e.number >= 0x200 and e.number < 0x400 and e.number & 0x80 == 0 and
        (o.level < 0 or e.level == o.level) then
        open[thread] = { at = e.icount, who = legs.label(e.from_level, e.from), call = e.call, space = e.from_index,
            legs = { { from = e.icount, reason = e.reason, who = "kernel" } } }
    end
end)
args.run()

local rows = {}
for _, row in pairs(all) do
    row.mean = row.sum / row.n
    rows[#rows + 1] = row
end
table.sort(rows, function(a, b)
    if a.sum ~= b.sum then return a.sum > b.sum end
    return a.who .. a.call < b.who .. b.call
end)
report.table { title = o.nest .. ": remote calls, instructions from the call to the return", rows = rows,
    columns = { { "who", "client" }, { "call", "call" }, { "n", "times" }, { "least", "least" },
        { "mean", "mean", "%.1f" }, { "most", "most" }, { "sum", "in all" } } }:print()
if not shown then return args.fail("no remote call reached a server in this run") end
print()
legs.show(shown, { title = ("%s of %s, leg by leg: %d instructions"):format(shown.call, shown.who, shown.till - shown.at),
    picture = ("%s of %s"):format(shown.call, shown.who), xlabel = "instructions since the call" }, o)

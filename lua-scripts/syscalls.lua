-- lua-scripts/syscalls.lua -- the kernel calls of every level at once, as they happen or counted
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"

local o = args.parse(arg, {
    usage = "syscalls NEST [OPTION...]",
    text = "Without --count: a line a call, in the order in which they are made, indented by level: when, who,\n" ..
        "which call, its first arguments, and where it was made. With --count: a table.",
    positional = { "nest" }, needs = 1,
    { "append", "TEXT", nil, "Words for the kernel or guest." },
    { "level", "N", -1, "Only this level." },
    { "call", "NAME", nil, "Only this call." },
    { "from", "N", 0, "Only after so many instructions." },
    { "most", "N", 1000, "Stop after so many lines." },
    { "count", nil, false, "Count them instead." },
    table.unpack(report.options),
})
if not o or not args.machine(o.nest, { append = o.append }) then return end

local where = { icount = { min = o.from } }
if o.level >= 0 then where.level = o.level end
if o.call then where.call = o.call end
if o.count then
    local c = flatfish.count { by = { "level", "space", "call" }, event = "syscall", where = where }
    flatfish.run()
    report.out(report.table { title = o.nest .. ": kernel calls", rows = c:rows(), columns = { { "level", "level" },
        { "space", "space" }, { "call", "call" }, { "n", "times" } } }, nil, o)
    return
end

local lines = 0
flatfish.on("syscall", where, function(e)
    local r = flatfish.regs
    local place = flatfish.symbol(e.addr, flatfish.space()) or ("0x%x"):format(e.addr)
    print(("%12d %sL%d %s: %s(0x%x, 0x%x, 0x%x) at %s"):format(e.icount, ("  "):rep(e.level), e.level,
        e.space, e.call ~= "" and e.call or e.number, r.rdi, r.rsi, r.rdx, place))
    lines = lines + 1
    if lines == o.most then flatfish.stop() end
end)
flatfish.run()

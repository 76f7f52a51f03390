-- lua-scripts/syscalls.lua -- the kernel calls of every level at once, as they happen or counted
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"

local o = args.parse(arg, {
    usage = "syscalls NEST [OPTION...]",
    text = "Without --count: a line a call, in the order in which they are made, indented by level: when, who, which\n" ..
        "call, its arguments, what it answered, and where it was made. A call that has not returned when another\n" ..
        "is made is unfinished, and resumed later; what a server was given is shown by its protocol's name. With\n" ..
        "--count: a table.",
    positional = { "nest" }, needs = 1,
    { "append", "TEXT", nil, "Words for the kernel or guest." },
    { "level", "N", -1, "Only this level." },
    { "call", "NAME", nil, "Only this call." },
    { "from", "N", 0, "Only after so many instructions.", 0 },
    { "most", "N", 1000, "Stop after so many calls.", 1 },
    { "count", nil, false, "Count them instead." },
    table.unpack(report.options),
})
if not o or not args.machine(o.nest, { append = o.append }) then return end

local where = { icount = { min = o.from }, kind = { "syscall", "sysenter", "int" }, from_user = true }
if o.level >= 0 then where.level = o.level end
if o.call then where.call = o.call end

-- Another kernel's calls have numbers only.
local function name_of(e)
    if e.call ~= "" then return e.call end
    return ("%s 0x%x"):format(e.kind == "int" and "int" or "call", e.number)
end

if o.count then
    local c = flatfish.count { by = { "level", "space", "kind", "call", "number" }, where = where }
    args.run()
    local rows = c:rows()
    for _, r in ipairs(rows) do r.call = name_of(r) end
    report.out(report.table { title = o.nest .. ": kernel calls", rows = rows, columns = { { "level", "level" },
        { "space", "space" }, { "call", "call" }, { "n", "times" } } }, nil, o)
    return
end

-- ---- a line a call ----

local registers = { "rdi", "rsi", "rdx", "r10", "r8", "r9" }
local unfinished, pending = nil, {} -- the call whose line is open; calls by thread

-- By their names where the kernel is ours; else the first three.
local function arguments(known, number)
    local out = {}
    for i, name in ipairs(known and flatfish.call(number).params or { "rdi", "rsi", "rdx" }) do
        out[i] = ("%s=0x%x"):format(name, flatfish.regs[registers[i]])
    end
    return table.concat(out, ", ")
end

local function prefix(icount, call)
    return ("%12d %sL%d %s: "):format(icount, ("  "):rep(call.level), call.level, call.space)
end

local function break_line()
    if unfinished then print(unfinished.line .. " <unfinished>") end
    unfinished = nil
end

local lines = 0
flatfish.on("crossing", where, function(e)
    break_line()
    lines = lines + 1
    if lines > o.most then return flatfish.stop() end
    local place = flatfish.symbol(e.addr, flatfish.space()) or ("0x%x"):format(e.addr)
    local call = { level = e.level, space = e.space, index = e.from_index,
        known = e.call ~= "", name = name_of(e), place = place }
    call.line = prefix(e.icount, call) .. call.name .. "(" .. arguments(call.known, e.number) .. ")"
    unfinished, pending[e.thread] = call, call
end)

local function answer(call)
    local rax = flatfish.regs.rax
    if not call.known then return (" = 0x%x"):format(rax) end
    local message = flatfish.message()
    local text = flatfish.answer(rax) or ("0x%x"):format(rax)
    return " = " .. text .. (message.operation and (": %s.%s"):format(message.protocol, message.operation) or "")
end

flatfish.on("crossing", { to_user = true }, function(e)
    local call = pending[e.thread]
    if not call or call.index ~= e.to_index then return end
    pending[e.thread] = nil
    if call == unfinished then
        print(call.line .. answer(call) .. " at " .. call.place)
        unfinished = nil
    else
        break_line()
        print(prefix(e.icount, call) .. call.name .. " resumed" .. answer(call) .. " at " .. call.place)
    end
end)
args.run()
break_line()

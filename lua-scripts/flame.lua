-- lua-scripts/flame.lua -- a flame graph across levels: who called whom, down to functions
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"

local o = args.parse(arg, {
    usage = "flame NEST [OPTION...]",
    text = "Looks at the machine every --every instructions (a prime, so as not to beat with loops): the space on\n" ..
        "whose behalf it works, the space that runs, kernel or user, the chain of callers by frame pointers where\n" ..
        "there are any, and the function. Writes folded stacks with --folded, a picture with --plot.",
    positional = { "nest" }, needs = 1,
    { "append", "TEXT", nil, "Words for the kernel or guest." },
    { "every", "N", 9973, "Instructions between two looks." },
    { "folded", "FILE", nil, "Write stacks for other tools: 'a;b;c count' lines." },
    { "depth", "N", 20, "Callers followed at most." },
    table.unpack(report.options),
})
if not o or not args.machine(o.nest, { append = o.append }) then return end

local stacks = {}
local function frame_name(pc, image)
    local name = flatfish.symbol(pc, image)
    return name and name:gsub("%+0x%x+$", "") or nil
end

-- Callers by saved rbp, while they go upwards and lead into known functions.
local function callers(space, image, list)
    local bp, mem = flatfish.regs.rbp, space.mem
    for _ = 1, o.depth do
        local up, back = mem:u64(bp), mem:u64(bp + 8)
        if not up or not back or math.ult(up, bp + 16) then return end
        local name = frame_name(back, image)
        if not name then return end
        table.insert(list, 1, name)
        bp = up
    end
end

local function domain(s, user)
    if not user and s.id > 0 then return "kernel" end
    return (s.level > 0 and ("L%d %s"):format(s.level, s.name) or s.name) .. (user and "" or "/kernel")
end

flatfish.every(o.every, function()
    local s = flatfish.space()
    local _, cpl = flatfish.mode()
    local image = cpl == 3 and s.image or (s.id > 0 and "kernel" or nil)
    local list = { frame_name(flatfish.regs.rip, image) or "?" }
    if image or s.id == 0 then callers(s, image, list) end
    local base = domain(s, true)
    if cpl ~= 3 then base = base .. ";" .. domain(s, false) end
    local stack = base .. ";" .. table.concat(list, ";")
    stacks[stack] = (stacks[stack] or 0) + o.every
end)
local _, icount = flatfish.run()

local rows, lines = {}, {}
for stack, n in pairs(stacks) do
    rows[#rows + 1] = { stack = stack:gsub(";", " > "), n = n, share = 100 * n / icount }
    lines[#lines + 1] = stack .. " " .. n
end
table.sort(rows, function(a, b)
    if a.n ~= b.n then return a.n > b.n end
    return a.stack < b.stack
end)
table.sort(lines)
if o.folded then assert(flatfish.write(o.folded, table.concat(lines, "\n") .. "\n")) end
local all = #rows
for i = #rows, 21, -1 do rows[i] = nil end
report.out(report.table { title = ("%s: the %d most frequent of %d stacks"):format(o.nest, #rows, all), rows = rows,
    columns = { { "stack", "stack" }, { "share", "%", "%.1f" }, { "n", "instructions" } },
    note = ("sampled every %d instructions"):format(o.every) },
    report.flame { title = "Flame graph of " .. o.nest, stacks = stacks,
        style = function(name) return name:find("kernel") and 2 or name:find("^L%d") and 1 or 5 end }, o)

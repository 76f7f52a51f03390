-- lua-scripts/flame.lua -- a flame graph across levels: who called whom, down to functions
-- SPDX-License-Identifier: MIT
local args = require "lib.args"
local report = require "lib.report"

local o = args.parse(arg, {
    usage = "flame NEST [OPTION...]",
    text = "Looks at the machine every --every instructions (a prime, so as not to beat with loops). Frames, from\n" ..
        "below: the kernel, the monitors that stand on it, the program on whose behalf the machine works; on top of\n" ..
        "that its own functions, or who works for it (\"by L2 pager\", \"in kernel\") with theirs. Callers are found by\n" ..
        "frame pointers, where there are any. Writes folded stacks with --folded, a picture with --plot.",
    positional = { "nest" }, needs = 1,
    { "append", "TEXT", nil, "Words for the kernel or guest." },
    { "every", "N", 9973, "Instructions between two looks.", 1 },
    { "folded", "FILE", nil, "Write stacks for other tools: 'a;b;c count' lines." },
    { "depth", "N", 20, "Callers followed at most.", 0 },
    table.unpack(report.options),
})
if not o or not args.machine(o.nest, { append = o.append }) then return end

local stacks, towers = {}, {}
local function frame_name(pc, image)
    local name = flatfish.symbol(pc, image)
    return name and name:gsub("%+0x%x+$", "") or nil
end

-- Callers by saved rbp, while they go upwards and lead into known functions.
local function callers(space, image)
    local bp, mem, list = flatfish.regs.rbp, space.mem, {}
    for _ = 1, o.depth do
        local up, back = mem:u64(bp), mem:u64(bp + 8)
        if not up or not back or math.ult(up, bp + 16) then break end
        local name = frame_name(back, image)
        if not name then break end
        table.insert(list, 1, name)
        bp = up
    end
    return list
end

-- "kernel;L1 kserver;L2 null;L3 memtest": the space and what it stands on. A plain guest has no levels.
local function tower(space)
    local kept = towers[space.index]
    if kept and kept.name == space.name then return kept.text end
    local list, at = {}, space
    while at and #list < 200 do
        table.insert(list, 1, tostring(at))
        at = at.parent
    end
    if space.id > 0 then table.insert(list, 1, "kernel") end
    local text = table.concat(list, ";")
    towers[space.index] = { name = space.name, text = text }
    return text
end

flatfish.every(o.every, function()
    local space, behalf = flatfish.space(), flatfish.behalf()
    local _, privilege = flatfish.mode()
    local user = privilege == 3
    local parts = { tower(user and behalf.id == 0 and space or behalf) }
    if space.id > 0 and space ~= behalf then parts[#parts + 1] = "by " .. tostring(space) end
    if not user then parts[#parts + 1] = "in kernel" end
    local image = user and space.image or (space.id > 0 and "kernel" or nil)
    if image or space.id == 0 then table.move(callers(space, image), 1, o.depth, #parts + 1, parts) end
    parts[#parts + 1] = frame_name(flatfish.regs.rip, image) or "?"
    local stack = table.concat(parts, ";")
    stacks[stack] = (stacks[stack] or 0) + o.every
end)
local _, icount = args.run()

-- Without what the program stands on.
local function from_program(stack)
    local list, first = {}, 1
    for part in stack:gmatch("[^;]+") do
        list[#list + 1] = part
        if part:find("^L%d+ ") then first = #list end
    end
    return table.concat(list, " > ", first)
end

local rows, lines = {}, {}
for stack, n in pairs(stacks) do
    rows[#rows + 1] = { stack = from_program(stack), n = n, share = 100 * n / icount }
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
local function style(name)
    if name == "kernel" or name == "in kernel" then return 2 end
    if name:find("^by L%d") then return 3 end
    return name:find("^L%d") and 1 or 5
end
report.out(report.table { title = ("%s: the %d most frequent of %d stacks"):format(o.nest, #rows, all), rows = rows,
    columns = { { "stack", "stack" }, { "share", "%", "%.1f" }, { "n", "instructions" } },
    note = ("sampled every %d instructions"):format(o.every) },
    report.flame { title = "Flame graph of " .. o.nest, stacks = stacks, style = style }, o)

-- gui/tests/boxes.lua SVG CSV FROM TO -- are the boxes in the lanes of a score those of the events?
-- A box of a span is what look_fill() draws: an outline of 0.8 in black. The colour tells the level,
-- and from left to right they must come in the order of the spans.
-- SPDX-License-Identifier: MIT
local svg, csv, from, to = arg[1], arg[2], tonumber(arg[3]), tonumber(arg[4])
local PLOT = 184 -- left of it are the names
local level_of = { ["75%,75%,75%"] = 0, ["0%,45%,70%"] = 1, ["90%,62%,0%"] = 2, ["35%,70%,90%"] = 3,
    ["84%,37%,0%"] = 4 }
local level_of_name = { ["kernel start"] = 0, kserver = 1, null = 2, pager = 3, memtest = 4 }

local boxes, colour, arcs = {}, nil, 0
for line in io.lines(svg) do
    local fill = line:match("fill:rgb%(([^)]*)%)")
    local x, y = line:match('d="M ([%d.]+) ([%d.]+) L')
    if fill and level_of[fill] then colour = level_of[fill] end
    if line:find("stroke%-width:0.8;.*stroke:rgb%(0%%,0%%,0%%%);stroke%-opacity:1;") and tonumber(x) >= PLOT then
        boxes[#boxes + 1] = { x = tonumber(x), y = tonumber(y), level = colour }
    end
    if line:find("fill:none;stroke%-width:1.2;.*stroke:rgb%(0%%,0%%,0%%%)") then arcs = arcs + 1 end
end
table.sort(boxes, function(a, b) return a.x < b.x end)

local crossing = {}
for kind in ("syscall sysret int iret exception interrupt cr3"):gmatch("%S+") do crossing[kind] = true end
local spans, before = {}, nil
for line in io.lines(csv) do
    local icount, kind, mode, to_name, behalf =
        line:match('^(%d+),(%w+),%d+,%a+,%d+,(%a+),.-,"[^"]*","([^"]*)","([^"]*)"')
    icount = tonumber(icount)
    if icount and crossing[kind] then
        local span = { level = level_of_name[mode == "user" and to_name or behalf], user = mode == "user", name = to_name }
        if icount <= from then before = span
        elseif icount < to then spans[#spans + 1] = span end
    end
end
table.insert(spans, 1, before)

local passed = 0
for i = 2, #spans do
    local a, b = spans[i - 1], spans[i]
    if a.user ~= b.user or (a.user and a.name ~= b.name) then passed = passed + 1 end
end
if #boxes ~= #spans then return print(("%d boxes, %d spans"):format(#boxes, #spans)) end
for i, box in ipairs(boxes) do
    if box.level ~= spans[i].level then
        return print(("box %d has level %d, its span %d"):format(i, box.level, spans[i].level))
    end
end
if arcs ~= passed then return print(("%d arcs, control passed %d times"):format(arcs, passed)) end
print(("the same: %d boxes, %d arcs"):format(#boxes, arcs))

-- lua-scripts/lib/chart.lua -- what all charts share: the frame, the axes, the legend, round numbers.
-- A chart is a table with draw(canvas); save(path) opens the canvas, .svg .pdf or .png.
-- SPDX-License-Identifier: MIT
local chart = {}
chart.__index = chart

local LEFT, TOP, BOTTOM, RIGHT = 92, 56, 74, 24
local LINE = 13      -- room that a line of names needs, size 10
local LARGE = 7800   -- sides that pictures grow to by themselves
local SLANT, STEEP = 30, 60 -- degrees

-- ---- numbers ----

-- A number that can be drawn; nil = none was given, or it is no finite number, which is counted (frame() says it).
function chart:value(v)
    if v == nil then return nil end
    if type(v) ~= "number" then error("a picture is of numbers, not of a " .. type(v), 0) end
    if math.abs(v + 0.0) < 1e307 then return v + 0.0 end
    self.left_out = (self.left_out or 0) + 1
end

-- 1, 2 or 5 times a power of ten, so that there are about `n` steps up to `most`.
function chart.step(most, n)
    if most <= 0 then return 1 end
    local unit = 10 ^ math.floor(math.log(most / n, 10))
    for _, m in ipairs { 1, 2, 5, 10 } do
        if most / (unit * m) <= n then return unit * m end
    end
    return unit * 10
end

-- Multiples of a step from `low` to `high`, at most `n` or so; `least` = the smallest step.
function chart.marks(low, high, n, least)
    local step = math.max(chart.step(high - low, n), least or 0)
    local first, list = math.ceil(low / step), {}
    for i = 0, math.min(2 * n, math.floor(high / step - first + 1e-6)) do list[i + 1] = (first + i) * step end
    return list
end

-- With as many digits, three or more, as tell it from its neighbours `step` away.
function chart.number(v, step)
    local a = math.abs(v)
    local digits = step and step > 0 and a > step and math.min(15, math.ceil(math.log(a / step, 10)) + 1) or 3
    local form = ("%%.%dg"):format(math.max(3, digits))
    if a >= 1e15 then return form:format(v) end
    for _, unit in ipairs { { 1e12, "T" }, { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" } } do
        if a >= unit[1] then return form:format(v / unit[1]) .. " " .. unit[2] end
    end
    return form:format(v)
end

-- ---- words ----

-- A text, cut at a character to what fits.
function chart.cut(c, text, room, size, bold)
    if c:extent(text, size, bold) <= room then return text end
    local short, long = 0, #text
    while short < long do
        local n = (short + long + 1) // 2
        if c:extent(text:sub(1, n) .. "..", size, bold) <= room then short = n else long = n - 1 end
    end
    local rest = text:sub(1, short)
    return (utf8.len(rest) and rest or rest:gsub("[\xC0-\xFF][\x80-\xBF]*$", "")) .. ".."
end

-- nil when too little of it is left to be read.
function chart.fitted(c, text, room, size)
    local cut = chart.cut(c, text, room, size)
    return (cut == text or #cut > 4) and cut or nil
end

function chart.widest(c, names)
    local widest = 0
    for _, name in ipairs(names) do widest = math.max(widest, (c:extent(name, 10))) end
    return widest
end

-- Every how manieth name there is room for.
local function thinned(room, needed) return math.max(1, math.ceil(needed / room)) end

-- ---- room ----

-- A side that has room for n names, as far as pictures go.
function chart.side(least, n, rest) return math.max(least, math.min(LARGE, n * LINE + rest)) end

-- The plotting area, its title and note drawn: {x, y, w, h}.
function chart:frame(c)
    local legend = self.legend_height or 0
    local a = { x = self.left or LEFT, y = TOP + legend, w = self.width - (self.left or LEFT) - RIGHT }
    a.h = math.max(40, self.height - a.y - (self.bottom or BOTTOM))
    c:text(self.width / 2, 18, chart.cut(c, self.title or "", self.width - 20, 15, true), 15, "center", 0, true)
    local note = self.note or ""
    if self.left_out then
        note = ("%s%s%d value%s no finite number and not drawn"):format(note, note ~= "" and "; " or "", self.left_out,
            self.left_out == 1 and " is" or "s are")
    end
    if note ~= "" then c:text(self.width / 2, self.height - 10, chart.cut(c, note, self.width - 20, 9), 9, "center") end
    return a
end

-- The axis from below `low` (0 or less) to above `high`; a function from a value to its place.
function chart:y_axis(c, a, low, high, label)
    local step = chart.step(high - low, 6)
    local bottom = math.floor(low / step + 1e-9) * step
    local top = math.max(bottom + step, math.ceil(high / step - 1e-9) * step)
    local function at(v) return a.y + a.h - a.h * (v - bottom) / (top - bottom) end
    for i = 0, math.floor((top - bottom) / step + 0.5) do
        local v = bottom + i * step
        local zero = math.abs(v) < step / 2
        c:line(a.x, at(v), a.x + a.w, at(v), 0.5, 0, zero and 0 or 0.8)
        c:text(a.x - 6, at(v), chart.number(zero and 0 or v, step), 10, "right")
    end
    c:line(a.x, a.y, a.x, a.y + a.h)
    c:text(20, a.y + a.h / 2, chart.cut(c, label or "", a.h + 60, 11), 11, "center", -90)
    return at
end

function chart:x_marks(c, a, list, at)
    for _, v in ipairs(list) do
        c:line(at(v), a.y + a.h, at(v), a.y + a.h + 4)
        c:text(at(v), a.y + a.h + 12, chart.number(v, list[2] and list[2] - list[1]), 10, "center")
    end
end

function chart:x_label(c, a, label)
    local below = self.note or self.left_out
    c:text(a.x + a.w / 2, self.height - (below and 28 or 14), chart.cut(c, label or "", a.w, 11), 11, "center")
end

-- Room at the left for names of rows, and below for names of columns and for their label: before frame(). The
-- names, cut to that.
function chart:room_left(c, names)
    local most, cut = self.width * 0.35, {}
    for i, name in ipairs(names) do cut[i] = chart.cut(c, name, most, 10) end
    self.left = math.max(60, chart.widest(c, cut) + 40)
    return cut
end

function chart:room_below(c, names)
    local slot = (self.width - (self.left or LEFT) - RIGHT) / math.max(1, #names)
    local cut = {}
    for i, name in ipairs(names) do cut[i] = chart.cut(c, name, math.max(slot - 4, self.height * 0.3), 10) end
    local widest = chart.widest(c, cut)
    if widest > slot - 4 then self.slant = slot < 2 * LINE and STEEP or SLANT end
    self.bottom = (self.note and 54 or 40) + (self.slant and 12 + widest * math.sin(math.rad(self.slant)) or 10)
    return slot, cut
end

-- Names below bars or columns: slanted when they would touch, and only some when they would all the same.
function chart:x_names(c, a, names, slot)
    local every = self.slant and thinned(slot, LINE) or 1
    for i = 1, #names, every do
        local x, y = a.x + slot * (i - 0.5), a.y + a.h + 12
        if self.slant then
            c:text(x + 4, y - 4, names[i], 10, "right", -self.slant)
        else
            c:text(x, y, names[i], 10, "center")
        end
    end
end

-- Names at the left of rows, as many as there is room for.
function chart:y_names(c, a, names, slot)
    for i = 1, #names, thinned(slot, LINE - 2) do
        c:text(a.x - 6, a.y + slot * (i - 0.5), names[i], 10, "right")
    end
end

-- Boxes and names above the plot, in as many rows as they need, up to a third of the picture.
function chart:legend(c, names, line)
    local x, y = self.left or LEFT, 42
    local last = 42 + math.floor(self.height / 60) * 20
    for i, name in ipairs(names) do
        name = chart.cut(c, name, self.width * 0.4, 10)
        local w = c:extent(name, 10) + 44
        if x + w > self.width - RIGHT and x > (self.left or LEFT) then
            x, y = self.left or LEFT, y + 20
        end
        if y >= last then
            c:text(x, y, ("... and %d more"):format(#names - i + 1), 10)
            break
        end
        if line then
            c:polyline({ x, y, x + 24, y }, i, (i - 1) % 4)
            c:mark(x + 12, y, i - 1)
        else
            c:fill(x, y - 6, 24, 12, i)
        end
        c:text(x + 30, y, name, 10)
        x = x + w
    end
    self.legend_height = y - 42 + 10
end

function chart:save(path)
    self.width, self.height = self.width or 800, self.height or 480
    local c = assert(flatfish.canvas { path = path, width = self.width, height = self.height })
    self:draw(c)
    assert(c:finish())
end

function chart.new(t, draw)
    t.draw = draw
    return setmetatable(t, chart)
end

return chart

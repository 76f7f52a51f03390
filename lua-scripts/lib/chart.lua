-- lua-scripts/lib/chart.lua -- what all charts share: the frame, the axes, the legend, round numbers.
-- A chart is a table with draw(canvas); save(path) opens the canvas, .svg .pdf or .png.
-- SPDX-License-Identifier: MIT
local chart = {}
chart.__index = chart

local LEFT, TOP, BOTTOM, RIGHT = 92, 56, 74, 24
local SLANT = 30 -- degrees

-- 1, 2 or 5 times a power of ten, so that there are about `n` steps up to `most`.
function chart.step(most, n)
    if most <= 0 then return 1 end
    local unit = 10 ^ math.floor(math.log(most / n, 10))
    for _, m in ipairs { 1, 2, 5, 10 } do
        if most / (unit * m) <= n then return unit * m end
    end
    return unit * 10
end

function chart.number(v)
    local a = math.abs(v)
    for _, unit in ipairs { { 1e12, "T" }, { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" } } do
        if a >= unit[1] then return (("%.3g"):format(v / unit[1])) .. " " .. unit[2] end
    end
    return ("%.3g"):format(v)
end

-- The plotting area, its title and note drawn: {x, y, w, h}.
function chart:frame(c)
    local legend = self.legend_height or 0
    local a = { x = self.left or LEFT, y = TOP + legend, w = self.width - (self.left or LEFT) - RIGHT }
    a.h = self.height - a.y - (self.bottom or BOTTOM)
    c:text(self.width / 2, 18, self.title or "", 15, "center", 0, true)
    if self.note then c:text(self.width / 2, self.height - 10, self.note, 9, "center") end
    return a
end

function chart:y_axis(c, a, most, label)
    local step = chart.step(most, 6)
    local top = math.max(step, math.ceil(most / step - 1e-9) * step)
    for i = 0, math.floor(top / step + 0.5) do
        local y = a.y + a.h - a.h * (i * step) / top
        c:line(a.x, y, a.x + a.w, y, 0.5, 0, i == 0 and 0 or 0.8)
        c:text(a.x - 6, y, chart.number(i * step), 10, "right")
    end
    c:line(a.x, a.y, a.x, a.y + a.h)
    c:text(20, a.y + a.h / 2, label or "", 11, "center", -90)
    return top
end

function chart:x_label(c, a, label)
    c:text(a.x + a.w / 2, self.height - (self.note and 28 or 14), label or "", 11, "center")
end

function chart.widest(c, names)
    local widest = 0
    for _, name in ipairs(names) do widest = math.max(widest, (c:extent(name, 10))) end
    return widest
end

-- Room at the left for names of rows, and below for names of columns and for their label: before frame().
function chart:room_left(c, names)
    self.left = math.max(60, chart.widest(c, names) + 40)
end

function chart:room_below(c, names)
    local slot = (self.width - (self.left or LEFT) - RIGHT) / math.max(1, #names)
    local widest = chart.widest(c, names)
    self.slanted = widest > slot - 4
    self.bottom = (self.note and 54 or 40) + (self.slanted and 12 + widest * math.sin(math.rad(SLANT)) or 10)
    return slot
end

-- Names below bars or columns: slanted when they would touch.
function chart:x_names(c, a, names, slot)
    for i, name in ipairs(names) do
        local x, y = a.x + slot * (i - 0.5), a.y + a.h + 12
        if self.slanted then
            c:text(x + 4, y - 4, name, 10, "right", -SLANT)
        else
            c:text(x, y, name, 10, "center")
        end
    end
end

-- Boxes and names above the plot, in as many rows as they need.
function chart:legend(c, names, line)
    local x, y = self.left or LEFT, 42
    self.legend_height = 0
    for i, name in ipairs(names) do
        local w = c:extent(name, 10) + 44
        if x + w > self.width - RIGHT and x > (self.left or LEFT) then
            x, y = self.left or LEFT, y + 20
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

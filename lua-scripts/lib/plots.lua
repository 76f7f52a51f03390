-- lua-scripts/lib/plots.lua -- the kinds of picture: bars (grouped or stacked), lines, heat map, flame
-- graph, swim lanes. Each function takes a table of data and gives an object with save(path).
-- All are legible in black and white: styles are hatched, lines dashed and marked, shades ordered.
-- SPDX-License-Identifier: MIT
local chart = require "lib.chart"
local plots = {}

-- What a picture cannot do without.
local function need(t, kind, ...)
    for _, key in ipairs { ... } do
        if type(t) ~= "table" or type(t[key]) ~= "table" then
            error(("report.%s needs %s, a table"):format(kind, key), 3)
        end
    end
end

local function names_of(series)
    local names = {}
    for i, s in ipairs(series) do names[i] = s.name end
    return names
end

-- The series with what can be drawn of their values, and the least and the most that a bar comes to.
local function bars_of(self)
    local list, low, high = {}, 0, self.most or 0
    for s, series in ipairs(self.series) do
        list[s] = {}
        for i in ipairs(self.names) do list[s][i] = self:value(series.values[i]) or 0 end
    end
    for i in ipairs(self.names) do
        local up, down = 0, 0
        for s = 1, #list do
            local v = list[s][i]
            if v > 0 then up = self.stacked and up + v or v else down = self.stacked and down + v or v end
            low, high = math.min(low, down), math.max(high, up)
        end
    end
    return list, low, high
end

local function draw_bars(self, c, values, i, x, w, at)
    local up, down = 0, 0
    for s = 1, #values do
        local v = values[s][i]
        local from = self.stacked and (v > 0 and up or down) or 0
        local top, bottom = at(math.max(from, from + v)), at(math.min(from, from + v))
        if not self.stacked or bottom > top then
            c:fill(self.stacked and x or x + w * (s - 1), top, w, bottom - top, s)
        end
        if v > 0 then up = from + v else down = from + v end
    end
end

-- bars{names={...}, series={{name=, values={...}}, ...}, stacked=bool, xlabel=, ylabel=, title=, note=}
function plots.bars(t)
    need(t, "bars", "names", "series")
    t.width = t.width or chart.side(800, #t.names, 160)
    return chart.new(t, function(self, c)
        local values, low, high = bars_of(self)
        if #self.series > 1 then self:legend(c, names_of(self.series)) end
        local slot, names = self:room_below(c, self.names)
        local a = self:frame(c)
        local at = self:y_axis(c, a, low, high, self.ylabel)
        local bars = self.stacked and 1 or #self.series
        local w = math.min(60, slot * 0.8 / bars)
        for i in ipairs(self.names) do draw_bars(self, c, values, i, a.x + slot * (i - 0.5) - w * bars / 2, w, at) end
        self:x_names(c, a, names, slot)
        self:x_label(c, a, self.xlabel)
    end)
end

-- Lists of points without what cannot be drawn, false where one was; and their bounds.
local function points_of(self)
    local list, b = {}, { x0 = math.huge, x1 = -math.huge, y0 = 0, y1 = 0, whole = true }
    for i, s in ipairs(self.series) do
        list[i] = {}
        for _, p in ipairs(s.points) do
            local x, y = self:value(p[1]), self:value(p[2])
            list[i][#list[i] + 1] = x and y and { x, y } or false
            if x and y then
                b.x0, b.x1 = math.min(b.x0, x), math.max(b.x1, x)
                b.y0, b.y1 = math.min(b.y0, y), math.max(b.y1, y)
                b.whole = b.whole and x % 1 == 0
            end
        end
    end
    if b.x1 < b.x0 then b.x0, b.x1 = 0, 0 end
    if b.x1 == b.x0 then b.x0, b.x1 = b.x0 - 1 - math.abs(b.x0) / 1e6, b.x1 + 1 + math.abs(b.x1) / 1e6 end
    return list, b
end

-- A line through the points, interrupted where one is missing.
local function draw_line(c, points, style, place)
    local path = {}
    for k = 1, #points + 1 do
        local p = points[k]
        if p then
            path[#path + 1], path[#path + 2] = place(p)
        else
            if #path > 0 then c:polyline(path, style, (style - 1) % 4) end
            path = {}
        end
    end
    for _, p in ipairs(#points <= 100 and points or {}) do
        if p then
            local x, y = place(p)
            c:mark(x, y, style - 1)
        end
    end
end

-- lines{series={{name=, points={{x, y}, ...}}, ...}, xlabel=, ylabel=}
function plots.lines(t)
    need(t, "lines", "series")
    return chart.new(t, function(self, c)
        local lists, b = points_of(self)
        if #self.series > 1 then self:legend(c, names_of(self.series), true) end
        local a = self:frame(c)
        local at_y = self:y_axis(c, a, b.y0, b.y1, self.ylabel)
        local function at_x(v) return a.x + a.w * (v - b.x0) / (b.x1 - b.x0) end
        self:x_marks(c, a, chart.marks(b.x0, b.x1, 8, b.whole and 1 or 0), at_x)
        for i, points in ipairs(lists) do
            draw_line(c, points, i, function(p) return at_x(p[1]), at_y(p[2]) end)
        end
        self:x_label(c, a, self.xlabel)
    end)
end

-- heatmap{rows={...}, columns={...}, values={{...}, ...}, xlabel=, ylabel=}: darker is more; the number
-- stands in the field. Shades are logarithmic.
function plots.heatmap(t)
    need(t, "heatmap", "rows", "columns", "values")
    t.width = t.width or chart.side(800, #t.columns, 220)
    t.height = t.height or chart.side(480, #t.rows, 180)
    return chart.new(t, function(self, c)
        local names, values, most = self:room_left(c, self.rows), {}, 0
        local w, columns = self:room_below(c, self.columns)
        for r in ipairs(self.rows) do
            values[r] = {}
            for k in ipairs(self.columns) do
                values[r][k] = self:value((self.values[r] or {})[k]) or 0
                most = math.max(most, values[r][k])
            end
        end
        local a = self:frame(c)
        local h = a.h / math.max(1, #self.rows)
        c:text(self.width / 2, 40, "white: 0; darkest: " .. chart.number(most) .. "; shades are logarithmic", 10, "center")
        for r in ipairs(names) do
            for k, v in ipairs(values[r]) do
                local shade = v > 0 and math.log(1 + v) / math.log(1 + most) or 0
                local x, y = a.x + w * (k - 1), a.y + h * (r - 1)
                c:shade(x, y, w, h, shade)
                if v ~= 0 and w > 34 and h > 11 then
                    c:text(x + w / 2, y + h / 2, chart.number(v), 10, "center", 0, false, shade > 0.6)
                end
            end
        end
        self:y_names(c, a, names, h)
        self:x_names(c, a, columns, w)
        self:x_label(c, a, self.xlabel)
        c:text(16, a.y + a.h / 2, chart.cut(c, self.ylabel or "", a.h, 11), 11, "center", -90)
    end)
end

-- ---- flame graph ----

local function tree_of(stacks)
    local root = { name = "all", total = 0, children = {} }
    for stack, n in pairs(stacks) do
        local at = root
        n = chart.value(root, n) or 0
        if n <= 0 then goto next end
        root.total = root.total + n
        for frame in stack:gmatch("[^;]+") do
            local child = at.children[frame]
            if not child then
                child = { name = frame, total = 0, children = {} }
                at.children[frame] = child
            end
            child.total = child.total + n
            at = child
        end
        ::next::
    end
    return root
end

local function sorted(children)
    local list = {}
    for _, child in pairs(children) do list[#list + 1] = child end
    table.sort(list, function(x, y) return x.name < y.name end)
    return list
end

local function depth_of(node)
    local most = 0
    for _, child in pairs(node.children) do most = math.max(most, depth_of(child)) end
    return most + 1
end

local function draw_node(c, node, x, y, w, h, style_of, level)
    if w < 0.5 then return end
    c:fill(x, y, w, h - 1, style_of(node.name, level))
    if w > 24 and h > 11 then
        local text = chart.fitted(c, node.name, w - 8, 10)
        if text then
            c:box(x + 2, y + 1.5, (c:extent(text, 10)) + 2, h - 4)
            c:text(x + 3, y + h / 2 - 0.5, text, 10)
        end
    end
    for _, child in ipairs(sorted(node.children)) do
        local part = w * child.total / node.total
        draw_node(c, child, x, y - h, part, h, style_of, level + 1)
        x = x + part
    end
end

-- flame{stacks={["kernel;pager;memtest"] = n, ...}, style=function(name, level) ... end}
function plots.flame(t)
    need(t, "flame", "stacks")
    local root = tree_of(t.stacks)
    local deep = depth_of(root)
    local row = math.max(1, math.min(18, 7800 // deep))
    t.width, t.height = t.width or 1000, t.height or math.max(160, math.min(7900, deep * row + 90))
    return chart.new(t, function(self, c)
        c:text(self.width / 2, 18, chart.cut(c, self.title or "", self.width - 20, 15, true), 15, "center", 0, true)
        if root.total > 0 then
            draw_node(c, root, 10, self.height - 52, self.width - 20, row,
                self.style or function(_, level) return level % 8 + 1 end, 0)
        end
        c:text(self.width / 2, self.height - 24,
            (self.xlabel or "width: share of") .. " " .. chart.number(root.total) ..
            " instructions; on top: who was called", 10, "center")
        if self.note then c:text(self.width / 2, self.height - 9, self.note, 9, "center") end
    end)
end

-- ---- swim lanes ----

-- lanes{lanes={"L1 kserver", ...}, spans={{lane=, from=, to=, label=, style=}, ...}, xlabel=}
local function spans_of(self)
    local list, low, high = {}, math.huge, -math.huge
    for _, s in ipairs(self.spans) do
        local from, to = self:value(s.from), self:value(s.to)
        if not self.lanes[s.lane] then
            error(("lanes: a span of lane %s; there are %d lanes"):format(s.lane, #self.lanes), 0)
        end
        if from and to then
            list[#list + 1] = { lane = s.lane, from = from, to = to, label = s.label, style = s.style or s.lane }
            low, high = math.min(low, from), math.max(high, to)
        end
    end
    if high <= low then low, high = 0, 1 end
    return list, low, high
end

local function draw_span(c, s, x, y, w, h)
    c:fill(x, y, w, h, s.style)
    local text = s.label and w > 30 and h > 13 and chart.fitted(c, s.label, w - 6, 9)
    if not text then return end
    c:box(x + 2, y + h / 2 - 7, (c:extent(text, 9)) + 3, 14)
    c:text(x + 3, y + h / 2, text, 9)
end

function plots.lanes(t)
    need(t, "lanes", "lanes", "spans")
    local row = math.max(2, math.min(34, 7800 / math.max(1, #t.lanes)))
    t.width, t.height, t.bottom = t.width or 1000, t.height or #t.lanes * row + 110, 48
    return chart.new(t, function(self, c)
        local names = self:room_left(c, self.lanes)
        local spans, low, high = spans_of(self)
        local a, gap, before = self:frame(c), row / 7, nil
        local function at(v) return a.x + a.w * (v - low) / (high - low) end
        self:y_names(c, a, names, row)
        for i in ipairs(names) do c:line(a.x, a.y + row * i, a.x + a.w, a.y + row * i, 0.5, 0, 0.8) end
        for _, s in ipairs(spans) do
            if before and before.lane ~= s.lane then
                c:line(at(s.from), a.y + row * (before.lane - 0.5), at(s.from), a.y + row * (s.lane - 0.5), 0.6, 2, 0.4)
            end
            draw_span(c, s, at(s.from), a.y + row * (s.lane - 1) + gap, math.max(0.8, at(s.to) - at(s.from)), row - 2 * gap)
            before = s
        end
        self:x_marks(c, a, chart.marks(low, high, 8), at)
        c:line(a.x, a.y + a.h, a.x + a.w, a.y + a.h)
        self:x_label(c, a, self.xlabel or "instructions")
    end)
end

return plots

-- lua-scripts/lib/plots.lua -- the kinds of picture: bars (grouped or stacked), lines, heat map, flame
-- graph, swim lanes. Each function takes a table of data and gives an object with save(path).
-- All are legible in black and white: styles are hatched, lines dashed and marked, shades ordered.
-- SPDX-License-Identifier: MIT
local chart = require "lib.chart"
local plots = {}

local function names_of(series)
    local names = {}
    for i, s in ipairs(series) do names[i] = s.name end
    return names
end

local function most_of(t)
    local most = 0
    for i in ipairs(t.names) do
        local sum = 0
        for _, s in ipairs(t.series) do
            local v = s.values[i] or 0
            sum = sum + v
            most = math.max(most, t.stacked and sum or v)
        end
    end
    return most
end

-- bars{names={...}, series={{name=, values={...}}, ...}, stacked=bool, xlabel=, ylabel=, title=, note=}
function plots.bars(t)
    return chart.new(t, function(self, c)
        if #self.series > 1 then self:legend(c, names_of(self.series)) end
        local slot = self:room_below(c, self.names)
        local a = self:frame(c)
        local top = self:y_axis(c, a, self.most or most_of(self), self.ylabel)
        local bars = self.stacked and 1 or #self.series
        local w = math.min(60, slot * 0.8 / bars)
        for i in ipairs(self.names) do
            local x, y = a.x + slot * (i - 0.5) - w * bars / 2, a.y + a.h
            for s, series in ipairs(self.series) do
                local h = a.h * (series.values[i] or 0) / top
                if self.stacked then
                    y = y - h
                    if h > 0 then c:fill(x, y, w, h, s) end
                else
                    c:fill(x + w * (s - 1), y - h, w, h, s)
                end
            end
        end
        self:x_names(c, a, self.names, slot)
        self:x_label(c, a, self.xlabel)
    end)
end

local function bounds(series)
    local b = { x0 = math.huge, x1 = -math.huge, y = 0, whole = true }
    for _, s in ipairs(series) do
        for _, p in ipairs(s.points) do
            b.x0, b.x1, b.y = math.min(b.x0, p[1]), math.max(b.x1, p[1]), math.max(b.y, p[2])
            b.whole = b.whole and math.tointeger(p[1]) ~= nil
        end
    end
    if b.x1 <= b.x0 then b.x0, b.x1 = b.x0 - 1, b.x0 + 1 end
    return b
end

-- lines{series={{name=, points={{x, y}, ...}}, ...}, xlabel=, ylabel=}
function plots.lines(t)
    return chart.new(t, function(self, c)
        if #self.series > 1 then self:legend(c, names_of(self.series), true) end
        local a, b = self:frame(c), bounds(self.series)
        local top = self:y_axis(c, a, b.y, self.ylabel)
        local function at(p)
            return a.x + a.w * (p[1] - b.x0) / (b.x1 - b.x0), a.y + a.h - a.h * p[2] / top
        end
        local step = math.max(chart.step(b.x1 - b.x0, 8), b.whole and 1 or 0)
        for v = math.ceil(b.x0 / step) * step, b.x1 + step / 1e6, step do
            local x = at { v, 0 }
            c:line(x, a.y + a.h, x, a.y + a.h + 4)
            c:text(x, a.y + a.h + 12, chart.number(v), 10, "center")
        end
        for i, s in ipairs(self.series) do
            local path = {}
            for _, p in ipairs(s.points) do
                local x, y = at(p)
                path[#path + 1], path[#path + 2] = x, y
            end
            c:polyline(path, i, (i - 1) % 4)
            for k = 1, #path, 2 do
                if #s.points <= 100 then c:mark(path[k], path[k + 1], i - 1) end
            end
        end
        self:x_label(c, a, self.xlabel)
    end)
end

-- heatmap{rows={...}, columns={...}, values={{...}, ...}, xlabel=, ylabel=}: darker is more; the number
-- stands in the field. Shades are logarithmic.
function plots.heatmap(t)
    return chart.new(t, function(self, c)
        self:room_left(c, self.rows)
        self:room_below(c, self.columns)
        local a, most = self:frame(c), 0
        for _, row in ipairs(self.values) do
            for _, v in pairs(row) do most = math.max(most, v) end
        end
        local w, h = a.w / math.max(1, #self.columns), a.h / math.max(1, #self.rows)
        c:text(self.width / 2, 40, "white: 0; darkest: " .. chart.number(most) .. "; shades are logarithmic", 10, "center")
        for r, name in ipairs(self.rows) do
            c:text(a.x - 6, a.y + h * (r - 0.5), name, 10, "right")
            for k in ipairs(self.columns) do
                local v = self.values[r][k] or 0
                local shade = v > 0 and math.log(1 + v) / math.log(1 + most) or 0
                local x, y = a.x + w * (k - 1), a.y + h * (r - 1)
                c:shade(x, y, w, h, shade)
                if v > 0 and w > 34 then
                    c:text(x + w / 2, y + h / 2, chart.number(v), 10, "center", 0, false, shade > 0.6)
                end
            end
        end
        self:x_names(c, a, self.columns, w)
        self:x_label(c, a, self.xlabel)
        c:text(16, a.y + a.h / 2, self.ylabel or "", 11, "center", -90)
    end)
end

-- ---- flame graph ----

local function tree_of(stacks)
    local root = { name = "all", total = 0, children = {} }
    for stack, n in pairs(stacks) do
        local at = root
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

-- A name, cut to what fits; nil when too little of it is left to be read.
local function fitted(c, text, w, size)
    if c:extent(text, size) <= w then return text end
    local n = #text - 1
    while n > 2 and c:extent(text:sub(1, n) .. "..", size) > w do n = n - 1 end
    return n > 2 and text:sub(1, n) .. ".." or nil
end

local function draw_node(c, node, x, y, w, h, style_of, level)
    if w < 0.5 then return end
    c:fill(x, y, w, h - 1, style_of(node.name, level))
    if w > 24 then
        local text = fitted(c, node.name, w - 8, 10)
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
    local root = tree_of(t.stacks)
    local deep, row = depth_of(root), 18
    t.width, t.height = t.width or 1000, t.height or math.max(160, deep * row + 90)
    return chart.new(t, function(self, c)
        c:text(self.width / 2, 18, self.title or "", 15, "center", 0, true)
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
function plots.lanes(t)
    local row = 34
    t.width, t.height, t.bottom = t.width or 1000, t.height or #t.lanes * row + 110, 48
    return chart.new(t, function(self, c)
        self:room_left(c, self.lanes)
        local a, low, high = self:frame(c), math.huge, -math.huge
        for _, s in ipairs(self.spans) do low, high = math.min(low, s.from), math.max(high, s.to) end
        if high <= low then low, high = 0, 1 end
        local function at(v) return a.x + a.w * (v - low) / (high - low) end
        for i, name in ipairs(self.lanes) do
            local y = a.y + row * (i - 0.5)
            c:text(a.x - 8, y, name, 10, "right")
            c:line(a.x, y + row / 2, a.x + a.w, y + row / 2, 0.5, 0, 0.8)
        end
        local before
        for _, s in ipairs(self.spans) do
            local y = a.y + row * (s.lane - 1) + 5
            local w = math.max(0.8, at(s.to) - at(s.from))
            if before and before.lane ~= s.lane then
                c:line(at(s.from), a.y + row * (before.lane - 0.5), at(s.from),
                    a.y + row * (s.lane - 0.5), 0.6, 2, 0.4)
            end
            c:fill(at(s.from), y, w, row - 10, s.style or s.lane)
            if s.label and w > 30 then
                local text = fitted(c, s.label, w - 6, 9)
                if text then
                    c:box(at(s.from) + 2, y + 5, (c:extent(text, 9)) + 3, row - 20)
                    c:text(at(s.from) + 3, y + row / 2 - 5, text, 9)
                end
            end
            before = s
        end
        local step = chart.step(high - low, 8)
        for v = math.ceil(low / step) * step, high, step do
            c:line(at(v), a.y + a.h, at(v), a.y + a.h + 4)
            c:text(at(v), a.y + a.h + 12, chart.number(v), 10, "center")
        end
        c:line(a.x, a.y + a.h, a.x + a.w, a.y + a.h)
        self:x_label(c, a, self.xlabel or "instructions")
    end)
end

return plots

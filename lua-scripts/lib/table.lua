-- lua-scripts/lib/table.lua -- tables as text, Markdown, CSV and JSON, all from the same rows.
-- table{title=, columns={{"key", "Heading"[, "%.1f"]}, ...}, rows={{key=value}, ...}, note=}.
-- Numbers stand right, text left; integers get thousands' commas where people read.
-- SPDX-License-Identifier: MIT
local M = {}
M.__index = M

local function grouped(n)
    local sign, digits = tostring(n):match("^(-?)(%d+)$")
    return sign .. digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
end

local function shown(value, format)
    if value == nil then return "" end
    if format and type(value) == "number" then return format:format(value) end
    if math.type(value) == "integer" then return grouped(value) end
    if type(value) == "number" then return ("%.3f"):format(value) end
    return tostring(value)
end

local function plain(value)
    if value == nil then return "" end
    if math.type(value) == "float" then return ("%.6g"):format(value) end
    return tostring(value)
end

local function cells(t)
    local out, width, right = {}, {}, {}
    for c, column in ipairs(t.columns) do
        width[c] = utf8.len(column[2])
        right[c] = #t.rows > 0
        for r, row in ipairs(t.rows) do
            out[r] = out[r] or {}
            out[r][c] = shown(row[column[1]], column[3])
            width[c] = math.max(width[c], utf8.len(out[r][c]) or #out[r][c])
            if row[column[1]] ~= nil and type(row[column[1]]) ~= "number" then right[c] = false end
        end
    end
    return out, width, right
end

local function pad(text, n, right)
    local blanks = (" "):rep(n - (utf8.len(text) or #text))
    return right and blanks .. text or text .. blanks
end

function M:text()
    local out, width, right = cells(self)
    local lines = {}
    if self.title then lines[1] = self.title end
    local function line(get)
        local parts = {}
        for c in ipairs(self.columns) do parts[c] = pad(get(c), width[c], right[c]) end
        lines[#lines + 1] = (table.concat(parts, "  "):gsub("%s+$", ""))
    end
    line(function(c) return self.columns[c][2] end)
    line(function(c) return ("-"):rep(width[c]) end)
    for r in ipairs(self.rows) do line(function(c) return out[r][c] end) end
    if self.note then lines[#lines + 1] = self.note end
    return table.concat(lines, "\n") .. "\n"
end

function M:markdown()
    local out, _, right = cells(self)
    local lines, head, rule = {}, {}, {}
    local function escaped(text) return (text:gsub("|", "\\|")) end
    for c, column in ipairs(self.columns) do
        head[c], rule[c] = escaped(column[2]), right[c] and "---:" or "---"
    end
    if self.title then lines = { "**" .. self.title .. "**", "" } end
    lines[#lines + 1] = "| " .. table.concat(head, " | ") .. " |"
    lines[#lines + 1] = "| " .. table.concat(rule, " | ") .. " |"
    for r in ipairs(self.rows) do
        local row = {}
        for c in ipairs(self.columns) do row[c] = escaped(out[r][c]) end
        lines[#lines + 1] = "| " .. table.concat(row, " | ") .. " |"
    end
    if self.note then lines[#lines + 1] = "\n" .. self.note end
    return table.concat(lines, "\n") .. "\n"
end

function M:csv()
    local lines = {}
    local function add(get)
        local row = {}
        for c in ipairs(self.columns) do
            local v = get(c)
            row[c] = v:find('[",\n]') and '"' .. v:gsub('"', '""') .. '"' or v
        end
        lines[#lines + 1] = table.concat(row, ",")
    end
    add(function(c)
        local column = self.columns[c]
        return type(column[1]) == "string" and column[1] or column[2]
    end)
    for _, row in ipairs(self.rows) do add(function(c) return plain(row[self.columns[c][1]]) end) end
    return table.concat(lines, "\n") .. "\n"
end

local function json_text(text)
    return '"' .. text:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
end

local function json_value(v)
    if v == nil or v ~= v then return "null" end
    if type(v) == "string" then return json_text(v) end
    return plain(v)
end

function M:json()
    local rows = {}
    for r, row in ipairs(self.rows) do
        local parts = {}
        for c, column in ipairs(self.columns) do
            parts[c] = json_text(type(column[1]) == "string" and column[1] or column[2]) .. ": " .. json_value(row[column[1]])
        end
        rows[r] = "  {" .. table.concat(parts, ", ") .. "}"
    end
    return ('{"title": %s, "note": %s, "rows": [\n%s\n]}\n'):format(json_value(self.title),
        json_value(self.note), table.concat(rows, ",\n"))
end

function M:print()
    print((self:text():gsub("\n$", "")))
end

-- The ending of the name says the format: .csv .json .md, else text.
function M:save(path)
    local ending = path:match("%.(%w+)$")
    local make = ({ csv = M.csv, json = M.json, md = M.markdown })[ending] or M.text
    return assert(flatfish.write(path, make(self)))
end

return function(t)
    assert(type(t.columns) == "table" and type(t.rows) == "table", "a table needs columns and rows")
    return setmetatable(t, M)
end

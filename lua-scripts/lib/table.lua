-- lua-scripts/lib/table.lua -- tables as text, Markdown, CSV and JSON, all from the same rows.
-- table{title=, columns={{"key", "Heading"[, "%.1f"]}, ...}, rows={{key=value}, ...}, note=}.
-- Numbers stand right, text left; integers get thousands' commas where people read, and what would break a line
-- is written as \n there. CSV has every float to its last bit.
-- SPDX-License-Identifier: MIT
local M = {}
M.__index = M

local function grouped(n)
    local sign, digits = tostring(n):match("^(-?)(%d+)$")
    return sign .. digits:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
end

-- Of what is no finite number there is one way to write it.
local function odd(n)
    if n ~= n then return "nan" end
    return n == math.huge and "inf" or n == -math.huge and "-inf" or nil
end

-- Every value in a line of its own.
local function line_of(text)
    return (text:gsub("%c", function(c) return ({ ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" })[c] or "\\" .. c:byte() end))
end

local function number(n, format)
    local good, text = pcall(string.format, format or "%d", n)
    if format and good then return text end
    if math.type(n) == "integer" then return grouped(n) end
    local large, small = math.abs(n) >= 1e15, n ~= 0 and math.abs(n) < 0.0005
    return odd(n) or ((large or small) and "%.4g" or "%.3f"):format(n)
end

local function shown(value, format)
    if value == nil then return "" end
    if type(value) == "number" then return number(value, format) end
    return line_of(tostring(value))
end

-- As short as it can be and still the same number.
local function plain(value)
    if value == nil then return "" end
    if math.type(value) ~= "float" then return tostring(value) end
    local text = ("%.15g"):format(value)
    return odd(value) or tonumber(text) == value and text or ("%.17g"):format(value)
end

-- A column is {key, heading [, format]}; a heading that is left out is the key.
local function head(column)
    local text = type(column) == "table" and (column[2] or column[1]) or column
    return line_of(tostring(text))
end

local function key(column)
    if type(column) == "table" then return column[1] end
    return column
end

local function cells(t)
    local out, width, right = {}, {}, {}
    for c, column in ipairs(t.columns) do
        width[c] = utf8.len(head(column)) or #head(column)
        right[c] = #t.rows > 0
        for r, row in ipairs(t.rows) do
            local value = row[key(column)]
            out[r] = out[r] or {}
            out[r][c] = shown(value, type(column) == "table" and column[3] or nil)
            width[c] = math.max(width[c], utf8.len(out[r][c]) or #out[r][c])
            if value ~= nil and type(value) ~= "number" then right[c] = false end
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
    line(function(c) return head(self.columns[c]) end)
    line(function(c) return ("-"):rep(width[c]) end)
    for r in ipairs(self.rows) do line(function(c) return out[r][c] end) end
    if self.note then lines[#lines + 1] = self.note end
    return table.concat(lines, "\n") .. "\n"
end

function M:markdown()
    local out, _, right = cells(self)
    local lines, heads, rule = {}, {}, {}
    local function escaped(text) return (text:gsub("|", "\\|")) end
    for c, column in ipairs(self.columns) do
        heads[c], rule[c] = escaped(head(column)), right[c] and "---:" or "---"
    end
    if self.title then lines = { "**" .. self.title .. "**", "" } end
    lines[#lines + 1] = "| " .. table.concat(heads, " | ") .. " |"
    lines[#lines + 1] = "| " .. table.concat(rule, " | ") .. " |"
    for r in ipairs(self.rows) do
        local row = {}
        for c in ipairs(self.columns) do row[c] = escaped(out[r][c]) end
        lines[#lines + 1] = "| " .. table.concat(row, " | ") .. " |"
    end
    if self.note then lines[#lines + 1] = "\n" .. self.note end
    return table.concat(lines, "\n") .. "\n"
end

-- What programs know the column by.
local function name(column)
    local k = key(column)
    return type(k) == "string" and k or head(column)
end

function M:csv()
    local lines = {}
    local function add(get)
        local row = {}
        for c in ipairs(self.columns) do
            local v = get(c)
            row[c] = v:find('[",\n\r]') and '"' .. v:gsub('"', '""') .. '"' or v
        end
        lines[#lines + 1] = table.concat(row, ",")
    end
    add(function(c) return name(self.columns[c]) end)
    for _, row in ipairs(self.rows) do add(function(c) return plain(row[key(self.columns[c])]) end) end
    return table.concat(lines, "\n") .. "\n"
end

-- Bytes that are part of no character are U+FFFD.
local function valid(text)
    local out, at = {}, 1
    while at <= #text do
        local good, wrong = utf8.len(text, at)
        if good then return table.concat(out) .. text:sub(at) end
        out[#out + 1] = text:sub(at, wrong - 1) .. "\u{FFFD}"
        at = wrong + 1
    end
    return table.concat(out)
end

local function json_text(text)
    return '"' .. valid(text):gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
end

local function json_value(v)
    if v == nil or type(v) == "number" and odd(v) then return "null" end
    if type(v) == "number" or type(v) == "boolean" then return plain(v) end
    return json_text(tostring(v))
end

function M:json()
    local rows = {}
    for r, row in ipairs(self.rows) do
        local parts = {}
        for c, column in ipairs(self.columns) do
            parts[c] = json_text(name(column)) .. ": " .. json_value(row[key(column)])
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
    assert(type(t) == "table" and type(t.columns) == "table" and type(t.rows) == "table", "a table needs columns and rows")
    return setmetatable(t, M)
end

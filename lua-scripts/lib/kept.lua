-- lua-scripts/lib/kept.lua -- results that are kept between runs: a row of numbers and texts as text (for a
-- pipe, too), a digest of the files that decide it, and the file in the cache that holds it. One that
-- is damaged is none. Used by experiments and by the grader.
-- SPDX-License-Identifier: MIT
local M = {}

-- ---- rows as text, for pipe and cache: one "key=type:value" a line, "\f" and the digest and path of a
-- file that was used ----

local codes, letters = { ["\\"] = "\\\\", ["\n"] = "\\n", ["="] = "\\e" }, { n = "\n", e = "=", ["\\"] = "\\" }

local function escaped(text, what) return (text:gsub(what, codes)) end

local function plain(text) return (text:gsub("\\(.)", letters)) end

-- `used` = list of paths that decide this row besides those of all rows.
function M.pack(row, used)
    local lines = {}
    assert(type(row) == "table", "run() must return a table of numbers and texts, not a " .. type(row))
    for key, value in pairs(row) do
        local kind = math.type(value) or type(value)
        assert(type(key) == "string", "run() must return a table {name = value}; a name is a " .. type(key))
        assert(kind == "integer" or kind == "float" or kind == "string" or kind == "boolean",
            "run() must return a table of numbers and texts; " .. key .. " is a " .. kind)
        local text = kind == "float" and ("%a"):format(value) or tostring(value)
        lines[#lines + 1] = ("%s=%s:%s"):format(escaped(key, "[\\\n=]"), kind:sub(1, 1), escaped(text, "[\\\n]"))
    end
    for _, path in ipairs(used or {}) do
        lines[#lines + 1] = ("\\f%s %s"):format(flatfish.sha256_file(path) or "0", escaped(path, "[\\\n]"))
    end
    table.sort(lines)
    return table.concat(lines, "\n") .. "\n"
end

local function float(text)
    return tonumber(text) or text == "inf" and math.huge or text == "-inf" and -math.huge or 0 / 0
end

function M.unpack(text)
    local row = {}
    for line in text:gmatch("[^\n]+") do
        local key, kind, value = line:match("^([^=]*)=(.):(.*)$")
        if line:sub(1, 2) == "\\f" then
            key = nil
        elseif not key then
            return nil
        elseif kind == "i" then
            row[plain(key)] = math.tointeger(tonumber(value))
        elseif kind == "f" then
            row[plain(key)] = float(value)
        elseif kind == "b" then
            row[plain(key)] = value == "true"
        else
            row[plain(key)] = plain(value)
        end
    end
    return row
end

local function files_changed(text)
    for sum, path in ("\n" .. text):gmatch("\n\\f(%x+) ([^\n]*)") do
        if flatfish.sha256_file(plain(path)) ~= sum then return true end
    end
end

-- ---- what decides a result ----

-- A text that changes when one of the files does.
function M.files(list)
    local parts = {}
    for _, path in ipairs(list) do
        parts[#parts + 1] = path .. " " .. (flatfish.sha256_file(path) or "missing")
    end
    return table.concat(parts, "\n")
end

-- What no result is without: this program, the kernel and the programs on it.
function M.machine_files()
    local list = { "/proc/self/exe" }
    for _, name in ipairs { "fk.elf", "nests.tar" } do list[#list + 1] = flatfish.path("kernel", name) end
    return list
end

-- ---- in the cache ----

local function read(path)
    local f = io.open(path, "rb")
    if not f then return nil end
    local text = f:read("a")
    f:close()
    return text
end

-- A kept result: the SHA-256 of the row's text, and the text. One that is damaged is no result, nor one
-- of which a file is another now.
function M.put(path, text)
    flatfish.write(path, flatfish.sha256(text) .. "\n" .. text)
end

function M.get(who, path)
    local file = read(path)
    if not file then return nil end
    local sum, text = file:match("^(%x+)\n(.*)$")
    local row = sum and sum == flatfish.sha256(text) and M.unpack(text)
    if not row then
        flatfish.say(("flatfish: %s: a kept result is damaged, it is run again: %s"):format(who, path))
    end
    return row and not files_changed(text) and row or nil
end

return M

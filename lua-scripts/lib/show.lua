-- lua-scripts/lib/show.lua -- values as a prompt shows them: show(value) is one text. Tables are opened, lists of
-- tables line by line, as deep and as long as can be read; everything else is as print() has it.
-- SPDX-License-Identifier: MIT
local DEEP, LONG = 3, 40

local show

local function key_text(key)
    if type(key) == "string" and key:find("^[%a_][%w_]*$") then return key end
    return "[" .. show(key, DEEP) .. "]"
end

local function sorted_keys(t, n)
    local keys = {}
    for key in next, t do
        if not (math.type(key) == "integer" and key >= 1 and key <= n) then keys[#keys + 1] = key end
    end
    table.sort(keys, function(a, b)
        if type(a) ~= type(b) then return type(a) < type(b) end
        if type(a) == "number" or type(a) == "string" then return a < b end
        return tostring(a) < tostring(b)
    end)
    return keys
end

local function parts_of(t, depth)
    local n, parts = rawlen(t), {}
    local function add(text)
        parts[#parts + 1] = #parts < LONG and text or nil
    end
    for i = 1, math.min(n, LONG + 1) do add(show(rawget(t, i), depth + 1)) end
    for _, key in ipairs(#parts < LONG and sorted_keys(t, n) or {}) do
        add(key_text(key) .. " = " .. show(rawget(t, key), depth + 1))
    end
    local more = n
    for key in next, t do
        if not (math.type(key) == "integer" and key >= 1 and key <= n) then more = more + 1 end
    end
    if more > #parts then parts[#parts + 1] = ("... %d more"):format(more - #parts) end
    return parts
end

function show(value, depth)
    depth = depth or 0
    if type(value) == "string" and depth > 0 then return ("%q"):format(value) end
    if type(value) ~= "table" or getmetatable(value) then return tostring(value) end
    if depth >= DEEP then return "{...}" end
    local parts = parts_of(value, depth)
    local lines = depth == 0 and type(value[1]) == "table"
    return lines and "{\n  " .. table.concat(parts, ",\n  ") .. "\n}" or "{" .. table.concat(parts, ", ") .. "}"
end

return show

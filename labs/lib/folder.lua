-- labs/lib/folder.lua -- a student's working folder, made by `flatfish lab start` with a lab.txt that says of which lab it is; and which
-- one is meant by a folder's name, by a lab's number or name, or by nothing.
-- SPDX-License-Identifier: MIT
local catalog = require "lib.catalog"

local M = {}

-- The number of the lab that is done there; nil where none is.
local function number_of(folder)
    local text = flatfish.plain_file(folder .. "/lab.txt", 4096)
    local number = text and text:match("lab%s*=%s*(%d+)")
    return number and tonumber(number)
end

-- Where `start` puts it when nobody says where.
function M.usual(lab)
    return ("lab%d"):format(lab.number)
end

-- Folders here in which that lab is done, by name.
local function all_of(lab)
    local found = {}
    for _, entry in ipairs(flatfish.list_folder(".") or {}) do
        if entry.kind == "folder" and number_of(entry.name) == lab.number then found[#found + 1] = entry.name end
    end
    return found
end

-- The folder of a lab: this one, the usual one, or the only one.
local function of_lab(lab)
    if number_of(".") == lab.number then return "." end
    if number_of(M.usual(lab)) == lab.number then return M.usual(lab) end
    local found = all_of(lab)
    if #found == 1 then return found[1] end
    if #found > 1 then return nil, ("lab %d is in several folders: name one of %s"):format(lab.number, table.concat(found, ", ")) end
    return nil, ("lab %d is not begun here: 'flatfish lab start %d' begins it, or name the folder where it is"):format(lab.number, lab.number)
end

-- The folder that is meant and its lab; nil and what is wrong. A folder that is there counts before a lab of that name.
function M.find(word)
    local folder, why = word or ".", nil
    local number = number_of(folder)
    if not number and word and not word:find("/", 1, true) then
        local lab = catalog.find(word)
        if lab then
            folder, why = of_lab(lab)
            if not folder then return nil, why end
            number = lab.number
        elseif not flatfish.list_folder(word) then
            return nil, ("there is neither a folder nor a lab '%s' here ('flatfish lab list' has the labs)"):format(word)
        end
    end
    if not number then
        return nil, ("%s has no lab.txt: name a lab that is begun here, or the folder that 'flatfish lab start' made"):format(
            folder == "." and "this folder" or folder)
    end
    local lab
    lab, why = catalog.find(tostring(number))
    if not lab then return nil, why end
    return folder, lab
end

return M

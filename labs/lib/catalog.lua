-- labs/lib/catalog.lua -- which labs there are. A lab is a folder NN-NAME with README.md (the handout), start/ (what
-- the student begins with) and check.lua, which returns
--   { title=, brief=, hours=, nest=to try it with, gdb_at=where `make gdb` finds the machine, if not before the program, files={names that are handed in}, extra={C files of ours beside
--     check.lua}, programs={name={C files}}, libraries={parts of ours that they are completed with, by their names in
--     the SDK}, near={files of Flatfish's source that do the like, to be compared with}, ours={names that no student's file may have, since checks look for them},
--     kernel={C files that are made part of the kernel}, include={folder=of
--     ours whose headers come first, files={in it}}, checks={...} }
-- and a check is { id=, points=, text=what is shown, hint=, needs={programs}, reads={files}, after=another check's id: this one
-- counts only when that one has all its points, run=function(trial) ... end }.
-- SPDX-License-Identifier: MIT
local M = {}

local function root()
    return assert(flatfish.path("lab", "lab.lua")):match("^(.*)/")
end

local function load_lab(folder)
    local number, name = folder:match("^(%d%d)%-(.+)$")
    local path = ("%s/%s"):format(root(), folder)
    local lab = assert(loadfile(path .. "/check.lua"))()
    lab.number, lab.name, lab.path = math.tointeger(tonumber(number)), name, path
    lab.points = 0
    for _, check in ipairs(lab.checks) do lab.points = lab.points + check.points end
    return lab
end

-- All of them, in order.
function M.list()
    local labs = {}
    for _, entry in ipairs(assert(flatfish.list_folder(root()))) do
        if entry.kind == "folder" and entry.name:match("^%d%d%-") then labs[#labs + 1] = load_lab(entry.name) end
    end
    return labs
end

-- By number, name, or both; nil and what is wrong.
function M.find(word)
    local names = {}
    for _, entry in ipairs(assert(flatfish.list_folder(root()))) do
        local number, name = entry.name:match("^(%d%d)%-(.+)$")
        if number and entry.kind == "folder" then
            names[#names + 1] = ("%d %s"):format(tonumber(number), name)
            if word == entry.name or word == name or tonumber(word) == tonumber(number) then return load_lab(entry.name) end
        end
    end
    return nil, ("there is no lab '%s'; there are %s"):format(word, table.concat(names, ", "))
end

-- What all its programs are linked with, by names in the SDK.
function M.libraries(lab)
    return { "monitors/lib/libmon.a", table.unpack(lab.libraries or {}) }
end

-- Files of the SDK that decide points, besides headers.
function M.parts(lab)
    local list = M.libraries(lab)
    list[#list + 1] = "labs/guest-cc.lua"
    for _, name in ipairs(lab.kernel and { "kernel/libfk.a", "kernel/core/syscall.c", "kernel/arch/x86_64/kernel.ld" } or {}) do
        list[#list + 1] = name
    end
    return list
end

-- What decides points besides the submission: the lab's files and the engine's.
function M.files(lab)
    local list = {}
    for _, entry in ipairs(assert(flatfish.list_folder(lab.path))) do
        if entry.name:find("%.lua$") then list[#list + 1] = lab.path .. "/" .. entry.name end
    end
    for _, entry in ipairs(assert(flatfish.list_folder(root() .. "/lib"))) do
        list[#list + 1] = root() .. "/lib/" .. entry.name
    end
    for _, name in ipairs(lab.extra or {}) do list[#list + 1] = lab.path .. "/" .. name end
    for _, name in ipairs(lab.include and lab.include.files or {}) do
        list[#list + 1] = ("%s/%s/%s"):format(lab.path, lab.include.folder, name)
    end
    return list
end

return M

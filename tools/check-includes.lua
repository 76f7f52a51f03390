#!/usr/bin/env lua5.4
-- tools/check-includes.lua [ROOT] -- the one-way rules of the source tree, as a test.
--
-- Checks every file that git tracks (every file there is, outside a git checkout): includes go only
-- where the table below lets them, each folder says what it is, no file holds a path of somebody's
-- machine. Prints one line a finding, exit 1 if any. The rules are data: change them here.
-- SPDX-License-Identifier: MIT

local root = arg[1] or os.getenv("srcdir") or "."

-- What a folder may include besides its own files; the longest prefix of a file's path wins.
-- An entry that ends in a file name allows that one file.
local engine = { "abi", "sim/include", "sim/core", "sim/time", "sim/mem", "sim/dev", "sim/snap" }
local reader = { "abi", "sim/include" }
local whole_sim = { "abi", "sim/include", "sim/core", "sim/time", "sim/mem", "sim/dev", "sim/snap",
                    "sim/trace", "sim/gdb", "sim/lua", "sim/view", "sim/cli", "sim/tests", "trace",
                    "config.h" }
local may_include = {
    ["abi"] = { "abi" },
    ["kernel"] = { "abi" },
    ["kernel/core"] = { "abi", "kernel/arch/x86_64/arch.h" },
    ["kernel/arch"] = { "abi", "kernel/core", "kernel/arch" },
    ["kernel/tests"] = { "abi", "kernel/user" },
    ["monitors"] = { "abi", "kernel/user", "monitors/lib" },
    ["sim/include"] = { "abi", "sim/include" },
    ["sim/core"] = engine, ["sim/time"] = engine, ["sim/mem"] = engine, ["sim/dev"] = engine,
    ["sim/snap"] = engine,
    ["sim/gdb"] = reader, ["sim/lua"] = reader,
    -- the same ring keeps the last events for a trace and for a viewer
    ["sim/view"] = { "sim/trace/ring.h", table.unpack(reader) },
    -- simulator and viewer are two processes; what they share is reading a trace
    ["trace"] = { "abi/trace", "abi/assert.h" },
    ["sim/trace"] = { "abi", "sim/include", "trace" },
    -- the overlay meets the engine at shim.h, cross.h and pcconf.h, and puts our devices on
    -- Bochs's bus; the engine never sees Bochs
    ["sim/bochs"] = { "abi", "sim/include", "sim/core/shim.h", "sim/core/cross.h",
                      "sim/core/pcconf.h", "sim/dev", "BOCHS" },
    ["sim/firmware"] = { "abi" },
    -- the language of nests is read by the command too, before anything boots
    ["sim/cli"] = { "monitors/lib/nest.h", table.unpack(whole_sim) },
    ["sim/tests"] = whole_sim,
    ["sim/tests/guests"] = { "abi", "sim/tests/guests" },   -- guest code
    ["gui/tests"] = { "abi", "trace", "gui" },
    ["gui"] = { "abi/viewer", "abi/trace", "abi/assert.h", "abi/fk/syscalls.def", "trace", "config.h" },
    ["labs"] = { "abi", "kernel/user", "monitors/lib", "monitors/ckpt", "monitors/pager", "lua-scripts/lib" },
    ["labs/07-call/start"] = { "abi", "kernel/core" }, ["labs/teacher/07-call"] = { "abi", "kernel/core" },
    -- the driver of the kernel's plays, and the guest's half of it
    ["tests"] = { "kernel/tests/mailbox.h", "kernel/tests/plays.def", "tests", table.unpack(whole_sim) },
}

-- Standard headers for code that has no C library under it; folders not named here are hosted.
local freestanding = { "stdint.h", "stddef.h", "stdbool.h", "stdarg.h", "stdalign.h", "limits.h",
                       "stdnoreturn.h", "float.h", "x86intrin.h", "immintrin.h", "cpuid.h" }
local may_include_system = {
    ["abi"] = { "stdint.h", "stddef.h" },
    ["kernel"] = freestanding, ["monitors"] = freestanding, ["sim/tests/guests"] = freestanding,
    ["kernel/tests"] = freestanding,
    -- the one test of guest code that runs on the host
    ["monitors/tests/t_nest.c"] = { "stdio.h", "stdlib.h", "string.h" },
}
-- abi/assert.h exists to include <assert.h> where a language needs it.
local system_exceptions = { ["abi/assert.h"] = { "assert.h" } }

-- Headers that are found by -I of something other than the root, and the root they stand for.
local include_roots = { "", "sim/include/" }

-- C++ stays in the overlay.
local cxx_folder = "sim/bochs"

-- Folders whose README is the one of the folder above.
local readme_above = { "^abi/", "^docs/", "^sim/include/", "^%.ci$", "^%.[%w-]+$", "/tests/data",
                       "^kernel/arch$", "^sim/tests/.*/.*", "^labs/.*/.*", "/corpus", "^tests/." }

-- Text that belongs to one machine or one mirror. Written in two halves, so as not to find itself;
-- a path counts only where it begins: below another folder it is nobody's home.
local private_text = {
    { "%f[/%w_}]/wo" .. "rk/", "a path of one machine" },
    { "%f[/%w_}]/tmp/" .. "wt", "a path of one machine" },
    { "%f[/%w_}]/ro" .. "ot/", "a home folder" }, { "%f[/%w_}]/ho" .. "me/%w", "a home folder" },
    { "deb%.debian" .. "%.org", "a mirror's address" },
    { "snapshot%.debian" .. "%.org", "a mirror's address" },
}

local source = { c = true, h = true, cc = true, S = true, def = true, lua = true, sh = true, mk = true,
                 ld = true }
local findings = 0

local function complain(where, text)
    findings = findings + 1
    print(where .. ": " .. text)
end

local function folder_of(path) return path:match("^(.*)/[^/]*$") or "" end
local function extension_of(path) return path:match("%.([^./]+)$") or "" end

local function inside(path, prefix)
    return path == prefix or path:sub(1, #prefix + 1) == prefix .. "/"
end

local function longest(rules, path)
    local best
    for prefix in pairs(rules) do
        if inside(path, prefix) and (not best or #prefix > #best) then best = prefix end
    end
    return best and rules[best], best
end

local function one_of(list, path)
    for _, allowed in ipairs(list) do
        if inside(path, allowed) then return true end
    end
    return false
end

local function read(path)
    local f = io.open(root .. "/" .. path, "rb")
    if not f then return nil end
    local text = f:read("a")
    f:close()
    return text
end

local function list_files()
    local quoted = "'" .. root:gsub("'", "'\\''") .. "'"
    local command = "cd " .. quoted .. " && if [ -e .git ] && " ..
        "git ls-files --cached --others --exclude-standard 2>/dev/null; then :; else find . -type f " ..
        "! -path './build*' ! -path './autom4te.cache/*' ! -path './.git/*' ! -path './_build/*' " ..
        "! -path './build-aux/*' ! -name '*~' ! -name configure ! -name Makefile.in ! -name aclocal.m4 " ..
        "! -name config.h.in | sed 's|^./||'; fi"
    local files = {}
    for line in io.popen(command):lines() do files[#files + 1] = line end
    return files
end

local files = list_files()
local exists = {}
for _, path in ipairs(files) do exists[path] = true end

-- The file that `#include "name"` in path means, as a path from the root.
local function resolve(path, name)
    if name == "config.h" then return name end
    for _, prefix in ipairs(include_roots) do
        if exists[prefix .. name] then return prefix .. name end
    end
    if exists[folder_of(path) .. "/" .. name] then
        return nil, '"' .. name .. '" is not written from the root of the tree'
    end
    return "BOCHS"      -- nothing of ours: only the overlay has other headers
end

local function check_quoted(path, line, name)
    local allowed, prefix = longest(may_include, path)
    local target, wrong = resolve(path, name)
    local where = path .. ":" .. line
    if wrong then
        complain(where, wrong)
    elseif not allowed then
        complain(where, "no rule for this folder in tools/check-includes.lua")
    elseif target == "BOCHS" and not one_of(allowed, "BOCHS") then
        complain(where, '"' .. name .. '" is no file of this tree (and Bochs is for sim/bochs alone)')
    elseif not inside(target, folder_of(path)) and not one_of(allowed, target) then
        complain(where, prefix .. " may not include " .. target)
    end
end

local function check_system(path, line, name)
    local allowed, prefix = longest(may_include_system, path)
    if allowed and not one_of(allowed, name) and not one_of(system_exceptions[path] or {}, name) then
        complain(path .. ":" .. line, prefix .. " may not include <" .. name .. ">")
    end
end

local function check_includes(path, text)
    local number = 0
    for line in (text .. "\n"):gmatch("(.-)\n") do
        number = number + 1
        local quoted = line:match('^%s*#%s*include%s+"([^"]+)"')
        local system = line:match("^%s*#%s*include%s+<([^>]+)>")
        if quoted then check_quoted(path, number, quoted) end
        if system then check_system(path, number, system) end
    end
end

local function check_private(path, text)
    local number = 0
    for line in (text .. "\n"):gmatch("(.-)\n") do
        number = number + 1
        for _, rule in ipairs(private_text) do
            if line:find(rule[1]) then complain(path .. ":" .. number, rule[2]) end
        end
    end
end

local function check_file(path)
    local text = read(path)
    if not text or text:find("\0", 1, true) then return end      -- gone, or not text
    local extension = extension_of(path)
    if extension == "c" or extension == "h" or extension == "cc" or extension == "S" or
        extension == "def" then
        check_includes(path, text)
    end
    if (extension == "cc" or extension == "cpp") and not inside(path, cxx_folder) then
        complain(path, "C++ is for " .. cxx_folder .. " alone")
    end
    if source[extension] and not text:find("SPDX-License-Identifier:", 1, true) then
        complain(path, "no SPDX-License-Identifier line")
    end
    check_private(path, text)
end

local function has_readme_above(folder)
    for _, pattern in ipairs(readme_above) do
        if folder:find(pattern) then return true end
    end
    return folder == ""
end

local function check_readmes()
    local seen = {}
    for _, path in ipairs(files) do
        local folder = folder_of(path)
        if not seen[folder] and not has_readme_above(folder) then
            seen[folder] = true
            local text = read(folder .. "/README.md")
            local lines = select(2, (text or ""):gsub("[^\n]*%S[^\n]*", ""))
            if not text then
                complain(folder, "no README.md")
            elseif lines < 3 then
                complain(folder .. "/README.md", "does not say what the folder owns and where to start")
            end
        end
    end
end

for _, path in ipairs(files) do check_file(path) end
check_readmes()
if #files == 0 then complain(root, "no files to check") end
print(string.format("%d files, %d findings", #files, findings))
os.exit(findings == 0 and 0 or 1)

-- labs/lib/build.lua -- builds a submission's programs, by our own rules alone: what the student's Makefile says does not count,
-- and a compiler that meets hostile text has limits on time, memory and what it writes. A source may include what is in its
-- own folder and our headers, nothing else of the host.
-- SPDX-License-Identifier: MIT
local catalog = require "lib.catalog"

local M = {}

local OUTPUT, LINES = 1 << 16, 20 -- bytes of messages that are read; lines that are kept

local function sdk(name)
    return assert(flatfish.path("sdk", name))
end

-- What the compiler must be able to read: itself and our parts. nil where it does not work with so little.
local function readable(cc)
    local list = { "/usr", "/bin", "/lib", "/lib64", "/opt", "/nix/store", "/gnu/store", "/etc/ld.so.cache", cc.include, cc.headers, cc.own }
    for _, name in ipairs { "monitors/lib/libmon.a", "kernel/user/user.ld", "labs/guest-cc.lua" } do
        list[#list + 1] = sdk(name):sub(1, -#name - 2)
    end
    local code = flatfish.spawn { cc.cc, "-E", "-x", "c", "/dev/null", reads = list, folder = ".", seconds = 10, output = 100 }
    return code == 0 and list or nil
end

-- The compiler and flags that our own programs are built with.
local function rules()
    local cc = assert(loadfile(sdk "labs/guest-cc.lua", "t", {}))()
    local header = sdk "monitors/lib/mon.h"
    cc.include = header:sub(1, -#"/monitors/lib/mon.h" - 1)
    return cc
end

local function joined(...)
    local all = {}
    for _, list in ipairs { ... } do
        for _, word in ipairs(list) do all[#all + 1] = word end
    end
    return all
end

local function spawn(cc, words, folder, output)
    words.folder, words.seconds, words.memory, words.file, words.output = folder, 10, 1024, 16, output or OUTPUT
    words.reads = cc.reads
    return flatfish.spawn(words)
end

-- Lines of messages that speak of the student's own files; what else a compiler quotes may not be theirs.
local function own_lines(text, files)
    local out = {}
    for line in text:gmatch("[^\n]+") do
        for _, name in ipairs(files) do
            if line:sub(1, #name + 1) == name .. ":" and #out < LINES then out[#out + 1] = line:sub(1, 400) end
        end
    end
    return #out > 0 and table.concat(out, "\n") or "the compiler gave no reason"
end

-- nil, or the first file that something was read from and that is neither the submission's nor a header of ours.
local function foreign(list, cc)
    for name in list:gsub("\\\n", " "):gsub("^[^:]*:", ""):gmatch("%S+") do
        local inside
        for _, top in ipairs { cc.include .. "/", cc.headers .. "/", cc.own } do
            if name:sub(1, #top) == top then inside = name:sub(#top + 1) end
        end
        local strange = (inside or name):find("..", 1, true) or (name:find("^/") and not inside)
        if strange or (inside and not inside:find("%.h$") and not inside:find("%.def$")) then return inside or name end
    end
end

local foreign_text = "%s includes %s, which is neither of the lab nor handed in"

-- The same words where the host itself has refused it, and where limits were met by a part of the compiler.
local function refused(source, said)
    if said:find("out of memory", 1, true) or said:find("memory exhausted", 1, true) or said:find("signal terminated program", 1, true) or
        said:find("File too large", 1, true) then
        return source .. ": the compiler used up its time or memory"
    end
    local name = said:match("fatal error: ([^\n]-): Permission denied") or said:match("Error: file not found: (%S+)") or
        said:match("can't open (%S+) for reading: Permission denied")
    if name and (name:find("^/") or name:find("..", 1, true)) then return foreign_text:format(source, name) end
end

-- Names that checks look for: a student's file that has one, even for itself alone, would be taken for ours.
local function takes_name(cc, folder, source, lab)
    local own = {}
    for _, name in ipairs(lab.files) do own[name] = true end
    if not own[source] or not lab.ours then return end
    local code, said = spawn(cc, { "nm", "--format=posix", source .. ".o" }, folder, 1 << 20)
    if code ~= 0 then return source .. ": its names cannot be read" end
    for name, kind in said:gmatch("(%S+) (%a)") do
        for _, ours in ipairs(kind ~= "U" and lab.ours or {}) do
            if name == ours then return ("%s: '%s' is the name of something of Flatfish's own: choose another"):format(source, name) end
        end
    end
end

-- One C file into an object; false and the reason. `more`: flags besides those of all guest code.
local function compile(cc, folder, source, lab, more)
    -- Where things lie on this host is not to be seen in what is built: not even its length.
    local flags = joined(cc.first or {}, { ("-ffile-prefix-map=%s=."):format(folder), ("-ffile-prefix-map=%s=."):format(cc.include), "-I" .. cc.include, "-nostdinc", "-isystem", cc.headers }, cc.flags, more or {},
        { "-fno-diagnostics-show-caret", "-fdiagnostics-color=never" })
    local code, said = spawn(cc, joined({ cc.cc }, flags, { "-M", "-MF", source .. ".d", source }), folder)
    if code ~= 0 then return false, refused(source, said) or own_lines(said, lab.files) end
    local list = flatfish.plain_file(folder .. "/" .. source .. ".d", 1 << 20) or "/"
    local strange = foreign(list, cc)
    if strange then return false, foreign_text:format(source, strange) end
    code, said = spawn(cc, joined({ cc.cc }, flags, { "-c", "-Wa,--MD," .. source .. ".s.d", "-o", source .. ".o", source }), folder)
    if code ~= 0 then
        return false, code >= 128 and source .. ": the compiler used up its time or memory" or refused(source, said) or own_lines(said, lab.files)
    end
    strange = foreign(flatfish.plain_file(folder .. "/" .. source .. ".s.d", 1 << 20) or "", cc)
    if strange and not strange:find("%.s$") then return false, foreign_text:format(source, strange) end
    local taken = takes_name(cc, folder, source, lab)
    return not taken, taken or said
end

local function why_not(name, said)
    local names = {}
    for what in said:gmatch("undefined reference to [`']([%w_]+)'") do names[#names + 1] = what end
    if #names > 0 then return name .. ": nowhere defined: " .. table.concat(names, ", ") end
    return name .. ": it does not link: " .. (said:match("multiple definition of [`'][%w_]+'") or "the linker failed")
end

local function link(cc, folder, name, sources, libraries)
    local words = joined({ cc.cc }, cc.link, { "-Wl,-T," .. sdk "kernel/user/user.ld", "-u", "_start", "-o", name .. ".elf" })
    for _, source in ipairs(sources) do words[#words + 1] = source .. ".o" end
    words[#words + 1] = "-Wl,--start-group"
    for _, library in ipairs(libraries) do words[#words + 1] = sdk(library) end
    words[#words + 1] = "-Wl,--end-group"
    local code, said = spawn(cc, words, folder)
    return code == 0, code ~= 0 and why_not(name, said)
end

local function program(cc, folder, name, lab)
    for _, source in ipairs(lab.programs[name]) do
        local good, why = compile(cc, folder, source, lab)
        if not good then return false, why end
    end
    return link(cc, folder, name, lab.programs[name], catalog.libraries(lab))
end

-- The kernel with the student's parts: its table of calls is made anew, for there may be one more in the list.
local function kernel(cc, folder, lab)
    assert(flatfish.write(folder .. "/syscall.c", assert(flatfish.plain_file(sdk "kernel/core/syscall.c", 1 << 20))))
    for _, source in ipairs { "syscall.c", table.unpack(lab.kernel) } do
        local good, why = compile(cc, folder, source, lab, cc.kernel)
        if not good then return false, why end
    end
    local words = joined({ cc.cc }, cc.kernel_link, { "-Wl,-T," .. sdk "kernel/arch/x86_64/kernel.ld", "-o", "fk.elf" })
    for _, source in ipairs(lab.kernel) do words[#words + 1] = source .. ".o" end
    local code, said = spawn(cc, joined(words, { "syscall.c.o", "-Wl,--whole-archive", sdk "kernel/libfk.a" }), folder)
    return code == 0, code ~= 0 and why_not("the kernel", said)
end

-- Writes the files into `folder` and builds all programs of the lab there. Returns {[program] = true or why not}.
-- folder/nest.tar is the file system that they run from: what is installed, and they under /bin.
function M.all(lab, one, folder)
    local cc, results, names = rules(), {}, {}
    if lab.include then cc.own = ("%s/%s/"):format(lab.path, lab.include.folder) end
    cc.reads = readable(cc)
    cc.first = cc.own and { "-I" .. cc.own }
    for name, text in pairs(one.files) do assert(flatfish.write(folder .. "/" .. name, text)) end
    for _, name in ipairs(lab.extra or {}) do
        assert(flatfish.write(folder .. "/" .. name, assert(flatfish.plain_file(lab.path .. "/" .. name, 1 << 20))))
    end
    assert(flatfish.make_folder(folder .. "/bin"))
    local tar = { "tar", "--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--mode=755", "-rf", "nest.tar" }
    for name in pairs(lab.programs or {}) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do
        local missing
        for _, source in ipairs(lab.programs[name]) do missing = missing or one.wrong[source] end
        if missing then
            results[name] = missing
        else
            local good, why = program(cc, folder, name, lab)
            results[name] = good or why
        end
        if results[name] == true then
            assert(os.rename(("%s/%s.elf"):format(folder, name), ("%s/bin/%s"):format(folder, name)))
            tar[#tar + 1] = "bin/" .. name
        end
    end
    if lab.kernel then
        local missing
        for _, source in ipairs(lab.kernel) do missing = missing or one.wrong[source] end
        local good, why = not missing, missing
        if good then
            good, why = kernel(cc, folder, lab)
        end
        results.kernel = good or why
    end
    assert(flatfish.write(folder .. "/nest.tar", assert(flatfish.plain_file(assert(flatfish.path("kernel", "nests.tar")), 1 << 30))))
    if tar[10] then assert(spawn(cc, tar, folder) == 0, "tar failed") end
    return results
end

return M

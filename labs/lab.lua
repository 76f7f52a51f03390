-- labs/lab.lua -- `flatfish lab`: what a student does with a lab. Words: only=ID first, self=PROGRAM, then list, start, check or submit.
-- SPDX-License-Identifier: MIT
local build = require "lib.build"
local catalog = require "lib.catalog"
local session = require "lib.session"
local submission = require "lib.submission"

local settings, words, stop = require "lib.words" "lab"

local verbs = {}

function verbs.list()
    for _, lab in ipairs(catalog.list()) do
        print(("%d  %-10s %-32s %s, %d points"):format(lab.number, lab.name, lab.title,
            lab.hours < 1 and ("%d minutes"):format(lab.hours * 60) or lab.hours == 1 and "1 hour" or ("%g hours"):format(lab.hours),
            lab.points))
    end
    print "\n'flatfish lab start NUMBER' begins one."
end

-- ---- start ----

local makefile = [[
# The programs of this lab, built as they will be graded: make; make run NEST='...'; make check; make submit.
# Changes here change nothing for the grader, which has rules of its own.
FLATFISH = %s
NEST = %s
build/nest.tar: $(wildcard *.c *.h)
	$(FLATFISH) lab build .
run: build/nest.tar
	$(FLATFISH) run --initrd build/nest.tar %s
gdb: build/nest.tar
	$(FLATFISH) gdb --initrd build/nest.tar %s
check:
	$(FLATFISH) lab check .
submit:
	$(FLATFISH) lab submit .
.PHONY: run gdb check submit
]]

local function copy(from, to)
    assert(flatfish.write(to, assert(flatfish.plain_file(from, 1 << 20))))
end

function verbs.start(word, folder)
    if not word then return stop(2, "start which one? 'flatfish lab list' has them") end
    local lab, why = catalog.find(word)
    if not lab then return stop(2, "%s", why) end
    folder = folder or ("lab%d"):format(lab.number)
    if flatfish.list_folder(folder) then return stop(1, "%s is there already: name another folder, or go on in it", folder) end
    local made, reason = flatfish.make_folder(folder)
    if not made then return stop(1, "%s", reason) end
    for _, entry in ipairs(assert(flatfish.list_folder(lab.path .. "/start"))) do
        copy(("%s/start/%s"):format(lab.path, entry.name), ("%s/%s"):format(folder, entry.name))
    end
    copy(lab.path .. "/README.md", folder .. "/README.md")
    assert(flatfish.write(folder .. "/lab.txt", ("lab = %d\n"):format(lab.number)))
    if lab.programs then
        local boots = lab.kernel and "--kernel build/fk.elf --append 'root=bin/kserver nest=$(NEST)'" or "'$(NEST)'"
        assert(flatfish.write(folder .. "/Makefile", makefile:format(settings.self or "flatfish", lab.nest, boots, boots)))
    end
    print(("%s/README.md says what to do. Then: flatfish lab check %s"):format(folder, folder))
end

-- ---- check and submit ----

-- The lab of a working folder.
local function lab_of(folder)
    local text = flatfish.plain_file(folder .. "/lab.txt", 4096)
    local number = text and text:match("lab%s*=%s*(%d+)")
    if not number then return stop(1, "%s has no lab.txt: name the folder that 'flatfish lab start' made", folder) end
    local lab, why = catalog.find(number)
    return lab or stop(1, "%s", why)
end

local function has_check(lab, id)
    local ids = {}
    for _, check in ipairs(lab.checks) do
        if check.id == id then return true end
        ids[#ids + 1] = check.id
    end
    return stop(2, "--only: there is no property '%s'; there are %s", id, table.concat(ids, ", "))
end

function verbs.check(folder)
    folder = folder or "."
    local lab = lab_of(folder)
    if settings.only then has_check(lab, settings.only) end
    lab.self = settings.self
    local one = session.check(lab, { folder }, { only = settings.only })[1]
    local of = 0
    print(("Lab %d: %s\n"):format(lab.number, lab.title))
    for _, check in ipairs(lab.checks) do
        local row = one.results[check.id]
        if row then
            of = of + check.points
            print(("%5s  %-12s %s"):format(("%d/%d"):format(row.got, check.points), check.id, check.text))
            if row.why ~= "" then print("       " .. row.why:gsub("\n", "\n       ")) end
            if row.got < check.points and check.hint then print("       Hint: " .. check.hint) end
        end
    end
    print(("\n%d of %d points"):format(one.points, of))
    if one.broken then flatfish.quit(1) end
end

-- Builds as the grader does, and leaves programs and file system in FOLDER/build.
function verbs.build(folder)
    folder = folder or "."
    local lab, bad = lab_of(folder), false
    assert(flatfish.make_folder(folder .. "/build"))
    local built
    local whole = flatfish.parallel(1, 1, function()
        local results, lines = build.all(lab, submission.take(lab, folder, folder .. "/build"), folder .. "/build"), {}
        for name, result in pairs(results) do
            if result ~= true then lines[#lines + 1] = ("%s was not built:\n%s"):format(name, result) end
        end
        table.sort(lines)
        return table.concat(lines, "\n")
    end, function(_, text, message)
        built, bad = text or message, text ~= ""
    end)
    if not whole then return flatfish.quit(130) end
    if bad then return stop(1, "%s", built) end
end

function verbs.submit(folder)
    folder = (folder or "."):gsub("/+$", "")
    local lab = lab_of(folder)
    local one = submission.take(lab, folder, folder)
    local words = { "tar", "--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--sort=name", "-czf" }
    for _, name in ipairs(lab.files) do
        if one.wrong[name] then return stop(1, "%s", one.wrong[name]) end
    end
    local name = folder == "." and ("lab%d"):format(lab.number) or folder:match("([^/]+)$")
    words[#words + 1] = name .. ".tar.gz"
    for _, file in ipairs(lab.files) do words[#words + 1] = file end
    words.folder = folder
    local code, said = flatfish.spawn(words)
    if code ~= 0 then return stop(1, "%s", said) end
    print(("%s/%s.tar.gz is what to hand in"):format(folder, name))
end

local verb = verbs[words[1]]
if not verb then return stop(2, "'%s' is none of list, start, check, build, submit", words[1]) end
return verb(words[2], words[3])

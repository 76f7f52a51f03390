-- labs/lab.lua -- `flatfish lab`: what a student does with a lab. Words: self=PROGRAM, only=ID, min=POINTS, then list, start, check, build or submit.
-- SPDX-License-Identifier: MIT
local build = require "lib.build"
local catalog = require "lib.catalog"
local folders = require "lib.folder"
local gradebook = require "lib.gradebook"
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
# The programs of this lab, built as they will be graded: make; make run NEST='...' OPTIONS='--trace t'; make check; make submit.
# Changes here change nothing for the grader, which has rules of its own.
FLATFISH = %s
NEST = %s
OPTIONS =
build/nest.tar: $(wildcard *.c *.h)
	$(FLATFISH) lab build .
run: build/nest.tar
	$(FLATFISH) run $(OPTIONS) --initrd build/nest.tar %s
gdb: build/nest.tar
	$(FLATFISH) gdb $(OPTIONS) %s--initrd build/nest.tar %s
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
    folder = folder or folders.usual(lab)
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
        assert(flatfish.write(folder .. "/Makefile", makefile:format(settings.self or "flatfish", lab.nest, boots, lab.gdb_at and "--gdb-at " .. lab.gdb_at .. " " or "", boots)))
    end
    print(("%s/README.md says what to do. Then: flatfish lab check %s"):format(folder, folder))
end

-- ---- check and submit ----

-- The working folder that is meant, and its lab.
local function meant(word)
    local folder, lab = folders.find(word)
    if not folder then return stop(1, "%s", lab) end
    return folder:gsub("(.)/+$", "%1"), lab
end

local function has_check(lab, id)
    local ids = {}
    for _, check in ipairs(lab.checks) do
        if check.id == id then return true end
        ids[#ids + 1] = check.id
    end
    return stop(2, "--only: there is no property '%s'; there are %s", id, table.concat(ids, ", "))
end

function verbs.check(word)
    local folder, lab = meant(word)
    if settings.only then has_check(lab, settings.only) end
    lab.self = settings.self
    local one = session.check(lab, { folder }, { only = settings.only })[1]
    local of, read = 0, gradebook.reader()
    print(("Lab %d: %s%s\n"):format(lab.number, lab.title, folder == "." and "" or (" (%s)"):format(folder)))
    for _, check in ipairs(lab.checks) do
        local row = one.results[check.id]
        if row then
            of = of + check.points
            print(("%5s  %-12s %s"):format(("%d/%d"):format(row.got, check.points), check.id, check.text))
            if row.why ~= "" then print("       " .. read(row):gsub("\n", "\n       ")) end
            if row.got < check.points and check.hint and not row.waits and not row.why:find("was not built", 1, true) then print("       Hint: " .. check.hint) end
        end
    end
    print(("\n%d of %d points"):format(one.points, of))
    if one.broken then flatfish.quit(1) end
    local least = tonumber(settings.min or 0)
    if one.points < least then return stop(1, "%d points are fewer than the %d of --min", one.points, least) end
end

-- Builds as the grader does, and leaves programs and file system in FOLDER/build.
function verbs.build(word)
    local folder, lab = meant(word)
    local bad = false
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

function verbs.submit(word)
    local folder, lab = meant(word)
    local one = submission.take(lab, folder, folder)
    local words = { "tar", "--format=ustar", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0", "--sort=name", "-czf" }
    for _, name in ipairs(lab.files) do
        if one.wrong[name] then return stop(1, "%s", one.wrong[name]) end
    end
    local name = folder:match("([^/]+)$")
    if name == "." or name == ".." then name = folders.usual(lab) end
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

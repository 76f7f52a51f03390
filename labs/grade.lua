-- labs/grade.lua -- `flatfish grade`: many submissions of one lab. Words: self=, csv=, json=, junit=, reports=, min=, overlap= first,
-- then the lab and the submissions. SPDX-License-Identifier: MIT
local catalog = require "lib.catalog"
local gradebook = require "lib.gradebook"
local overlap = require "lib.overlap"
local report = require "lib.report"
local session = require "lib.session"

local settings, words, stop = require "lib.words" "grade"

local lab, why = catalog.find(words[1])
if not lab then return stop(2, "%s", why) end
lab.self = settings.self
local sources, seen = table.move(words, 2, #words, 1, {}), {}
for _, source in ipairs(sources) do
    local name = source:gsub("/+$", ""):match("([^/]+)$")
    if not name then return stop(2, "'%s' is no submission: name a folder or a .tar.gz", source) end
    name = name:gsub("%.tar%.gz$", "")
    if not flatfish.list_folder(source) then
        local _, reason = flatfish.plain_file(source, 1 << 30)
        if reason then return stop(1, "%s", reason) end
    end
    if seen[name] then return stop(1, "two submissions are called %s: %s and %s", name, seen[name], source) end
    seen[name] = source
end

-- ---- pictures and pages ----

local pictures = {}
local function picture(one, check)
    local name = ("%s-%s.svg"):format(one.name, check.id)
    pictures[one] = pictures[one] or {}
    pictures[one][check.id] = name
    return settings.reports .. "/" .. name
end

local function exists(path)
    return flatfish.plain_file(path, 1 << 30) ~= nil
end

-- Pictures are of what failed by itself; those of an earlier grading into the same folder may lie there, too.
local function pages(list)
    for _, one in ipairs(list) do
        local there = {}
        for _, check in ipairs(lab.checks) do
            local name, row = pictures[one][check.id], one.results[check.id]
            if row.got < check.points and not row.waits and exists(settings.reports .. "/" .. name) then there[check.id] = name end
        end
        assert(flatfish.write(("%s/%s.md"):format(settings.reports, one.name), gradebook.page(lab, one, there)))
    end
end

if settings.reports then
    local made, reason = flatfish.make_folder(settings.reports)
    if not made then return stop(1, "%s", reason) end
end
local list = session.check(lab, sources, { pictures = settings.reports and picture })

-- ---- what comes out ----

gradebook.table(lab, list):print()
local function put(path, text)
    if not path then return end
    local good, reason = flatfish.write(path, text)
    if not good then return stop(1, "%s", reason) end
end
put(settings.csv, gradebook.csv(lab, list))
put(settings.json, gradebook.reasons(lab, list):json())
put(settings.junit, gradebook.junit(lab, list))
if settings.reports then pages(list) end
if settings.overlap then
    local begun = {}
    for _, entry in ipairs(flatfish.list_folder(lab.path .. "/start") or {}) do
        begun[entry.name] = flatfish.plain_file(lab.path .. "/start/" .. entry.name, 1 << 20)
    end
    local others = {}
    local function other(name, path)
        local text = flatfish.plain_file(path, 1 << 20)
        if text then others[#others + 1] = { name = name, files = { text } } end
    end
    -- What the like of it is in Flatfish's source, and in the teacher's package, where they are.
    for _, name in ipairs(lab.near or {}) do other("Flatfish's " .. name, ("%s/../../%s"):format(lab.path, name)) end
    for _, name in ipairs(lab.files) do
        other("the solution's " .. name, ("%s/../teacher/%02d-%s/solution/%s"):format(lab.path, lab.number, lab.name, name))
    end
    print ""
    report.table { title = "Shared text, in per cent of the smaller one (60 and more)", rows = overlap.pairs(list, others, begun, 60),
        columns = { { "a", "student" }, { "b", "and" }, { "percent", "share" } } }:print()
end
for _, one in ipairs(list) do
    for _, check in ipairs(lab.checks) do
        local row = one.results[check.id]
        if row.broken then return stop(1, "%s, %s: %s", one.name, check.id, row.why) end
    end
end
local few = 0
for _, one in ipairs(list) do few = few + (one.points < tonumber(settings.min or 0) and 1 or 0) end
if few > 0 then return stop(1, "%d of %d submissions have fewer than the %d points of --min", few, #list, settings.min) end

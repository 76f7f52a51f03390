-- labs/lib/session.lua -- checks of one or many submissions: first all are built, then all checks run, each in a process, as many
-- at a time as there are CPUs. What was done before, with the same files, is not done again. The order in which things end
-- decides nothing.
-- SPDX-License-Identifier: MIT
local build = require "lib.build"
local catalog = require "lib.catalog"
local kept = require "lib.kept"
local progress = require "lib.progress"
local submission = require "lib.submission"
local trial = require "lib.trial"

local M = {}

local function interrupted(temp)
    flatfish.remove_folder(temp)
    flatfish.say "\nflatfish: interrupted; what was done is kept: the same command goes on"
    flatfish.quit(130)
end

-- Runs work(i) for each of 1..n in processes; rows by i. Without a row, rows[i] = {message=}.
local function spread(n, work, done, temp)
    local rows = {}
    local whole = flatfish.parallel(n, flatfish.settings.jobs, function(i) return kept.pack(work(i)) end, function(i, text, message)
        rows[i] = text and kept.unpack(text) or { message = message }
        done(i, rows[i], text)
    end)
    if not whole then interrupted(temp) end
    return rows
end

local function key(base, one, check)
    return flatfish.sha256(table.concat({ base, one.sum, check.id }, "\0"))
end

local function base_of(lab)
    local list = kept.machine_files()
    for _, path in ipairs(catalog.files(lab)) do list[#list + 1] = path end
    for _, name in ipairs(catalog.parts(lab)) do list[#list + 1] = flatfish.path("sdk", name) end
    return kept.files(list)
end

-- A property with `after` counts only when that one has all its points: what is free must not be worth anything, and what goes
-- wrong in it has most often the same cause. `waits`: its own hint would lead astray.
local function wait_for_others(lab, one)
    local whole = {}
    for _, check in ipairs(lab.checks) do
        local row = one.results[check.id]
        whole[check.id] = not row or row.got == check.points
        if row and check.after and not whole[check.after] and not row.broken then
            one.results[check.id] = { got = 0, why = "this counts when " .. check.after .. " has all its points", waits = true }
            whole[check.id] = false
        end
    end
end

local OPEN = {} -- the result of what is still to be looked at

-- What another property means for this one: "open" = not known yet, "fails", or nil = it may count.
local function awaited(lab, one, check)
    local row = check.after and one.results[check.after]
    if not row then return nil end
    if row == OPEN then return "open" end
    for _, before in ipairs(lab.checks) do
        if before.id == check.after and row.got < before.points then return "fails" end
    end
end

-- options: only (a check's id), pictures(one, check) -> path or nil.
-- Returns a list, in the order of `sources`: { name=, results={[id]={got=, why=}}, points=, built={...} }.
function M.check(lab, sources, options)
    local temp = assert(flatfish.temp_folder())
    local folder = flatfish.cache_folder() .. "/labs"
    assert(flatfish.make_folder(folder))
    local base, list, todo, building = base_of(lab), {}, {}, {}
    for i, source in ipairs(sources) do
        local place = ("%s/%d"):format(temp, i)
        assert(flatfish.make_folder(place))
        local one = submission.take(lab, source, place)
        one.place, one.results = place, {}
        list[i] = one
        for _, check in ipairs(lab.checks) do
            local picture = options.pictures and options.pictures(one, check)
            if not options.only or options.only == check.id then
                local path = ("%s/%s"):format(folder, key(base, one, check))
                local row = not flatfish.settings.fresh and kept.get("lab", path)
                if row and picture and row.got < check.points then row = nil end
                one.results[check.id] = row or OPEN
                if not row then
                    todo[#todo + 1] = { one = one, check = check, path = path, picture = picture }
                    one.needed = true
                end
            end
        end
        if one.needed then building[#building + 1] = one end
    end
    local all, failed = #building + #todo, 0
    local done = 0
    local function step(bad)
        done, failed = done + 1, failed + (bad and 1 or 0)
        progress(done, all, failed)
    end
    if all > 0 then progress(0, all, 0) end
    local built = spread(#building, function(i) return build.all(lab, building[i], building[i].place) end, function() step() end, temp)
    for i, one in ipairs(building) do
        if built[i].message then flatfish.remove_folder(temp) error(built[i].message, 0) end
        one.built = built[i]
    end
    local function run(jobs)
        spread(#jobs, function(i)
            local job = jobs[i]
            return trial.run_check(lab, job.check, job.one, job.one.built, job.one.place, job.picture)
        end, function(i, row, text)
            local job = jobs[i]
            if row.message then row = { got = 0, why = "the check ended: " .. row.message, broken = true } end
            job.one.results[job.check.id] = row
            if text and not row.broken then kept.put(job.path, text) end
            step(row.got < job.check.points)
        end, temp)
    end
    -- What counts only when another property holds is looked at when that is known, and not at all when it would not count.
    while #todo > 0 do
        local now, later = {}, {}
        for _, job in ipairs(todo) do
            local state = awaited(lab, job.one, job.check)
            if state == "fails" then
                job.one.results[job.check.id] = { got = 0, why = "" }
                step(true)
            else
                table.insert(state == "open" and later or now, job)
            end
        end
        assert(#later < #todo, "properties wait for each other")
        run(now)
        todo = later
    end
    flatfish.remove_folder(temp)
    for _, one in ipairs(list) do
        wait_for_others(lab, one)
        one.points = 0
        for _, row in pairs(one.results) do
            one.points = one.points + row.got
            one.broken = one.broken or row.broken
        end
    end
    return list
end

return M

-- lua-scripts/lib/experiment.lua -- sweeps: every combination of parameters is a machine of its own,
-- in a process of its own, in parallel; rows come out in the order of the parameters.
--
-- experiment{name=, sweep={{"depth", {0, 1, 2}}, {"n", {100}}}, run=function(p) ... return {cycles=1} end,
-- columns={...}}. `run` makes its machine and returns numbers and texts. A result is kept in
-- the cache under the SHA-256 of everything that decides it: the simulator, kernel and programs, the
-- Lua files loaded, the script, the name, the parameters, and what its machine was made of; so a sweep that was
-- interrupted goes on.
-- SPDX-License-Identifier: MIT
local kept = require "lib.kept"
local progress = require "lib.progress"
local table_of = require "lib.table"

-- ---- what decides a result ----

-- Lua files that are loaded, ours and the script's.
local function loaded_files()
    local list = {}
    for name in pairs(package.loaded) do list[#list + 1] = package.searchpath(name, package.path) end
    table.sort(list)
    return list
end

local function deciding_files(spec)
    local list = kept.machine_files()
    list[#list + 1] = arg[0]
    table.move(loaded_files(), 1, 1000, #list + 1, list)
    for _, path in ipairs(spec.files or {}) do
        flatfish.reads(path)
        list[#list + 1] = path
    end
    return list
end

local function machine_files(config, used)
    if type(config) ~= "table" then return end
    for _, key in ipairs { "kernel", "initrd", "disk", "cdrom" } do used[#used + 1] = config[key] end
    used[#used + 1] = type(config.guest) == "string" and flatfish.path("guest", config.guest) or nil
    for _, path in pairs(type(config.symbols) == "table" and config.symbols or {}) do used[#used + 1] = path end
end

-- In a run's process: the files that machine{...} is given, as they come.
local function machine_noted()
    local used, make = {}, flatfish.machine
    flatfish.machine = function(config)
        machine_files(config, used)
        local made = table.pack(pcall(make, config))
        if not made[1] then error(made[2], 2) end
        return table.unpack(made, 2, made.n)
    end
    return used
end

-- A float is written so that no two are the same.
local function value_text(v)
    return math.type(v) == "float" and ("%a"):format(v) or tostring(v)
end

local function key_of(spec, base, p)
    local parts = { base, spec.name }
    for _, axis in ipairs(spec.sweep) do
        parts[#parts + 1] = ("%s=%s:%s"):format(axis[1], math.type(p[axis[1]]) or type(p[axis[1]]), value_text(p[axis[1]]))
    end
    return flatfish.sha256(table.concat(parts, "\0"))
end

-- ---- the sweep ----

local function combinations(sweep)
    local list = { {} }
    for _, axis in ipairs(sweep) do
        assert(type(axis[1]) == "string" and type(axis[2]) == "table", "sweep: {{\"name\", {values}}, ...}")
        local longer = {}
        for _, p in ipairs(list) do
            for _, value in ipairs(axis[2]) do
                assert(({ number = 1, string = 1, boolean = 1 })[type(value)],
                    ("sweep: the values of %s are numbers, texts and booleans, not a %s"):format(axis[1], type(value)))
                local q = { [axis[1]] = value }
                for k, v in pairs(p) do q[k] = v end
                longer[#longer + 1] = q
            end
        end
        list = longer
    end
    return list
end

local function columns_of(spec, rows)
    local columns, known = {}, {}
    for _, axis in ipairs(spec.sweep) do
        columns[#columns + 1], known[axis[1]] = { axis[1], axis[1] }, true
    end
    if spec.columns then
        for _, c in ipairs(spec.columns) do columns[#columns + 1] = type(c) == "table" and c or { c, c } end
        return columns
    end
    local names = {}
    for _, row in ipairs(rows) do
        for key in pairs(row) do
            if not known[key] then
                known[key], names[#names + 1] = true, key
            end
        end
    end
    table.sort(names)
    for _, name in ipairs(names) do columns[#columns + 1] = { name, name } end
    return columns
end

local options = { name = 1, title = 1, note = 1, sweep = 1, run = 1, columns = 1, files = 1 }

return function(spec)
    assert(type(spec) == "table", "experiment{sweep =, run =}: a table is needed")
    for key in pairs(spec) do assert(options[key], "an experiment has no option '" .. tostring(key) .. "'") end
    assert(type(spec.run) == "function" and type(spec.sweep) == "table", "an experiment needs sweep and run")
    spec.name = spec.name or arg[0]:match("([^/]+)%.lua$") or "experiment"
    if flatfish.settings.machine then
        flatfish.say(("flatfish: script: %s makes its own machines, a process each: flatfish script %s"):format(spec.name,
            spec.name))
        flatfish.quit(2)
    end
    local list = combinations(spec.sweep)
    local folder = flatfish.cache_folder() .. "/experiments"
    assert(flatfish.make_folder(folder))
    local base, results, todo, keys = kept.files(deciding_files(spec)), {}, {}, {}
    for i, p in ipairs(list) do
        keys[i] = folder .. "/" .. key_of(spec, base, p)
        results[i] = not flatfish.settings.fresh and kept.get(spec.name, keys[i]) or nil
        if not results[i] then todo[#todo + 1] = i end
    end
    local done, failures = #list - #todo, {}
    progress(done, #list, 0)
    local whole = flatfish.parallel(#todo, flatfish.settings.jobs, function(n)
        local used = machine_noted()
        return kept.pack(spec.run(list[todo[n]]), used)
    end, function(n, text, message)
        local i = todo[n]
        done = done + 1
        if text then
            results[i] = kept.unpack(text)
            kept.put(keys[i], text)
        else
            failures[#failures + 1] = { i, message }
        end
        progress(done, #list, #failures)
    end)
    if not whole then
        flatfish.say(("\nflatfish: %s: interrupted; %d of %d are done and kept: the same command goes on"):format(
            spec.name, done - #failures, #list))
        flatfish.quit(130)
    end
    if #failures > 0 then
        table.sort(failures, function(a, b) return a[1] < b[1] end)
        local p, words = list[failures[1][1]], {}
        for _, axis in ipairs(spec.sweep) do words[#words + 1] = axis[1] .. "=" .. tostring(p[axis[1]]) end
        error(("%s: %d of %d runs failed; the first, %s: %s"):format(spec.name, #failures, #list,
            table.concat(words, " "), failures[1][2]), 0)
    end
    local rows = {}
    for i, p in ipairs(list) do
        rows[i] = {}
        for k, v in pairs(results[i]) do rows[i][k] = v end
        for k, v in pairs(p) do rows[i][k] = v end
    end
    local t = table_of { title = spec.title or spec.name, columns = columns_of(spec, rows), rows = rows, note = spec.note }
    if flatfish.settings.csv then assert(flatfish.write(flatfish.settings.csv, t:csv())) end
    return rows, t
end

-- lua-scripts/lib/cost.lua -- modelled cycles: counts times the prices of a model in cost/.
-- cost.load(name), or cost.of(table, name), gives a model. model:cycles(instructions, events, tlb) is the sum, events = {kind = n}; with
-- tlb, each load of CR3 also costs the refills of what was forgotten. model:observed(class, missed, events) is
-- the sum of what flatfish.observe(model:observing(caches)) counted. A report that shows cycles shows
-- model:says() or says_observed(), and the counts beside. SPDX-License-Identifier: MIT
local cost = {}
local model = {}
model.__index = model

local function wrong(name, text) error(("cost model %s: %s"):format(name, text), 0) end

local function number(name, v, what)
    if type(v) ~= "number" or v < 0 or v ~= v or v == math.huge then wrong(name, what .. " is not a price") end
end

local function group(t, name, key)
    if t[key] ~= nil and type(t[key]) ~= "table" then wrong(name, key .. " must be a table") end
    return t[key] or {}
end

-- A price that is misspelt would cost nothing.
local function named(t, name, key)
    local there = flatfish.names(key)
    for _, n in ipairs(there) do there[n] = true end
    for n, price in pairs(group(t, name, key)) do
        if not there[n] then
            wrong(name, ("%s.%s: there is no such %s; there are: %s"):format(key, tostring(n), key, table.concat(there, " ")))
        end
        number(name, price, key .. "." .. n)
    end
end

local function check(t, name)
    if type(t) ~= "table" then wrong(name, "it must return a table: see lua-scripts/cost/README.md") end
    if type(t.title) ~= "string" then wrong(name, "title must be a text") end
    number(name, t.instruction, "instruction")
    named(t, name, "event")
    named(t, name, "class")
    for _, key in ipairs { "refill", "after_cr3" } do number(name, group(t, name, "tlb")[key], "tlb." .. key) end
    if t.cache == nil then return end
    for _, key in ipairs { "miss", "second_miss" } do number(name, group(t, name, "cache")[key], "cache." .. key) end
end

-- A table as the files of cost/ return it.
function cost.of(t, name)
    check(t, name)
    t.name = name
    t.event = t.event or {}
    return setmetatable(t, model)
end

-- What the file returns. It has no library, and is to come to an end.
local function run(f, name)
    local thread = coroutine.create(f)
    debug.sethook(thread, function() error("it does not come to an end", 0) end, "", 1000000)
    local good, t = coroutine.resume(thread)
    if not good or coroutine.status(thread) ~= "dead" then wrong(name, tostring(t)) end
    return t
end

local function names()
    local list = {}
    for _, entry in ipairs(flatfish.list_folder(flatfish.scripts .. "/cost") or {}) do
        list[#list + 1] = entry.name:match("^(.*)%.lua$")
    end
    return table.concat(list, " ")
end

-- A name of cost/, or a file. The sandbox has no files, only what require() finds.
function cost.load(name)
    local file = name:find("[/.]")
    if flatfish.sandbox and file then
        error("the sandbox reads no files: give the name of a cost model, or cost.of() a table", 0)
    end
    if flatfish.sandbox then return cost.of(require("cost." .. name), name) end
    local path = file and name or ("%s/cost/%s.lua"):format(flatfish.scripts, name)
    local f, why = loadfile(path, "t", {})
    if not f and not file then why = ("no '%s'; there are: %s; a file has a / or . in its name"):format(name, names()) end
    if not f then error("cost model: " .. why, 0) end
    flatfish.reads(path)
    return cost.of(run(f, name), name)
end

local function of_events(self, events, tlb)
    local sum = 0
    for kind, n in pairs(events or {}) do
        sum = sum + n * (self.event[kind] or 0)
        if tlb and kind == "cr3" then sum = sum + n * self.tlb.after_cr3 * self.tlb.refill end
    end
    return sum
end

function model:cycles(instructions, events, tlb)
    return instructions * self.instruction + of_events(self, events, tlb)
end

local function says(self, how)
    return ("modelled cycles: %s (%s)%s; counts are exact, prices are a model's"):format(self.name, self.title, how)
end

function model:says(tlb) return says(self, tlb and ", with TLB refills" or "") end

-- What flatfish.observe() is to be asked for.
function model:observing(caches)
    local tlb, cache = self.tlb, caches and self.cache or nil
    if caches and not cache then error(("cost model %s has no caches"):format(self.name), 0) end
    return { tlb = { data = tlb.data, code = tlb.code },
        cache = cache and { data = cache.data, code = cache.code, second = cache.second } }
end

-- A class that has no price costs an instruction's. missed: as in a row of flatfish.observed().
function model:observed(classes, missed, events)
    local function n(name) return missed[name] or 0 end
    local cache = self.cache or { miss = 0, second_miss = 0 }
    local sum = of_events(self, events, false) + self.tlb.refill * (n "data_tlb" + n "code_tlb") +
        cache.miss * (n "data_cache" + n "code_cache") + cache.second_miss * n "second_cache"
    for class, count in pairs(classes) do
        sum = sum + count * (self.class and self.class[class] or self.instruction)
    end
    return sum
end

function model:says_observed(caches)
    return says(self, ", instructions priced by class, misses of modelled TLBs" .. (caches and " and caches" or ""))
end

return cost

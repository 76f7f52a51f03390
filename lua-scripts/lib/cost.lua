-- lua-scripts/lib/cost.lua -- modelled cycles: counts times the prices of a model in cost/.
-- cost.load(name), or cost.of(table, name), gives a model. model:cycles(instructions, events, tlb) is the sum, events = {kind = n}; with
-- tlb, each load of CR3 also costs the refills of what was forgotten. model:observed(class, missed, events) is
-- the sum of what flatfish.observe(model:observing(caches)) counted. A report that shows cycles shows
-- model:says() or says_observed(), and the counts beside. SPDX-License-Identifier: MIT
local cost = {}
local model = {}
model.__index = model

local function number(name, v, what)
    if type(v) ~= "number" or v < 0 or v ~= v or v == math.huge then
        error(("cost model %s: %s is not a price"):format(name, what), 0)
    end
end

local function check(t, name)
    if type(t) ~= "table" then error(("cost model %s: it must return a table: see lua-scripts/cost/README.md"):format(name), 0) end
    local function prices(group, keys)
        for _, key in ipairs(keys) do number(name, (t[group] or {})[key], group .. "." .. key) end
    end
    number(name, t.instruction, "instruction")
    for kind, price in pairs(t.event or {}) do number(name, price, "event." .. kind) end
    for class, price in pairs(t.class or {}) do number(name, price, "class." .. class) end
    prices("tlb", { "refill", "after_cr3" })
    if t.cache then prices("cache", { "miss", "second_miss" }) end
end

-- A table as the files of cost/ return it.
function cost.of(t, name)
    check(t, name)
    t.name = name
    t.event = t.event or {}
    return setmetatable(t, model)
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
    if not f then error("cost model: " .. why, 0) end
    flatfish.reads(path)
    return cost.of(f(), name)
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

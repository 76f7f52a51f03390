-- lua-scripts/lib/cost.lua -- modelled cycles: counts times the prices of a model in cost/.
-- cost.load(name) gives a model; model:cycles(instructions, events, tlb) the sum, events = {kind = n}.
-- With tlb, each load of CR3 also costs the refills of what was forgotten. A report that shows
-- cycles shows model:title(), and the counts beside.
-- SPDX-License-Identifier: MIT
local cost = {}
local model = {}
model.__index = model

local function check(t, name)
    local function number(v, what)
        if type(v) ~= "number" or v < 0 or v ~= v or v == math.huge then
            error(("cost model %s: %s is not a price"):format(name, what), 0)
        end
    end
    number(t.instruction, "instruction")
    for kind, price in pairs(t.event or {}) do number(price, "event." .. kind) end
    number((t.tlb or {}).refill, "tlb.refill")
    number((t.tlb or {}).after_cr3, "tlb.after_cr3")
    for class, price in pairs(t.class or {}) do number(price, "class." .. class) end
end

-- A name of cost/, or a file.
function cost.load(name)
    local path = name:find("[/.]") and name or ("%s/cost/%s.lua"):format(flatfish.scripts, name)
    local f, why = loadfile(path, "t", {})
    if not f then error("cost model: " .. why, 0) end
    local t = f()
    check(t, name)
    t.name = name
    return setmetatable(t, model)
end

function model:cycles(instructions, events, tlb)
    return instructions * self.instruction + self:of_events(events, tlb)
end

function model:of_events(events, tlb)
    local sum = 0
    for kind, n in pairs(events or {}) do
        sum = sum + n * (self.event[kind] or 0)
        if tlb and kind == "cr3" then sum = sum + n * self.tlb.after_cr3 * self.tlb.refill end
    end
    return sum
end

function model:says(tlb)
    return ("modelled cycles: %s (%s)%s; counts are exact, prices are a model's"):format(self.name,
        self.title, tlb and ", with TLB refills" or "")
end

-- What flatfish.observe() is to be asked for.
function model:observing() return { tlb = self.buffers } end

-- Instructions by class, TLB misses and events; a class that has no price costs an instruction's.
function model:observed(classes, misses, events)
    local sum = misses * self.tlb.refill + self:of_events(events, false)
    for class, n in pairs(classes) do sum = sum + n * (self.class and self.class[class] or self.instruction) end
    return sum
end

function model:says_observed()
    return ("modelled cycles: %s (%s), instructions priced by class, misses of a modelled TLB; counts are " ..
        "exact, prices are a model's"):format(self.name, self.title)
end

return cost

-- lua_eyes.lua -- chains of mappings and page tables agree, page by page, and what is not in a page table yet is
-- found where it turns up later, or there is a reason. Run beside a nest by lua_scripts.sh.
-- SPDX-License-Identifier: MIT
local present, early, none, agreed = 0, {}, 0, 0
local function look()
    for _, space in ipairs(flatfish.nest():list()) do
        for _, m in ipairs(space:mappings()) do
            for va = m.start, m.start + math.min(m.size, 400 * 4096) - 1, 4096 do
                local w = space:walk(va)
                local key = space.id .. ":" .. va
                if w.present then
                    present = present + 1
                    assert(w.memory == w.pa, ("%s %x: page table %x, chain %s"):format(space, va, w.pa, w.memory and ("%x"):format(w.memory) or w.missing))
                    if early[key] then agreed = agreed + (early[key] == w.pa and 1 or 0) early[key] = nil end
                elseif w.memory then
                    early[key] = w.memory
                    local byte, why = space.mem:u8(va)
                    assert(byte == flatfish.phys:u8(w.memory), why)
                    assert(#space.mem:read(va, 4096) == 4096)
                else
                    none = none + 1
                    local nothing, why = space.mem:u8(va)
                    assert(nothing == nil and why:find(w.missing, 1, true), why)
                end
            end
        end
    end
end
flatfish.probe("L3:main", function() look() end)
local faults = 0
flatfish.on("pagefault", { level = 3 }, function()
    faults = faults + 1
    if faults % 400 == 1 and faults < 1000 then look() end
end)
flatfish.on("finish", function()
    assert(present > 300 and agreed > 10)
    print("eyes", none > 0 and "some are missing" or "all is there")
end)

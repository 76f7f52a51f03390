-- cost.lua -- the reference solution. SPDX-License-Identifier: MIT
local what, pages, frames, walks = ...

if what == "predict" then
    pages, frames, walks = tonumber(pages), tonumber(frames), tonumber(walks)
    print(("predicted = %d"):format(frames >= pages and pages or pages * walks))
    return
end

-- The level of the innermost program is known when the run is over: so faults are noted for every level.
local open, count, spent = {}, {}, {}
flatfish.on("pagefault", { from_user = true }, function(e)
    if not open[e.thread] then open[e.thread] = { at = e.icount, level = e.level } end
end)
flatfish.on("crossing", { to_user = true }, function(e)
    local fault = open[e.thread]
    if fault and e.to_level == fault.level then
        count[fault.level] = (count[fault.level] or 0) + 1
        spent[fault.level] = (spent[fault.level] or 0) + e.icount - fault.at
        open[e.thread] = nil
    end
end)

flatfish.on("finish", function()
    local rows = flatfish.charge()
    local deepest, own, kernel = nil, 0, 0
    for _, row in ipairs(rows) do
        if row.user and (not deepest or row.level > deepest.level) then deepest = row end
    end
    for _, row in ipairs(rows) do
        if row.user and row.index == deepest.index and row.behalf_index == deepest.index then own = own + row.instructions end
        if not row.user and row.behalf_index == deepest.index then kernel = kernel + row.instructions end
    end
    local n = count[deepest.level] or 0
    print(("own = %d\nkernel = %d\nfaults = %d\nper_fault = %d"):format(own, kernel, n, n > 0 and spent[deepest.level] // n or 0))
end)

-- cost.lua -- beside any nest: what its innermost program costs, and why. Runs as
--     flatfish run NEST --sandbox --script cost.lua
-- and prints, when the run is over, a line for each of
--     own = N          instructions that the innermost program ran itself
--     kernel = N       instructions that the kernel ran on its behalf
--     faults = N       page faults that it met (from its own code; one that is met while another is dealt with is part of that)
--     per_fault = N    instructions from a fault until its thread runs again, on the average
-- With arguments (after --) `predict PAGES FRAMES WALKS` it runs nothing and prints instead
--     predicted = N    how many times a page must be brought, when PAGES are walked through WALKS times with FRAMES frames, FIFO
-- SPDX-License-Identifier: MIT
local what, pages, frames, walks = ...

if what == "predict" then
    print("predicted = 0") -- yours
    return
end

flatfish.on("finish", function()
    local rows = flatfish.charge()
    local deepest
    for _, row in ipairs(rows) do
        if row.user and (not deepest or row.level > deepest.level) then deepest = row end
    end
    print(("own = %d"):format(0)) -- yours: rows of this space, as user; and of the kernel, on its behalf
end)

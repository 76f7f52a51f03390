-- What shares a slot of the counts' cache stays apart: more kinds of calls than the cache has slots.
-- want: 0
-- SPDX-License-Identifier: MIT
local c = flatfish.count { by = { "number" }, event = "syscall" }
local even = flatfish.count { by = { "number" }, event = "syscall", where = { number = { 2, 4, 8 } } }
local seen, kinds, some = {}, 0, 0
flatfish.on("syscall", function(e)
    kinds = kinds + (seen[e.number] and 0 or 1)
    seen[e.number] = (seen[e.number] or 0) + 1
end)
flatfish.on("syscall", { number = { 2, 4, 8 } }, function() some = some + 1 end)
flatfish.run()
assert(kinds > 2048, kinds)
local rows = c:rows()
assert(#rows == kinds)
for _, r in ipairs(rows) do assert(r.n == seen[r.number], r.number) end
assert(some == (seen[2] or 0) + (seen[4] or 0) + (seen[8] or 0) and even:total() == some)

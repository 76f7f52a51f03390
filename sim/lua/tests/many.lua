-- Call-backs, snapshots and rows of a count cannot be made without end.
-- want: 0
-- SPDX-License-Identifier: MIT
local n = 0
while pcall(flatfish.at, 1000000000, print) do n = n + 1 end
assert(n == 1000, n)
n = 0
while n < 100 and pcall(function() flatfish.step() assert(flatfish.snapshot()) end) do n = n + 1 end
assert(n <= 16, n)
assert(not pcall(flatfish.snapshots, 1000, 100000))
local c = flatfish.count { by = { "icount" } }
flatfish.run()
local rows, more = c:rows()
assert(#rows <= 16384 and (more or c:total() < 16384))

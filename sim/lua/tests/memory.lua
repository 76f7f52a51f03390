-- A table that outgrows the memory limit is refused, also when the error is caught once.
-- want: 1 not enough memory
-- SPDX-License-Identifier: MIT
local t = {}
pcall(function() while true do t[#t + 1] = ("x"):rep(100000) .. #t end end)
while true do t[#t + 1] = ("x"):rep(100000) .. #t end

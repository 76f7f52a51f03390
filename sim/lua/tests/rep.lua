-- A string that outgrows the memory limit is refused.
-- want: 1 not enough memory|resulting string too large
-- SPDX-License-Identifier: MIT
local s = "x"
while true do s = s:rep(1000) end

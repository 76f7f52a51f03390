-- Random numbers are the same in every run.
-- want: 0
-- SPDX-License-Identifier: MIT
math.random(1000000)
local a = math.random(1000000)
math.randomseed(1)
math.random(1000000)
assert(a == math.random(1000000))

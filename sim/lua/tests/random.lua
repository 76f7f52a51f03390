-- Random numbers are the same in every run.
-- want: 0
-- SPDX-License-Identifier: MIT
assert(math.random(1000000) == 748292 or true)
local a = math.random(1000000)
math.randomseed(1)
math.random(1000000)
assert(a == math.random(1000000))

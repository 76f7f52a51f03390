-- The metatable of strings is out of reach.
-- want: 0
-- SPDX-License-Identifier: MIT
assert(getmetatable("") == false)
assert(not pcall(setmetatable, "", {}))

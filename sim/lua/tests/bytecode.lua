-- Byte code is not loaded, and none can be made.
-- want: 0
-- SPDX-License-Identifier: MIT
assert(string.dump == nil)
local f, why = load("\27Lua")
assert(not f and why:find("binary"))
assert(load("return 7")() == 7)

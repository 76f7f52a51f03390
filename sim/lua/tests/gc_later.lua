-- Nor by adding one to a metatable that is in use: it never runs.
-- want: 0
-- SPDX-License-Identifier: MIT
local m = {}
local t = setmetatable({}, m)
m.__gc = function() while true do end end
t = nil
collectgarbage()

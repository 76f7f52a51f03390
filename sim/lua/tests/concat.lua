-- table.concat over a table that claims to be endless does not hang.
-- want: 1 .
-- SPDX-License-Identifier: MIT
local t = setmetatable({}, { __len = function() return math.maxinteger end, __index = function() return "" end })
table.concat(t)

-- Sorting with a comparison in C over an endless table does not hang.
-- want: 1 .
-- SPDX-License-Identifier: MIT
local t = setmetatable({}, { __len = function() return 2147483646 end, __index = rawlen and function() return 1 end })
table.sort(t)

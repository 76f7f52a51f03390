-- Nor can many pcalls inside one another, with handlers that loop.
-- want: 1 does not end|still running|error in error|stack overflow
-- SPDX-License-Identifier: MIT
local function f(n) while true do xpcall(f, function() while true do end end, n + 1) end end
f(0)

-- Variables with __close methods that loop do not outlive the limit.
-- want: 1 does not end|still running
-- SPDX-License-Identifier: MIT
local forever = { __close = function() while true do pcall(function() while true do end end) end end }
while true do
    pcall(function()
        local _ <close> = setmetatable({}, forever)
        error("x")
    end)
end

-- A coroutine that catches the limit's error does not keep the script alive.
-- want: 1 does not end|still running|CPU time is over
-- SPDX-License-Identifier: MIT
while true do
    local c = coroutine.wrap(function() while true do pcall(function() while true do end end) end end)
    pcall(c)
end

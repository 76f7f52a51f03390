-- pcall cannot hold the error of a limit: a loop around it ends, too.
-- want: 1 does not end|still running
-- SPDX-License-Identifier: MIT
while true do pcall(function() while true do end end) end

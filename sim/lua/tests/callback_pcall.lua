-- A call-back that wraps its loop into pcall is stopped, too.
-- want: 1 does not end|still running
-- SPDX-License-Identifier: MIT
flatfish.every(1000, function() while true do pcall(error) end end)

-- Loops in ever new coroutines are stopped: a limit is the script's, not a coroutine's.
-- want: 1 does not end|still running|CPU time is over
-- SPDX-License-Identifier: MIT
while true do coroutine.resume(coroutine.create(function() for _ = 1, 50000 do end end)) end

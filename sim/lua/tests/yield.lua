-- A call-back cannot yield out of the machine; coroutines inside it count as its own time.
-- want: 1 this call.back does not end
-- SPDX-License-Identifier: MIT
local good, why
flatfish.at(100, function() good, why = pcall(coroutine.yield, 1) end)
flatfish.run(1000)
assert(not good and why:find("yield"), why)
local turn = coroutine.wrap(function() while true do coroutine.yield() end end)
flatfish.at(2000, function() while true do turn() end end)

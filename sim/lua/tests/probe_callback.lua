-- So is one at a place that the guest runs through.
-- want: 1 this call.back does not end
-- SPDX-License-Identifier: MIT
flatfish.probe("call_entry", function() local x = 0 while true do x = x + 1 end end)

-- The same when the script drives the machine itself; pcall does not make the run good again.
-- want: 1 error_run.lua:4
-- SPDX-License-Identifier: MIT
flatfish.at(12000, function() error("mine") end)
print(pcall(flatfish.run))

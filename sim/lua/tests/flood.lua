-- Printing without end is stopped.
-- want: 1 prints at most
-- SPDX-License-Identifier: MIT
while true do print(("x"):rep(10000)) end

-- Going back again and again is the script's time, though it is the machine that runs.
-- want: 1 CPU time is over
-- SPDX-License-Identifier: MIT
assert(flatfish.snapshot())
while true do
    flatfish.run { to = 40000 }
    assert(flatfish.goto_(0))
end

-- Going back: the same state, and counts do not count twice.
-- want: 0
-- SPDX-License-Identifier: MIT
local c = flatfish.count { event = "syscall" }
flatfish.snapshots(8)
flatfish.run { to = 16000 }
local rip, n = flatfish.regs.rip, c:total()
flatfish.run(1000)
local later = c:total()
assert(flatfish.goto_(16000) and flatfish.regs.rip == rip and flatfish["goto"] == flatfish.goto_)
assert(c:total() == later and later > n)
flatfish.run(1000)
assert(c:total() == later)

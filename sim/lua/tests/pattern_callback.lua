-- The same inside a call-back: what was printed before stands, and the end names script and instruction.
-- want: 1 printed before.*pattern_callback.lua: stopped: .* does not end, at instruction 1%d%d%d%d
-- SPDX-License-Identifier: MIT
print("printed before")
flatfish.on("syscall", function() return (("a"):rep(40)):find(("a*"):rep(40) .. "b") end)

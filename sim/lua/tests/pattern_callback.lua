-- The same inside a call-back.
-- want: 1 does not end
-- SPDX-License-Identifier: MIT
flatfish.on("syscall", function() return (("a"):rep(40)):find(("a*"):rep(40) .. "b") end)

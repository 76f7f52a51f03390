-- A call-back that never returns is stopped, and named.
-- want: 1 this call.back does not end
-- SPDX-License-Identifier: MIT
flatfish.on("syscall", function() while true do end end)

-- A mistake in a call-back names script and line, and what the machine was doing.
-- want: 1 error_where.lua:6: .*nil value.*machine: instruction %d+, in .*call_entry
-- SPDX-License-Identifier: MIT
flatfish.on("syscall", function(e)
    local t
    t.x = e.icount
end)

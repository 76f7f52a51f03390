-- No object's metatable can be reached, so none can be given a finalizer; what is left ends at the end.
-- want: 0
-- SPDX-License-Identifier: MIT
local seen = 0
local function sealed(o, what)
    assert(getmetatable(o) == false, what)
    seen = seen + 1
end
flatfish.on("syscall", function(e)
    sealed(e, "event")
    flatfish.stop()
end)
sealed(flatfish.at(1000000, print), "hook")
sealed(flatfish.space(), "space")
sealed(flatfish.phys, "memory")
sealed(flatfish.regs, "registers")
sealed(flatfish.count { by = { "kind" } }, "count")
flatfish.run()
assert(seen == 6)

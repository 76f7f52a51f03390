-- tests/lua_sweep.lua -- the sweep that lua_scripts.sh runs in several ways; each run leaves a mark in
-- the file that MARKS names, so the test can see what was run again. SPDX-License-Identifier: MIT
local experiment = require "lib.experiment"
local rows, t = experiment {
    name = "sweep",
    sweep = { { "n", { 10, 200, 30, 4000 } }, { "text", { "a,b", 'c"d' } } },
    run = function(p)
        local f = io.open(os.getenv("MARKS"), "a")
        f:write(p.n, "\n")
        f:close()
        if os.getenv("STOP_AT") == tostring(p.n) then os.execute("kill -INT $PPID; kill -INT " .. os.getenv("SWEEP_PID")) end
        assert(flatfish.machine { guest = "pingpong", append = "n=" .. p.n, mem = 64 })
        local c = flatfish.count { event = "syscall" }
        flatfish.run()
        return { instructions = flatfish.icount(), calls = c:total(), part = c:total() / 7, words = "x\ny\\" }
    end,
}
t:print()
assert(#rows == 8)

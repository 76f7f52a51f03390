-- lua-scripts/cost/ppro-1996.lua -- a Pentium Pro at 200 MHz, the kind of machine that recursive
-- virtual machines were first measured on. It has no syscall instruction: the prices are those of an
-- interrupt gate and of iret, which a kernel of that time would have used. To set beside the sums:
-- L4's one-way IPC took 121 cycles on a Pentium at 166 MHz, Hazelnut's 273 on a Pentium II (both listed at
-- https://trustworthy.systems/projects/OLD/L4/comparative_performance). How many cycles an instruction
-- takes in real programs: Bhandarkar and Ding, "Performance Characterization of the Pentium Pro
-- Processor", HPCA 1997, from which no figure is taken here. SPDX-License-Identifier: MIT
return {
    title = "Pentium Pro of 1996, caches warm, system calls by interrupt gate",
    instruction = 1,
    -- Estimates: what is left of the latency in code that has other things to do meanwhile.
    class = { load = 1, store = 1, modify = 2, mul = 2, div = 30, branch = 1.5, call = 2, string = 2, vector = 2,
        system = 10, none = 0 },
    -- Estimates, too.
    buffers = { data = { entries = 64, ways = 4 }, code = { entries = 32, ways = 4 } },
    event = {
        syscall = 100,
        sysret = 60,
        -- A late relative, the Core Duo, takes 700 and 240 (see x86-2020s.lua); the shorter pipeline of
        -- the Pentium Pro loses less.
        exception = 250,
        iret = 60,
        interrupt = 300,
        int = 100,
        cr3 = 50,
    },
    tlb = { refill = 15, after_cr3 = 10 },
    source = {},
}

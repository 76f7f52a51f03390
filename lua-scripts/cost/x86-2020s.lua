-- lua-scripts/cost/x86-2020s.lua -- a desktop x86-64 of about 2015-2025, caches warm, no mitigations.
-- Read the sum as an order of magnitude. To set beside it: seL4's fast one-way IPC between address
-- spaces takes 301 cycles on a Haswell (SOSP'13, listed at
-- https://trustworthy.systems/projects/OLD/L4/comparative_performance), a round trip 602 or so.
-- SPDX-License-Identifier: MIT
return {
    title = "desktop x86-64 of 2015-2025, caches warm, no PCID, no mitigations",
    -- Short straight code that hits the first caches runs at about two instructions a cycle.
    instruction = 0.5,
    -- Estimates: what is left of the latency in code that has other things to do meanwhile.
    class = { alu = 0.3, load = 0.5, store = 1, modify = 1, mul = 1, div = 20, branch = 1, call = 1.5, string = 0.5,
        vector = 0.7, system = 10, none = 0 },
    -- Estimates of the first level's.
    buffers = { data = { entries = 64, ways = 4 }, code = { entries = 128, ways = 8 } },
    event = {
        -- Each way stops the pipeline once; no measurement without a system around it was at hand.
        syscall = 75,
        sysret = 75,
        -- Measured on Haswell: delivering a page fault 715 cycles, iret 330.
        exception = 715,
        iret = 330,
        -- The same microcode as an exception, and the interrupt controller.
        interrupt = 800,
        int = 600,
        -- The load alone; what is missing afterwards is priced below.
        cr3 = 150,
    },
    tlb = {
        -- 20 to 50 cycles for a walk whose entries are cached.
        refill = 30,
        -- Kernel: code 3, stack, thread and object pages 4; user: code, stack, data 3.
        after_cr3 = 10,
    },
    source = {
        exception = "L. Torvalds, 2014, on a Haswell, quoted at http://d.hatena.ne.jp/yohei-a/20160509/1462802641",
        iret = "L. Torvalds, 2014, on a Haswell, quoted at http://d.hatena.ne.jp/yohei-a/20160509/1462802641",
        ["tlb.refill"] = "within the 20-50 cycles given for a cached walk at " ..
            "https://newsletter.onedfrk.com/archive/f557e57b-c3af-490a-a564-85ea5bb68fba",
    },
}

-- lua-scripts/cost/x86-2020s.lua -- a desktop x86-64 of about 2015-2025 (Skylake, where a choice had to be
-- made), no mitigations. Read the sum as an order of magnitude. To set beside it: seL4's fast one-way IPC
-- between address spaces takes 301 cycles on a Haswell (SOSP'13, listed at
-- https://trustworthy.systems/projects/OLD/L4/comparative_performance), a round trip 602 or so.
-- SPDX-License-Identifier: MIT
local llvm = "LLVM, llvm/lib/Target/X86/X86SchedSkylakeClient.td: "
local manual = "Intel 64 and IA-32 Architectures Optimization Reference Manual, Skylake client, tables of TLB and cache parameters"
local skybridge = "estimate: of the size that Mi et al. report for a Skylake (SkyBridge, EuroSys 2019)"
local torvalds = "L. Torvalds, 2014, on a Haswell, quoted at http://d.hatena.ne.jp/yohei-a/20160509/1462802641 " ..
    "(440 and 270 for the way in and out at http://lastweek.io/notes/xperf/, Haswell too)"
return {
    title = "desktop x86-64 of 2015-2025, no PCID, no mitigations",
    instruction = 0.5,
    class = { alu = 0.3, load = 0.5, store = 1, modify = 1, mul = 1, div = 25, branch = 1.2, call = 1.5, string = 0.5,
        vector = 0.5, system = 10, none = 0 },
    event = { syscall = 82, sysret = 75, exception = 715, iret = 330, interrupt = 800, int = 600, cr3 = 186 },
    tlb = { data = { entries = 64, ways = 4 }, code = { entries = 128, ways = 8 }, refill = 30, after_cr3 = 10 },
    cache = { data = { bytes = 32768, ways = 8, line = 64 }, code = { bytes = 32768, ways = 8, line = 64 },
        second = { bytes = 262144, ways = 4, line = 64 }, miss = 8, second_miss = 32 },
    source = {
        instruction = "estimate: short straight code that hits the first caches runs at about two a cycle",
        ["class.alu"] = "estimate: four ports take simple operations (" .. llvm .. "SKLPort0156), some have to wait",
        ["class.load"] = llvm .. "two ports load (SKLPort23); the latency of 5 is hidden",
        ["class.store"] = llvm .. "one port takes what is stored (SKLPort4)",
        ["class.modify"] = llvm .. "the store's port decides",
        ["class.mul"] = llvm .. "one port multiplies (SKLPort1), one a cycle; the latency of 3 is hidden",
        ["class.div"] = "estimate: a short quotient's; one of 64 bits takes about three times as long",
        ["class.branch"] = "estimate: half a cycle, and one of twenty mispredicted (" .. llvm .. "MispredictPenalty 14)",
        ["class.call"] = "estimate: a branch that is predicted, and a store or load",
        ["class.string"] = "estimate: eight bytes every half cycle, as far as the first cache gives them",
        ["class.vector"] = llvm .. "two ports add and multiply (SKLPort01)",
        ["class.system"] = "estimate: microcode that lets nothing else go on",
        ["class.none"] = "by definition: the event has the price",
        syscall = skybridge,
        sysret = skybridge,
        exception = torvalds,
        iret = torvalds,
        interrupt = "estimate: the same microcode as an exception, and the interrupt controller",
        int = "estimate: an exception without a faulting instruction to be undone",
        cr3 = skybridge .. "; what is missing afterwards is priced on its own",
        ["tlb.sizes"] = manual,
        ["tlb.refill"] = "within the 20-50 cycles given for a walk whose entries are cached at " ..
            "https://newsletter.onedfrk.com/archive/f557e57b-c3af-490a-a564-85ea5bb68fba; the second level, which would " ..
            "spare some walks, is empty after each load of CR3, too",
        ["tlb.after_cr3"] = "estimate: kernel code 3, its stack, thread and objects 4; user code, stack and data 3",
        ["cache.sizes"] = manual,
        ["cache.miss"] = manual .. ": latency 12 of the second cache less 4 of the first",
        ["cache.second_miss"] = manual .. ": latency 44 of the third cache, where all is taken to be, less 12",
    },
}

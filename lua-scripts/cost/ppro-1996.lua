-- lua-scripts/cost/ppro-1996.lua -- a Pentium Pro at 200 MHz, the kind of machine that recursive
-- virtual machines were first measured on. It has no syscall instruction: the prices are those of an
-- interrupt gate and of iret, which a kernel of that time would have used. To set beside the sums:
-- L4's one-way IPC took 121 cycles on a Pentium at 166 MHz, Hazelnut's 273 on a Pentium II (both listed at
-- https://trustworthy.systems/projects/OLD/L4/comparative_performance).
-- SPDX-License-Identifier: MIT
local gcc = "GCC, gcc/config/i386/i386.c, pentiumpro_cost: cycles relative to an addition"
local fog = "10 to 20 cycles for a mispredicted branch: A. Fog, The microarchitecture of Intel, AMD and VIA CPUs, " ..
    "section on branch prediction in PPro, P2 and P3"
local liedtke = "Liedtke, On micro-kernel construction, SOSP 1995: 107 cycles of a 486's for the machine instructions in and out"
local sdm = "Intel 64 and IA-32 Software Developer's Manual, volume 2A, CPUID, table of the descriptors of leaf 2: "
return {
    title = "Pentium Pro of 1996, system calls by interrupt gate",
    instruction = 1,
    class = { alu = 0.5, load = 1, store = 1, modify = 2, mul = 4, div = 17, branch = 2, call = 3, string = 2,
        vector = 3, system = 10, none = 0 },
    event = { syscall = 100, sysret = 60, exception = 250, iret = 60, interrupt = 300, int = 100, cr3 = 50 },
    tlb = { data = { entries = 64, ways = 4 }, code = { entries = 32, ways = 4 }, refill = 15, after_cr3 = 10 },
    cache = { data = { bytes = 8192, ways = 2, line = 32 }, code = { bytes = 8192, ways = 4, line = 32 },
        second = { bytes = 262144, ways = 4, line = 32 }, miss = 5, second_miss = 50 },
    source = {
        instruction = "estimate: three are decoded in a cycle at best, waiting for memory and for branches takes most of it back",
        ["class.alu"] = "estimate: two units take them, so two a cycle where nothing waits",
        ["class.load"] = "estimate: one unit loads, one a cycle; the latency of the first cache is hidden or not",
        ["class.store"] = "estimate: one unit stores, one a cycle",
        ["class.modify"] = "estimate: a load and a store",
        ["class.mul"] = gcc,
        ["class.div"] = gcc,
        ["class.branch"] = "estimate: one cycle, and one of fifteen mispredicted; " .. fog,
        ["class.call"] = "estimate: a branch that is predicted, and a store or load",
        ["class.string"] = "estimate: a load and a store, or one of them and a comparison, an element",
        ["class.vector"] = gcc .. "; that of adding and multiplying floating point",
        ["class.system"] = "estimate: microcode that lets nothing else go on",
        ["class.none"] = "by definition: the event has the price",
        syscall = "estimate: the greater part of " .. liedtke .. "; a longer pipeline to drain",
        sysret = "estimate: the smaller part of " .. liedtke .. "; a longer pipeline to drain",
        exception = "estimate: a third of what a Haswell takes (see x86-2020s.lua), whose pipeline holds several times as much",
        iret = "estimate: as sysret",
        interrupt = "estimate: as an exception, and the interrupt controller's answer",
        int = "estimate: as syscall",
        cr3 = "estimate: serialises; what is missing afterwards is priced on its own",
        ["tlb.sizes"] = sdm .. "01H, 03H",
        ["tlb.refill"] = "estimate: two memory reads, out of the first cache or the second, and replacing the entry",
        ["tlb.after_cr3"] = "estimate: kernel code 3, its stack, thread and objects 4; user code, stack and data 3",
        ["cache.sizes"] = sdm .. "06H, 0AH, 42H",
        ["cache.miss"] = "estimate: the second cache is in the same package and runs at the processor's clock",
        ["cache.second_miss"] = "estimate: 15 clocks of a bus at a third or less of the processor's",
    },
}

-- kernel/tests/cases.lua -- what the suite runs: program, append = more command line, memory in MiB,
-- seconds at most, cpu = QEMU's name of a CPU (then it runs on QEMU only).
-- SPDX-License-Identifier: MIT
return {
    { "t_start" },
    { "t_objects" },
    { "t_ipc" },
    { "t_turns" },
    { "t_matrix" },
    { "t_fast" },
    { "t_memory" },
    { "t_wide" },
    { "t_bounds" },
    { "t_sync" },
    { "t_thread" },
    { "t_sched" },
    { "t_bench" },
    { "t_insane" },
    { "t_stop" },
    { "t_step" },
    { "t_anywhere" },
    { "t_limits" },
    { "t_nomem" },
    { "t_policy" },
    { "t_start", memory = 16 },
    { "t_start", memory = 2900 },
    { "t_stop", append = "kmem=3" },
    -- no XSAVE, SMEP, SMAP, FSGSBASE; then no APIC either
    { "t_thread", cpu = "qemu64" },
    { "t_sched", cpu = "qemu64,-apic" },
    { "t_stop", cpu = "qemu64,-apic" },
    { "t_fuzz", append = "calls=20 seed=3 stress=1" },
    { "t_fuzz", append = "calls=1000 seed=1", seconds = 400 }, -- thousands, on each machine
}

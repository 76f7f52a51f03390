-- kernel/tests/cases.lua -- what the suite runs: program, extra command line, memory, seconds.
-- SPDX-License-Identifier: MIT
return {
    { "t_start" },
    { "t_objects" },
    { "t_ipc" },
    { "t_memory" },
    { "t_sync" },
    { "t_thread" },
    { "t_sched" },
    { "t_bench" },
    { "t_insane" },
    { "t_stop" },
    { "t_step" },
    { "t_limits" },
    { "t_fuzz", append = "calls=200 seed=1", seconds = 200 }, -- thousands, on each machine
}

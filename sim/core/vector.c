/* sim/core/vector.c -- what the CPU's exceptions are called (SDM 3A, table 6-1).
 * SPDX-License-Identifier: MIT */
#include "sim/fault.h"

const char *sim_fault_name(unsigned vector)
{
    static const char *const names[] = {
        [0] = "divide error",        [1] = "debug",           [2] = "NMI",
        [3] = "breakpoint",          [4] = "overflow",        [5] = "bound",
        [6] = "invalid opcode",      [7] = "no FPU",          [8] = "double fault",
        [10] = "invalid TSS",        [11] = "segment absent", [12] = "stack fault",
        [13] = "protection fault",   [14] = "page fault",     [16] = "x87 error",
        [17] = "alignment",          [18] = "machine check",  [19] = "SIMD error",
        [21] = "control protection",
    };

    return vector < sizeof names / sizeof names[0] ? names[vector] : NULL;
}

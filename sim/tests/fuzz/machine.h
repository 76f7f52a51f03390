/* sim/tests/fuzz/machine.h -- the stand-in for the machine behind fuzz_gdb.c and fuzz_wire.c.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_TESTS_FUZZ_MACHINE_H
#define SIM_TESTS_FUZZ_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

enum { MACHINE_END = 100000 }; /* instructions */

/* Anew; `poll` is what it calls as its host tick: true = stop. */
void machine_begin(uint32_t seed, bool (*poll)(void));
/* Probes, watches, listeners and sinks that are set. */
unsigned machine_hooks(void);

#endif

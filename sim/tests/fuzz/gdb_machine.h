/* sim/tests/fuzz/gdb_machine.h -- the stand-in for the machine behind fuzz_gdb.c.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_TESTS_FUZZ_GDB_MACHINE_H
#define SIM_TESTS_FUZZ_GDB_MACHINE_H

#include <stdint.h>

enum { MACHINE_END = 100000 }; /* instructions */

void machine_begin(uint32_t seed); /* anew */
/* Probes, watches and listeners that are set. */
unsigned machine_hooks(void);

#endif

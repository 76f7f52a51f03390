/* monitors/programs/trap.h -- page faults of this program handled by itself, and memory of its own
 * to protect: what Appel and Li's benchmarks need. The kernel enters the handler directly: nobody
 * else is asked, so this costs the same at any depth. SPDX-License-Identifier: MIT */
#ifndef MONITORS_PROGRAMS_TRAP_H
#define MONITORS_PROGRAMS_TRAP_H

#include <stdint.h>

/* From now on a page fault of this thread calls handler(address, FK_READ, FK_WRITE or FK_EXECUTE),
 * then the instruction is tried again. Other exceptions end the program as always. */
void trap_catch(void (*handler)(uint64_t address, uint64_t access));

/* A region that exports `pages` fresh pages of this program, to be mapped by it once more where
 * it wants rights of its own. Returns a reference; `object` is the region. */
uint64_t trap_region(uint64_t pages, uint64_t *object);

#endif

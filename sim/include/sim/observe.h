/* sim/observe.h -- what kinds of instructions ran, and what small TLBs and caches would have
 * missed.
 *
 * Off at first, and then free. While it is on each instruction passes through a counter of ours,
 * several times slower; the run is the same, in counts and digest. The counts are the machine's:
 * they go back with it, as far as the moment at which observing began.
 *
 * The buffers are models: sets of ways, in each what was used last. A TLB holds pages of 4 KiB,
 * whatever the page table says, and forgets as the architecture has it: at a load of CR3 all but
 * global pages, or what its PCID says; at INVLPG one page. A cache holds
 * lines of physical memory, of RAM only; a write brings its line in as a read does. What counts
 * is what instructions that complete ask for themselves: no exception frames, page walks or
 * gathers, and of an operand and of the stack the first byte.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_OBSERVE_H
#define SIM_OBSERVE_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

enum sim_class {
#define SIM_CLASS(name, text) SIM_CLASS_##name,
#include "sim/class.def"
#undef SIM_CLASS
    SIM_CLASSES
};

enum sim_buffer {
#define SIM_BUFFER(name, text) SIM_BUFFER_##name,
#include "sim/buffer.def"
#undef SIM_BUFFER
    SIM_BUFFERS
};

struct sim_size {
    unsigned entries, ways; /* 0 entries = none */
    unsigned bytes;         /* a cache's line: a power of 2 */
};

enum { SIM_BUFFER_ENTRIES = 1 << 20, SIM_LINE_BYTES = 4096 }; /* at most; a line has 8 at least */

/* Counts from zero on. -1: sizes that do not fit together, or no memory. */
int sim_observe(const struct sim_size want[SIM_BUFFERS]);
void sim_observe_off(void); /* the counts stay */

/* One row for each domain and whom it worked for, as in sim_charges(). */
struct sim_observed {
    uint16_t domain, behalf;
    uint64_t executed[SIM_CLASSES];
    uint64_t asked[SIM_BUFFERS], missed[SIM_BUFFERS];
};
size_t sim_observed(struct sim_observed *rows, size_t max); /* returns how many there are */

#ifdef __cplusplus
}
#endif
#endif

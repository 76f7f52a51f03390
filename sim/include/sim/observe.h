/* sim/observe.h -- what kinds of instructions ran, and what a small TLB would have missed.
 *
 * Off at first, and then free. While it is on each instruction passes through a counter of ours,
 * several times slower; the run is the same, in counts and digest. Counts are the tool's: what runs
 * again after a goto counts again, what sim_goto() runs to get somewhere does not. The TLBs are
 * models: 4 KiB pages, least recently used out first, what instructions touch themselves (no
 * exception frames, page walks or gathers), emptied when CR3 is loaded unless its PCID says not to.
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

struct sim_tlb {
    unsigned entries, ways; /* 0 entries = none */
};

enum { SIM_TLB_ENTRIES = 1 << 16 }; /* at most */

/* Counts from zero on. -1: entries are no multiple of ways, or no memory. */
int sim_observe(struct sim_tlb data, struct sim_tlb code);
void sim_observe_off(void); /* the counts stay */

/* One row for each domain and whom it worked for, as in sim_charges(). */
struct sim_observed {
    uint16_t domain, behalf;
    uint64_t executed[SIM_CLASSES];
    uint64_t missed[2]; /* data, code */
};
size_t sim_observed(struct sim_observed *rows, size_t max); /* returns how many there are */

#ifdef __cplusplus
}
#endif
#endif

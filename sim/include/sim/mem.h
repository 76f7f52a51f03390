/* sim/mem.h -- guest memory, physical and virtual (through any page table).
 * Reads and writes never have side effects on devices, never fault the guest, never set accessed
 * or dirty bits. Code written this way takes effect at once.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_MEM_H
#define SIM_MEM_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* All return the number of bytes done before the first that is no memory: n = all. */
size_t sim_phys_read(gpa at, void *to, size_t n);
size_t sim_phys_write(gpa at, const void *from, size_t n);

#define SIM_CR3_NOW UINT64_MAX /* the translation in force now */

struct sim_walk {  /* what a walk met */
    gpa pa;        /* when `present` */
    uint64_t page; /* size of the page: 4 KiB, 2 MiB, 4 MiB, 1 GiB */
    bool present, write, user, exec, accessed, dirty;
    unsigned levels;   /* entries read */
    uint64_t entry[5]; /* the entries, outermost first */
};

/* Translates `va` under `cr3` with the paging mode now in force (SIM_CR3_NOW: with paging off,
 * pa = va). Returns 0 when present, -1 when not (walk is filled either way). */
int sim_walk(uint64_t cr3, gva va, struct sim_walk *walk);
size_t sim_virt_read(uint64_t cr3, gva at, void *to, size_t n);
size_t sim_virt_write(uint64_t cr3, gva at, const void *from, size_t n);

#ifdef __cplusplus
}
#endif
#endif

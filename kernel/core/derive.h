/* kernel/core/derive.h -- revoking: what derives from a range is cleared, see derive.c.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_DERIVE_H
#define KERNEL_CORE_DERIVE_H

#include "kernel/core/list.h"
#include "kernel/core/object.h"

struct region;

/* A range of a space whose entries are to be visited, or of a region whose mappings are to be
 * followed. Owned by the walk that has its number. */
struct visit {
    struct list link;        /* if queued */
    struct space *space;     /* not of a region */
    uint64_t start, end, at; /* at: what is below is done */
    uint64_t walk, turn;     /* turn: mark of what was followed from here */
    bool queued;
};

/* Go on with the walk under way, and with destroyed spaces. false = preempted, or what was looked
 * up may be gone: answer K_AGAIN. */
bool derive_settle(void);
void derive_tick(void); /* a stretch of it, if its caller is gone */
bool derive_active(void);
uint64_t derive_epoch(void); /* grows whenever something is taken away */

/* Begin a walk; the last one must be settled. */
void derive_clear_space(struct space *space, vaddr start, vaddr end);
void derive_clear_region(struct region *region, uint64_t start, uint64_t end);
void derive_harvest_region(struct region *region, uint64_t start, uint64_t end);

/* The rest of a call that began one: it becomes `settle`. */
long derive_roll(void);

#endif

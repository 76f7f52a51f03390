/* sim/core/assoc.h -- a set-associative buffer that forgets what was used least recently.
 *
 * Keys are the caller's, at most 63 bits; which set a key lies in is what remains of `place`. The
 * memory is machine state: contents go back in time. Used by observe.c for TLBs and caches.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_ASSOC_H
#define SIM_CORE_ASSOC_H

#include <stdbool.h>
#include <stdint.h>

struct assoc {
    unsigned sets, ways; /* 0 sets = there is none */
    uint64_t *key;       /* sets x ways, the one used last first; 0 = empty */
};

int assoc_make(struct assoc *a, unsigned entries, unsigned ways); /* -1 = no memory */
void assoc_free(struct assoc *a);
/* Was it there? Now it is. */
bool assoc_ask(struct assoc *a, uint64_t place, uint64_t key);
/* Drops the keys whose bits under `mask` are those of `key`. */
void assoc_forget(struct assoc *a, uint64_t key, uint64_t mask);

#endif

/* kernel/tests/rebirth.h -- threads that are stopped, exported, destroyed, made anew and resumed.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_TESTS_REBIRTH_H
#define KERNEL_TESTS_REBIRTH_H

#include "kernel/tests/test.h"

#define REBIRTH_MUTEXES 2
#define REBIRTH_NOBODY  ~0u

struct patient {
    uint64_t thread;                           /* its address, 0 = there is none */
    uint64_t ref;                              /* names it, before and after */
    uint64_t space, scheduler, client, server; /* references, filled by get_state */
    bool owns[REBIRTH_MUTEXES];
    unsigned peer[2]; /* the patient that serves it, that it serves; REBIRTH_NOBODY */
    struct fk_thread_state state;
};

/* Mutexes that patients may own: a mutex names its owner, and must be told of the new one. */
extern uint64_t rebirth_mutex[REBIRTH_MUTEXES];

void rebirth_prepare(struct patient *patient, uint64_t thread);
/* All patients whose bit is in `mask` are gone when the first has answered, and there again with
 * the second. Every link between them, and with others, is as it was before. `moved`: at another
 * address than before. */
void rebirth_out(struct patient *patients, unsigned count, unsigned mask, bool moved);
void rebirth_in(struct patient *patients, unsigned count, unsigned mask);
void rebirth(struct patient *patients, unsigned count, unsigned mask, bool moved);

#endif

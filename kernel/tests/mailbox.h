/* kernel/tests/mailbox.h -- what the surgeon of a play (t_anywhere.c) and the driver
 * (tests/stop_anywhere.c) tell each other: one page of the guest. All from `sum` on is the result,
 * compared with that of the undisturbed run. SPDX-License-Identifier: MIT */
#ifndef KERNEL_TESTS_MAILBOX_H
#define KERNEL_TESTS_MAILBOX_H

#include "abi/fk/debug.h"

#define ACTORS 3

enum ask {
    ASK_NOTHING,
    ASK_REBIRTH,   /* of those in the mask, all at once */
    ASK_PREEMPT,   /* another thread runs, which spoils the registers */
    ASK_INTERRUPT, /* for those in the mask */
    ASK_LIMBO,     /* of those in the mask; while they are gone the others are reborn too, */
    ASK_AWAY,      /* and go on before that, until they wait */
    ASK_TURN       /* from here on actor number `mask` runs */
};

struct mailbox {
    volatile uint64_t ask; /* the host writes: enum ask, from bit 8 the mask */
    volatile uint64_t served;
    uint64_t actor[ACTORS];  /* addresses of their thread objects */
    uint64_t met[ACTORS];    /* where the first disturbance found them: rip */
    uint64_t asleep[ACTORS]; /* ASK_AWAY: the calls in which the others slept */
    uint64_t sum[ACTORS], state[ACTORS];
    struct fk_debug_frame frame[ACTORS];
    uint64_t objects[FK_DEBUG_KINDS], memory;
};
#endif

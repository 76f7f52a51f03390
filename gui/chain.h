/* gui/chain.h -- a fault or call followed leg by leg, from the moment a program leaves user mode
 * until its thread runs there again. SPDX-License-Identifier: MIT */
#ifndef GUI_CHAIN_H
#define GUI_CHAIN_H

#include "gui/model.h"

enum { CHAIN_LEGS = 2000, CHAIN_CROSSINGS = 200000 };

struct chain_leg {
    struct trace_record by; /* the crossing that began it */
    uint64_t begin, end;
    unsigned entity; /* whom it is charged to */
    bool kernel;
    unsigned crossings; /* of the kernel with itself (a change of space), all in this leg */
};

struct chain {
    struct trace_record cause;
    unsigned legs;
    bool whole; /* it came back */
    uint64_t begin, end;
    struct chain_leg leg[CHAIN_LEGS];
};

/* The chain that begins with the crossing at `at`; or when that is not one out of user mode, the
 * one that began last before it. False: none. */
bool chain_follow(struct model *m, uint64_t at, struct chain *c);
/* The next (or last before) page fault of a user program from `at` on; false = none. */
bool chain_fault(struct model *m, uint64_t at, bool before, uint64_t *found);

#endif

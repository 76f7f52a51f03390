/* tests/stop_machine.h -- the machine that a play is performed on: brought to its beginning, then
 * disturbed, run to its end, and its result collected. See stop_anywhere.c.
 * SPDX-License-Identifier: MIT */
#ifndef TESTS_STOP_MACHINE_H
#define TESTS_STOP_MACHINE_H

#include <stdbool.h>
#include "kernel/tests/mailbox.h"
#include "sim/machine.h"

#define TIMER_VECTOR 32      /* kernel/arch/x86_64/layout.h */
#define TOO_LONG     8000000 /* instructions behind the disturbance: it hangs */
#define RESULT_MAX   (352 << 10)

struct result {
    int exit_code;
    enum sim_stop why;
    uint64_t console, end;            /* sum of what was said; where the play ended */
    uint64_t objects[FK_DEBUG_KINDS]; /* sums of all that the kernel's records say */
    uint8_t bytes[RESULT_MAX];        /* behind each other: result, area, stage */
};

extern const char *stop_build; /* the folder with the kernel and the guest */
extern uint64_t stop_begun;    /* the play begins at this instruction */

int stop_boot(const char *play, const char *options); /* to the beginning of the play */
void stop_collect(enum sim_stop why, struct result *out);
/* When everybody is reborn after a disturbance: so many instructions later; or, with an address, as
 * soon as the CPU comes there for another actor than this one. */
struct stop_again {
    uint64_t later;
    gva at;
    int but;
};
/* Asks for this at once, and then for everybody's rebirth (NULL = never). Answers why the machine
 * stopped. */
enum sim_stop stop_disturb(uint64_t ask, const struct stop_again *again);
uint64_t stop_served(void); /* how many disturbances the guest has answered */
void stop_read_mailbox(struct mailbox *box);
/* Which word of the results differs first, NULL = none; and both values. */
const char *stop_difference(const struct result *want, const struct result *got, uint64_t *a,
                            uint64_t *b);
const char *stop_said(void); /* the last that the console said */

bool stop_interrupts_on(void);
/* The actor that the CPU works for, and where it is: its own rip. -1 = nobody. */
int stop_actor_now(uint64_t *rip);
/* What the kernel's record of an actor says. */
struct actor_now {
    bool there, current;
    uint32_t state, call, wait_kind;
    struct fk_debug_frame frame;
};
void stop_actors(struct actor_now actors[ACTORS]);
#endif

/* kernel/tests/anywhere.h -- plays: programs of up to three threads that are disturbed wherever
 * they are, and what they share with the surgeon (t_anywhere.c) who does it.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_TESTS_ANYWHERE_H
#define KERNEL_TESTS_ANYWHERE_H

#include "kernel/tests/rebirth.h"

#define ACTORS     3
#define AREA_PAGES 48

/* A thread of a play. `place` 0: in the root space, with a scheduler; 1, 2: in a child space. */
struct actor {
    void (*run)(uint64_t who);
    unsigned place;
};

struct play {
    const char *name;
    void (*prepare)(void); /* or NULL */
    struct actor actor[ACTORS];
    unsigned needed; /* bits of the actors that end the play */
    bool makes;      /* objects: its result may tell that there was no memory */
};

extern const struct play plays[];
extern const unsigned play_count;
void play_strike(void);
extern uint64_t play_rounds, play_bytes; /* rounds=, bytes= on the command line */
extern struct test_port stage;           /* for clients and servers of the play */
extern uint64_t stage_space[3];          /* references to root and the two children */
extern uint64_t puppet_ref; /* a thread that an actor made; or 0, or it names nothing */
extern uint64_t area;       /* memory of the play: a part of the result */

void note(uint64_t who, uint64_t value); /* a part of the result, in this order */
void note_bytes(uint64_t who, const void *bytes, uint64_t count);
/* From here on: the handler of interrupts only returns, those of alerts may be 0. */
void take_interrupts(uint64_t client_alert, uint64_t server_alert);
_Noreturn void done(uint64_t who);

/* theatre.c */
extern volatile uint64_t play_sum[ACTORS], play_finished; /* what was noted; bits of who is done */
const char *play_option(const char *key);
uint64_t play_hash(const void *from, uint64_t bytes);
void play_open(void);
void play_prepare(const struct play *play);
void play_cast(const struct play *play, unsigned i, uint64_t thread, uint64_t stack,
               uint64_t scheduler);

#endif

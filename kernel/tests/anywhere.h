/* kernel/tests/anywhere.h -- plays: programs of up to three threads that are disturbed wherever
 * they are, and what they share with the surgeon (t_anywhere.c) who does it. A new play: an entry
 * in plays.def, its functions in a play_*.c.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_TESTS_ANYWHERE_H
#define KERNEL_TESTS_ANYWHERE_H

#include "kernel/tests/mailbox.h"
#include "kernel/tests/rebirth.h"

#define AREA_PAGES  72
#define AREA_STACKS (ACTORS * STACK_PAGES) /* pages behind these: the stacks of the actors */
#define STACK_PAGES 2

/* Variables of a play that are a part of its result: not what clocks say, nor what repeats. */
#define STAGE __attribute__((section("stage_data")))
extern uint64_t __start_stage_data[], __stop_stage_data[]; /* the linker's names */

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

#define PLAY(name, prepare, a0, p0, a1, p1, a2, p2, needed, makes)                                 \
    void prepare(void);                                                                            \
    void a0(uint64_t who);                                                                         \
    void a1(uint64_t who);                                                                         \
    void a2(uint64_t who);
#include "kernel/tests/plays.def"
extern const struct play plays[];
extern const unsigned play_count;
void play_strike(void);
extern uint64_t play_rounds, play_bytes; /* rounds=, bytes= on the command line */
extern struct test_port stage;           /* for clients and servers of the play */
extern uint64_t stage_space[3];          /* references to root and the two children */
extern uint64_t puppet, puppet_ref; /* a thread that an actor made; or 0, or it names nothing */
extern uint64_t area;               /* memory of the play: a part of the result */

void note(uint64_t who, uint64_t value); /* a part of the result, in this order */
void note_bytes(uint64_t who, const void *bytes, uint64_t count);
/* From here on: the handler of interrupts only returns, those of alerts may be 0. */
void take_interrupts(uint64_t client_alert, uint64_t server_alert);
_Noreturn void done(uint64_t who);

/* plays.c: what several of them do */
void begin(uint64_t who); /* an actor keeps something in the extended state as well */
_Noreturn void end(uint64_t who);
void note_words(uint64_t who, const struct fk_ipc *ipc);
void note_some(uint64_t who, const unsigned char *bytes);
uint64_t make_refs(unsigned count, uint64_t target);
#define PLAY_NAP 1500000 /* ns: more than a tick, which may come at once */
void gate(void);         /* the others go on until they wait */
bool play_has_avx(void);

/* theatre.c */
extern volatile uint64_t play_sum[ACTORS], play_finished; /* what was noted; bits of who is done */
const char *play_option(const char *key);
uint64_t play_hash(const void *from, uint64_t bytes);
void play_open(void);
void play_prepare(const struct play *play);
void play_cast(const struct play *play, unsigned i, uint64_t thread, uint64_t stack,
               uint64_t scheduler);

#endif

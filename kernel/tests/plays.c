/* kernel/tests/plays.c -- the table of plays, from plays.def, and what plays have in common. What
 * an actor notes may depend on nothing but its own steps: not on time, and not on how often an
 * idempotent request was served.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/anywhere.h"

#define MARKER 0x5eed5eed5eed5eedull

void begin(uint64_t who)
{
    __asm__ volatile("movq %0, %%xmm3" : : "r"(MARKER + who));
    take_interrupts(0, 0);
}

void end(uint64_t who)
{
    uint64_t kept;
    __asm__ volatile("movq %%xmm3, %0" : "=r"(kept));
    note(who, kept);
    done(who);
}

void note_words(uint64_t who, const struct fk_ipc *ipc)
{
    note(who, ipc->tag);
    for (unsigned i = 0; i < FK_IPC_WORDS; i++)
        note(who, ipc->word[i]);
}

/* Too long to be over when the call is made, so it ends at a tick: by then the others wait. */
void gate(void)
{
    fk_clock_wait((uint64_t)fk_clock_read() + PLAY_NAP);
}

uint64_t make_refs(unsigned count, uint64_t target)
{
    uint64_t refs = test_pages((count * FK_OBJECT_BYTES + FK_PAGE - 1) / FK_PAGE);
    for (unsigned i = 0; i < count; i++) {
        CHECK_EQ(fk_ref_create(refs + i * FK_OBJECT_BYTES), FK_OK);
        if (target)
            CHECK_EQ(fk_cond_reference(target, refs + i * FK_OBJECT_BYTES), FK_OK);
    }
    return refs;
}

/* The area is compared as a whole by the host: a few bytes will do here. */
void note_some(uint64_t who, const unsigned char *bytes)
{
    note_bytes(who, bytes, 32);
}

/* What a play that stopped half-way leaves behind, but for what is in the area. */
void play_strike(void)
{
    const struct fk_mutex_state unlocked = {0, 0};
    struct fk_ref_state state = {.type = FK_DEBUG_KINDS};
    if (puppet_ref)
        fk_ref_get_state(puppet_ref, fk_at(&state), 0);
    if (state.type == FK_DEBUG_THREAD)
        CHECK_EQ(fk_thread_destroy(puppet), FK_OK);
    for (unsigned i = 0; i < REBIRTH_MUTEXES; i++)
        if (rebirth_mutex[i])
            CHECK_EQ(fk_mutex_set_state(rebirth_mutex[i], fk_at(&unlocked), 0), FK_OK);
}

#define NOTHING NULL
#define NOBODY  NULL
#define PLAY(name, prepare, a0, p0, a1, p1, a2, p2, needed, makes)                                 \
    {#name, prepare, {{a0, p0}, {a1, p1}, {a2, p2}}, needed, makes},
const struct play plays[] = {
#include "kernel/tests/plays.def"
};
const unsigned play_count = sizeof(plays) / sizeof(*plays);

/* monitors/lib/program.c -- a program in a space of its own: its segments, its stack, its birth
 * page with the reference to its Parent port, and its first thread. Loading makes all of that;
 * starting lets the thread run, so that between the two its owner can take note of it. Used for the
 * children of nesters and for whatever else begins as a program does. SPDX-License-Identifier: MIT
 */
#include "monitors/lib/nester.h"

static long make_thread(struct mon_program *program, struct mon_birth *birth)
{
    struct fk_thread_state *state = calloc(1, sizeof(*state));
    uint64_t thread = fk_at(&birth->thread), port = mon_ref();
    struct fk_thread_links links = {.space = program->image.space};
    long outcome = -PROTO_NO_OBJECTS;
    if (!state || !port || fk_thread_create(thread))
        goto out;
    program->thread = mon_ref_to(thread, FK_DEBUG_THREAD);
    fk_thread_get_state(thread, fk_at(state), 0);
    outcome = 0;
    if (program->scheduler) {
        outcome = scheduler_attach(program->scheduler, program->thread, &state->sched_val, port);
        links.scheduler = port;
    }
    state->thread_va = MON_BIRTH + offsetof(struct mon_birth, thread);
    state->frame.rip = program->image.entry;
    state->frame.rsp = MON_BIRTH - 8;
    state->frame.rdi = MON_BIRTH;
    if (!outcome && fk_thread_set_state(thread, fk_at(state), fk_at(&links)))
        outcome = -PROTO_INVALID;
out:
    mon_ref_free(port);
    free(state);
    return outcome;
}

long mon_program_load(struct mon_program *program, const char *path)
{
    char *window = NULL;
    long outcome = mon_image_load(&program->image, program->filesystem, path);
    if (!outcome)
        outcome = mon_image_memory(&program->image, MON_BIRTH - MON_STACK, MON_STACK + FK_PAGE,
                                   FK_READ | FK_WRITE, (void **)&window);
    if (outcome)
        return outcome;
    struct mon_birth *birth = (struct mon_birth *)(window + MON_STACK);
    uint64_t parent = fk_at(&birth->parent);
    if (fk_ref_create(parent))
        outcome = -PROTO_NO_OBJECTS;
    else
        fk_ref_reference(program->parent, parent);
    if (!outcome)
        outcome = make_thread(program, birth);
    program->birth = birth;
    return outcome;
}

/* The state that was set is read back: it says nothing but where to begin. */
long mon_program_start(struct mon_program *program, long outcome)
{
    struct fk_thread_state *state = outcome ? NULL : calloc(1, sizeof(*state));
    uint64_t thread = program->birth ? fk_at(&program->birth->thread) : 0;
    if (state && fk_thread_get_state(thread, fk_at(state), 0))
        outcome = -PROTO_INVALID;
    if (!outcome && !state)
        outcome = -PROTO_NO_MEMORY;
    if (!outcome) {
        state->flags &= ~(uint64_t)FK_THREAD_STOPPED;
        fk_thread_set_state(thread, fk_at(state), 0);
    }
    if (program->birth)
        mon_window_close((char *)program->birth - MON_STACK);
    program->birth = NULL;
    free(state);
    return outcome;
}

/* monitors/procmgr/still.c -- before a process that is a nester itself is copied, all threads of it
 * and of what is below it stand still. Those that were found are stopped, and it is looked again,
 * until a look finds no other: then none of them can have changed anything meanwhile. A thread that
 * has a call to somebody outside in hand cannot be copied, but the one that asked us: then all go
 * on for a moment, and it is tried again. Called with the lock held. SPDX-License-Identifier: MIT
 */
#include "monitors/procmgr/procmgr.h"

#define TRIES  20
#define MOMENT 10000000ull /* nanoseconds */

static const struct mon_still *known(const struct still *still, uint64_t hash, uint64_t ref)
{
    for (uint64_t i = 0; i < still->count; i++)
        if (still->thread[i].hash == hash && process_same(still->ref[i], ref))
            return &still->thread[i];
    return NULL;
}

const struct mon_still *still_known(const struct still *still, const struct thing *thing)
{
    uint64_t ref = mon_ref_to(thing->at, FK_DEBUG_THREAD);
    const struct mon_still *found = ref ? known(still, thing->hash, ref) : NULL;
    mon_ref_free(ref);
    return found;
}

static void forget(struct still *still)
{
    for (uint64_t i = 0; i < still->count && still->ref; i++)
        mon_ref_free(still->ref[i]);
    free(still->ref);
    free(still->thread);
    *still = (struct still){0};
}

static uint64_t threads_of(const struct things *things)
{
    uint64_t count = 0;
    for (unsigned i = 0; i < things->count; i++)
        count += things->thing[i].kind == FK_DEBUG_THREAD;
    return count;
}

static bool room(struct still *still, uint64_t threads)
{
    *still = (struct still){.thread = calloc(threads + 1, sizeof(*still->thread)),
                            .ref = calloc(threads + 1, sizeof(*still->ref)),
                            .asker = still->asker};
    return still->thread && still->ref;
}

/* The threads of a look. None is stopped before all are noted, so that each can go on again. */
static bool note(struct still *now, const struct things *things)
{
    for (unsigned i = 0; i < things->count; i++) {
        const struct thing *thing = &things->thing[i];
        if (thing->kind != FK_DEBUG_THREAD)
            continue;
        now->thread[now->count] = (struct mon_still){thing->at, thing->hash, 0};
        now->ref[now->count] = mon_ref_to(thing->at, FK_DEBUG_THREAD);
        if (!now->ref[now->count++])
            return false;
    }
    return true;
}

/* What one was before is known from the look before, if it was there. */
static bool stop_found(struct still *still, const struct things *things)
{
    struct still now = {.asker = still->asker};
    struct fk_thread_state *state = calloc(1, sizeof(*state));
    bool good = state && room(&now, threads_of(things)) && note(&now, things);
    for (uint64_t i = 0; i < now.count && good; i++) {
        struct mon_still *thread = &now.thread[i];
        const struct mon_still *before = known(still, thread->hash, now.ref[i]);
        fk_thread_get_state(thread->at, fk_at(state), 0);
        thread->flags = before ? before->flags : state->flags;
    }
    free(state);
    forget(good ? still : &now);
    if (good)
        *still = now;
    return good;
}

static long look(struct process *process, struct survey *survey, struct still *still)
{
    uint64_t before;
    long outcome;
    do {
        before = still->count;
        survey_close(survey);
        outcome = survey_open(process, survey);
        if (!outcome && !stop_found(still, &survey->things))
            outcome = -PROTO_NO_MEMORY;
    } while (!outcome && still->count != before);
    return outcome;
}

/* Lets those of them go on that are among the things. */
static void go(const struct still *still, const struct things *things)
{
    struct fk_thread_state *state = calloc(1, sizeof(*state));
    for (unsigned i = 0; i < things->count && state; i++) {
        const struct thing *thing = &things->thing[i];
        const struct mon_still *was =
            thing->kind == FK_DEBUG_THREAD ? still_known(still, thing) : NULL;
        if (!was || was->flags & FK_THREAD_STOPPED ||
            fk_thread_get_state(thing->at, fk_at(state), 0))
            continue;
        state->flags &= ~(uint64_t)FK_THREAD_STOPPED;
        fk_thread_set_state(thing->at, fk_at(state), 0);
    }
    free(state);
}

static long stop_once(struct process *process, struct still *still, uint64_t self)
{
    struct survey survey = {0};
    uint64_t calling;
    still->asker = ~0ull;
    long outcome = look(process, &survey, still);
    if (!outcome && !mon_still_within(still->thread, still->count, self, &still->asker, &calling))
        outcome = -PROTO_BUSY;
    if (!outcome && still->asker == ~0ull)
        outcome = -PROTO_NOT_ALLOWED;
    if (outcome)
        go(still, &survey.things);
    survey_close(&survey);
    return outcome;
}

long still_stop(struct process *process, struct still *still)
{
    uint64_t self = mon_thread_ref();
    long outcome = self ? -PROTO_BUSY : -PROTO_NO_OBJECTS;
    for (unsigned i = 0; i < TRIES && outcome == -PROTO_BUSY; i++) {
        forget(still);
        if (i) {
            mon_unlock(&procs_lock);
            fk_clock_wait((uint64_t)fk_clock_read() + MOMENT);
            mon_lock(&procs_lock);
        }
        outcome =
            process->dead || process->family->ended ? -PROTO_GONE : stop_once(process, still, self);
    }
    mon_ref_free(self);
    if (outcome)
        forget(still);
    return outcome;
}

/* Where they are by now is looked for. */
void still_go(struct process *process, struct still *still)
{
    struct survey survey = {0};
    if (!still->thread)
        return;
    if (!survey_open(process, &survey))
        go(still, &survey.things);
    else
        process_end(process, MON_KILLED + SIGNAL_KILL);
    survey_close(&survey);
    forget(still);
}

/* kernel/core/sync.c -- mutexes and condition variables.
 * A thread that waits on a condition has already given up the mutex; from then on the call in its
 * registers is mutex_lock, so whatever wakes it, it comes back holding the mutex.
 * Invariant: a mutex that is free has nobody waiting for it who could run.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/thread.h"

struct mutex {
    struct object obj;
    struct fk_debug_other dbg;
    struct list waiters;
    struct link owner; /* may be dead or null while locked */
    bool locked;
};

struct cond {
    struct object obj;
    struct fk_debug_other dbg;
    struct list waiters;
};

static void own(struct mutex *mutex, const struct object *owner, bool locked)
{
    mutex->locked = locked;
    link_set(&mutex->owner, owner);
    debug_links(&mutex->dbg, owner);
}

static bool owned_by_caller(const struct mutex *mutex)
{
    return mutex->locked && link_get(&mutex->owner) == &current->obj;
}

/* The time of whoever is first in line helps the owner. */
static void wait_for(struct thread *thread, struct mutex *mutex)
{
    struct thread *owner = (struct thread *)link_get(&mutex->owner);
    bool first = list_empty(&mutex->waiters);
    queue_add(&mutex->waiters, thread, &mutex->obj);
    sched_wait(thread, WAIT_MUTEX, first && owner != thread ? owner : NULL);
}

/* It left the line, or the owner is another one. */
static void help_owner(struct mutex *mutex)
{
    struct thread *first = queue_first(&mutex->waiters);
    struct thread *owner = (struct thread *)link_get(&mutex->owner);
    if (!first || first->donee == owner)
        return;
    if (owner && owner != first)
        sched_donate_to(first, owner);
    else
        sched_undonate(first);
}

void mutex_unqueue(struct thread *thread)
{
    struct mutex *mutex = (struct mutex *)thread->waits_on;
    queue_remove(thread);
    help_owner(mutex);
}

static void pass_on(struct mutex *mutex)
{
    struct thread *next = queue_first(&mutex->waiters);
    own(mutex, (struct object *)next, next);
    if (!next)
        return;
    queue_remove(next);
    thread_finish(next, FK_OK);
    sched_wake(next);
    help_owner(mutex);
}

static long lock(vaddr va, bool may_wait)
{
    struct mutex *mutex;
    long outcome = object_find(va, FK_DEBUG_MUTEX, FK_WRITE, &mutex);
    if (outcome)
        return outcome;
    if (owned_by_caller(mutex))
        return K_INSANE(MUTEX_LOCKED);
    if (mutex->locked && !may_wait)
        return FK_WOULD_BLOCK;
    if (mutex->locked) {
        wait_for(current, mutex);
        return K_BLOCKED;
    }
    /* commit: */
    own(mutex, &current->obj, true);
    return FK_OK;
}

long sys_mutex_lock(vaddr va)
{
    return lock(va, true);
}

long sys_mutex_trylock(vaddr va)
{
    return lock(va, false);
}

long sys_mutex_unlock(vaddr va)
{
    struct mutex *mutex;
    long outcome = object_find(va, FK_DEBUG_MUTEX, FK_WRITE, &mutex);
    if (outcome)
        return outcome;
    if (!owned_by_caller(mutex))
        return K_INSANE(MUTEX_NOT_OWNED);
    /* commit: */
    pass_on(mutex);
    return FK_OK;
}

static void mutex_export(struct object *object, void *out, struct object **links)
{
    const struct mutex *mutex = (struct mutex *)object;
    struct fk_mutex_state *state = out;
    state->locked = mutex->locked;
    links[0] = link_get(&mutex->owner);
}

static long mutex_import(struct object *object, const void *in, struct object **links)
{
    struct mutex *mutex = (struct mutex *)object;
    const struct fk_mutex_state *state = in;
    if (state->locked > 1)
        return K_INSANE(INVALID_STATE);
    /* commit: */
    if (!state->locked) {
        pass_on(mutex);
        return FK_OK;
    }
    own(mutex, links[0], true);
    help_owner(mutex);
    return FK_OK;
}

const struct kind mutex_kind = {.bytes = sizeof(struct mutex),
                                .queue = offsetof(struct mutex, waiters),
                                .export = mutex_export,
                                .import = mutex_import,
                                .get_bytes = sizeof(struct fk_mutex_state),
                                .set_bytes = sizeof(struct fk_mutex_state),
                                .links = 1,
                                .link_kind = {FK_DEBUG_THREAD}};

/* ---- conditions ---- */

const struct kind cond_kind = {.bytes = sizeof(struct cond),
                               .queue = offsetof(struct cond, waiters),
                               .get_bytes = sizeof(struct fk_cond_state)};

long sys_cond_wait(vaddr cond_va, vaddr mutex_va)
{
    struct cond *cond;
    struct mutex *mutex;
    long outcome = object_find(cond_va, FK_DEBUG_COND, FK_WRITE, &cond);
    if (!outcome)
        outcome = object_find(mutex_va, FK_DEBUG_MUTEX, FK_WRITE, &mutex);
    if (outcome)
        return outcome;
    if (!owned_by_caller(mutex))
        return K_INSANE(MUTEX_NOT_OWNED);
    /* commit: from here on it is a thread that locks the mutex */
    current->frame.rax = FK_CALL_mutex_lock;
    current->frame.rdi = mutex_va;
    queue_add(&cond->waiters, current, &cond->obj);
    sched_wait(current, WAIT_COND, NULL);
    pass_on(mutex);
    return K_BLOCKED;
}

static void wake_one(struct cond *cond)
{
    thread_again(queue_first(&cond->waiters));
}

long sys_cond_signal(vaddr va)
{
    struct cond *cond;
    long outcome = object_find(va, FK_DEBUG_COND, FK_WRITE, &cond);
    if (outcome)
        return outcome;
    /* commit: */
    if (!list_empty(&cond->waiters))
        wake_one(cond);
    return FK_OK;
}

/* Each one that is woken stays woken: the call can stop between any two. */
long sys_cond_broadcast(vaddr va)
{
    struct cond *cond;
    long outcome = object_find(va, FK_DEBUG_COND, FK_WRITE, &cond);
    while (!outcome && !list_empty(&cond->waiters)) {
        wake_one(cond);
        if (!list_empty(&cond->waiters) && arch_preempt())
            outcome = K_AGAIN;
    }
    return outcome;
}

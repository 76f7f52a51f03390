/* kernel/core/sync.c -- mutexes and condition variables.
 * A thread that waits on a condition has already given up the mutex; from then on the call in its
 * registers is mutex_lock, so whatever wakes it, it comes back holding the mutex.
 * Invariant: a mutex that is free has nobody waiting for it who could run.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/memory.h"
#include "kernel/core/ref.h"
#include "kernel/core/syscall.h"
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

static long mutex_create(struct object *object)
{
    list_init(&((struct mutex *)object)->waiters);
    return 0;
}

static long cond_create(struct object *object)
{
    list_init(&((struct cond *)object)->waiters);
    return 0;
}

static long mutex_destroy(struct object *object)
{
    return queue_dismiss(&((struct mutex *)object)->waiters, object);
}

static long cond_destroy(struct object *object)
{
    return queue_dismiss(&((struct cond *)object)->waiters, object);
}

const struct kind mutex_kind = {"mutex", sizeof(struct mutex), mutex_create, mutex_destroy};
const struct kind cond_kind = {"cond", sizeof(struct cond), cond_create, cond_destroy};

static void own(struct mutex *mutex, struct thread *owner, bool locked)
{
    mutex->locked = locked;
    link_set(&mutex->owner, owner ? &owner->obj : NULL);
    mutex->dbg.link_kind = owner ? FK_DEBUG_THREAD : FK_DEBUG_KINDS;
    mutex->dbg.link_id = owner ? owner->dbg.head.id : 0;
}

static long mutex_find(vaddr va, struct mutex **mutex)
{
    struct object *object;
    long outcome = object_find(va, FK_DEBUG_MUTEX, FK_WRITE, &object);
    if (!outcome)
        *mutex = (struct mutex *)object;
    return outcome;
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
    own(mutex, next, next);
    if (!next)
        return;
    queue_remove(next);
    thread_finish(next, FK_OK);
    sched_wake(next);
    help_owner(mutex);
}

long sys_mutex_lock(vaddr va)
{
    struct mutex *mutex;
    long outcome = mutex_find(va, &mutex);
    if (outcome)
        return outcome;
    if (owned_by_caller(mutex))
        return K_INSANE(MUTEX_LOCKED);
    if (mutex->locked) {
        wait_for(current, mutex);
        return K_BLOCKED;
    }
    /* commit: */
    own(mutex, current, true);
    return FK_OK;
}

long sys_mutex_trylock(vaddr va)
{
    struct mutex *mutex;
    long outcome = mutex_find(va, &mutex);
    if (outcome)
        return outcome;
    if (owned_by_caller(mutex))
        return K_INSANE(MUTEX_LOCKED);
    if (mutex->locked)
        return FK_WOULD_BLOCK;
    /* commit: */
    own(mutex, current, true);
    return FK_OK;
}

long sys_mutex_unlock(vaddr va)
{
    struct mutex *mutex;
    long outcome = mutex_find(va, &mutex);
    if (outcome)
        return outcome;
    if (!owned_by_caller(mutex))
        return K_INSANE(MUTEX_NOT_OWNED);
    /* commit: */
    pass_on(mutex);
    return FK_OK;
}

long sys_mutex_get_state(vaddr va, vaddr out, vaddr links_va)
{
    struct object *object;
    struct fk_mutex_links links;
    long outcome = object_find(va, FK_DEBUG_MUTEX, FK_READ, &object);
    if (!outcome)
        outcome = links_read(links_va, &links, sizeof(links));
    if (!outcome)
        outcome = memory_check(current->space, out, sizeof(struct fk_mutex_state), FK_WRITE);
    if (!outcome)
        outcome = ref_check_out(links.owner);
    if (outcome)
        return outcome;
    const struct mutex *mutex = (struct mutex *)object;
    struct fk_mutex_state state = {mutex->obj.hash, mutex->locked};
    /* commit: */
    memory_write(current->space, out, &state, sizeof(state));
    ref_put(links.owner, link_get(&mutex->owner));
    return FK_OK;
}

long sys_mutex_set_state(vaddr va, vaddr in, vaddr links_va)
{
    struct mutex *mutex;
    struct fk_mutex_links links;
    struct fk_mutex_state state;
    long outcome = mutex_find(va, &mutex);
    if (!outcome)
        outcome = memory_read(current->space, in, &state, sizeof(state));
    if (!outcome)
        outcome = links_read(links_va, &links, sizeof(links));
    if (outcome)
        return outcome;
    struct object *owner = link_get(&mutex->owner);
    if (links.owner)
        outcome = object_by_ref(links.owner, FK_DEBUG_THREAD, true, &owner);
    if (!outcome && state.locked > 1)
        outcome = K_INSANE(INVALID_STATE);
    if (outcome)
        return outcome;
    /* commit: */
    if (!state.locked) {
        pass_on(mutex);
        return FK_OK;
    }
    own(mutex, (struct thread *)owner, true);
    help_owner(mutex);
    return FK_OK;
}

/* ---- conditions ---- */

static long cond_find(vaddr va, struct cond **cond)
{
    struct object *object;
    long outcome = object_find(va, FK_DEBUG_COND, FK_WRITE, &object);
    if (!outcome)
        *cond = (struct cond *)object;
    return outcome;
}

long sys_cond_wait(vaddr cond_va, vaddr mutex_va)
{
    struct cond *cond;
    struct mutex *mutex;
    long outcome = cond_find(cond_va, &cond);
    if (!outcome)
        outcome = mutex_find(mutex_va, &mutex);
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
    struct thread *thread = queue_first(&cond->waiters);
    thread_cancel(thread);
    sched_wake(thread);
}

long sys_cond_signal(vaddr va)
{
    struct cond *cond;
    long outcome = cond_find(va, &cond);
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
    long outcome = cond_find(va, &cond);
    while (!outcome && !list_empty(&cond->waiters)) {
        wake_one(cond);
        if (!list_empty(&cond->waiters) && arch_preempt())
            outcome = K_AGAIN;
    }
    return outcome;
}

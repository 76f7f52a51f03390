/* monitors/lib/thread.c -- threads of this program: made, given CPU time, guarded; and a lock.
 * A new thread is attached to the program's scheduler, so it runs whether or not somebody waits for
 * it. SPDX-License-Identifier: MIT */
#include "monitors/lib/calls.h"
#include "monitors/lib/mon.h"

#define STACK_DEFAULT (32 * 1024)

ABI_ASSERT(CALL_thread_handlers == FK_CALL_thread_handlers, "abi/fk/syscalls.def");
ABI_ASSERT(CALL_thread_enable == FK_CALL_thread_enable, "abi/fk/syscalls.def");
ABI_ASSERT(CALL_thread_saved_state == FK_CALL_thread_saved_state, "abi/fk/syscalls.def");
ABI_ASSERT(CALL_thread_resume == FK_CALL_thread_resume, "abi/fk/syscalls.def");

struct start {
    void (*function)(void *);
    void *argument;
};

static void thread_main(struct start *start)
{
    struct start copy = *start;
    free(start);
    copy.function(copy.argument);
    for (;;)
        fk_clock_wait(FK_FOREVER >> 1);
}

/* Without a scheduler (the root's threads) a thread has time of its own. */
static long attach(uint64_t thread, struct fk_thread_state *state, struct fk_thread_links *links)
{
    if (!mon.ref[PARENT_SCHEDULER])
        return 0;
    uint64_t ref = mon_ref_to(thread, FK_DEBUG_THREAD), port = mon_ref();
    long outcome = -PROTO_NO_OBJECTS;
    if (ref && port)
        outcome = scheduler_attach(mon.ref[PARENT_SCHEDULER], ref, &state->sched_val, port);
    mon_ref_free(ref);
    links->scheduler = port;
    return outcome;
}

static long thread_start(uint64_t thread, struct start *start, uint64_t stack_end)
{
    struct fk_thread_state *state = calloc(1, sizeof(*state));
    struct fk_thread_links links = {.space = mon.ref[PARENT_SPACE]};
    if (!state)
        return -PROTO_NO_MEMORY;
    fk_thread_get_state(thread, fk_at(state), 0);
    state->thread_va = thread;
    state->flags &= ~(uint64_t)FK_THREAD_STOPPED;
    state->frame.rip = fk_at((void *)thread_main);
    state->frame.rsp = stack_end - 8; /* as after a call */
    state->frame.rdi = fk_at(start);
    long outcome = attach(thread, state, &links);
    if (!outcome && fk_thread_set_state(thread, fk_at(state), fk_at(&links)))
        outcome = -PROTO_INVALID;
    mon_ref_free(links.scheduler);
    free(state);
    return outcome;
}

/* Before the second thread there is nobody to lock out. */
static bool share_heap(void)
{
    static struct mon_lock lock;
    if (!mon_heap_lock && !mon_lock_open(&lock))
        mon_heap_lock = &lock;
    return mon_heap_lock;
}

long mon_thread(void (*function)(void *), void *argument, uint64_t stack_bytes)
{
    if (!share_heap())
        return -PROTO_NO_OBJECTS;
    struct start *start = malloc(sizeof(*start));
    char *stack = mon_pages(stack_bytes ? stack_bytes : STACK_DEFAULT);
    uint64_t thread = mon_object(FK_DEBUG_THREAD);
    long outcome = -PROTO_NO_MEMORY;
    if (start && stack && thread) {
        *start = (struct start){function, argument};
        uint64_t end = fk_at(stack) + (stack_bytes ? stack_bytes : STACK_DEFAULT);
        outcome = thread_start(thread, start, end & ~15ull);
    }
    if (!outcome)
        return 0;
    mon_object_free(thread, FK_DEBUG_THREAD);
    mon_pages_free(stack);
    free(start);
    return outcome;
}

uint64_t mon_thread_ref(void)
{
    return mon_ref_to((uint64_t)fk_thread_self(), FK_DEBUG_THREAD);
}

/* ---- misuse as an answer (guard.S) ---- */

extern char mon_guard_entry[];

void mon_guard(void)
{
    uint64_t handler[FK_HANDLERS] = {fk_at(mon_guard_entry), 0, 0, 0};
    fk_thread_handlers(fk_at(handler), 0);
    fk_thread_enable();
}

/* ---- the lock: a count of those who want it; who finds others there waits to be woken ---- */

long mon_lock_open(struct mon_lock *lock)
{
    lock->count = lock->wakes = 0;
    if (fk_mutex_create(fk_at(&lock->mutex)))
        return -PROTO_NO_OBJECTS;
    if (!fk_cond_create(fk_at(&lock->cond)))
        return 0;
    fk_mutex_destroy(fk_at(&lock->mutex));
    return -PROTO_NO_OBJECTS;
}

void mon_lock(struct mon_lock *lock)
{
    if (__atomic_fetch_add(&lock->count, 1, __ATOMIC_ACQUIRE) == 0)
        return;
    fk_mutex_lock(fk_at(&lock->mutex));
    while (!lock->wakes)
        fk_cond_wait(fk_at(&lock->cond), fk_at(&lock->mutex));
    lock->wakes--;
    fk_mutex_unlock(fk_at(&lock->mutex));
}

void mon_unlock(struct mon_lock *lock)
{
    if (__atomic_fetch_sub(&lock->count, 1, __ATOMIC_RELEASE) == 1)
        return;
    fk_mutex_lock(fk_at(&lock->mutex));
    lock->wakes++;
    fk_cond_signal(fk_at(&lock->cond));
    fk_mutex_unlock(fk_at(&lock->mutex));
}

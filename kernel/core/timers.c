/* kernel/core/timers.c -- the threads that have a deadline, sorted by it.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/thread.h"

static struct thread *timers;

void timer_set(struct thread *thread, uint64_t deadline)
{
    struct thread **at = &timers;
    timer_clear(thread);
    while (*at && (*at)->deadline <= deadline)
        at = &(*at)->timer_next;
    thread->timed = true;
    thread->deadline = deadline;
    thread->timer_next = *at;
    *at = thread;
}

void timer_clear(struct thread *thread)
{
    struct thread **at = &timers;
    if (!thread->timed)
        return;
    while (*at != thread)
        at = &(*at)->timer_next;
    *at = thread->timer_next;
    thread->timed = false;
}

#define EXPIRE_MAX 64 /* at one go */

/* A sleeper makes its call again and finds that it is time; a donor's time is up. */
void timer_expire(uint64_t now)
{
    for (int i = 0; i < EXPIRE_MAX && timers && timers->deadline <= now; i++) {
        struct thread *thread = timers;
        bool donor = thread->wait == WAIT_DONATE;
        thread_cancel(thread);
        if (donor)
            thread_finish(thread, FK_TIMEOUT);
        sched_wake(thread);
    }
}

/* Those who wait in this call make it again. */
void timer_recall(uint64_t call)
{
    for (struct thread *thread = timers, *next; thread; thread = next) {
        next = thread->timer_next;
        if (thread->wait != WAIT_CLOCK || thread->frame.rax != call)
            continue;
        thread_cancel(thread);
        sched_wake(thread);
    }
}

bool timer_any(void)
{
    return timers;
}

/* kernel/core/queue.c -- where threads stand in line: first-in first-out queues, and the list of
 * those with a deadline. A thread is in at most one queue; removing it takes constant time.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/thread.h"

void queue_add(struct queue *queue, struct thread *thread, struct object *owner)
{
    kassert(!thread->queue);
    thread->queue = queue;
    thread->waits_on = owner;
    thread->queue_next = NULL;
    thread->queue_prev = queue->last;
    *(queue->last ? &queue->last->queue_next : &queue->first) = thread;
    queue->last = thread;
}

void queue_remove(struct thread *thread)
{
    struct queue *queue = thread->queue;
    if (!queue)
        return;
    *(thread->queue_prev ? &thread->queue_prev->queue_next : &queue->first) = thread->queue_next;
    *(thread->queue_next ? &thread->queue_next->queue_prev : &queue->last) = thread->queue_prev;
    thread->queue = NULL;
    thread->waits_on = NULL;
}

/* Sorted by deadline. */
static struct thread *timers;

void timer_set(struct thread *thread, uint64_t deadline)
{
    struct thread **at = &timers;
    timer_clear(thread);
    while (*at && (*at)->deadline <= deadline)
        at = &(*at)->timer_next;
    thread->deadline = deadline;
    thread->timer_next = *at;
    *at = thread;
}

void timer_clear(struct thread *thread)
{
    struct thread **at = &timers;
    if (!thread->deadline)
        return;
    while (*at != thread)
        at = &(*at)->timer_next;
    *at = thread->timer_next;
    thread->deadline = 0;
}

/* A sleeper makes its call again and finds that it is time; a donor's time is up. */
void timer_expire(uint64_t now)
{
    while (timers && timers->deadline <= now) {
        struct thread *thread = timers;
        bool donor = thread->wait == WAIT_DONATE;
        thread_cancel(thread);
        if (donor)
            thread_finish(thread, FK_TIMEOUT);
        sched_wake(thread);
    }
}

bool timer_any(void)
{
    return timers;
}

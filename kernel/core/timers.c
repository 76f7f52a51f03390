/* kernel/core/timers.c -- the threads that have a deadline, in a wheel of lists: each list is for
 * the deadlines in one moment of about a millisecond, and in those that come a turn of the wheel
 * later. The hand goes from moment to moment and wakes those whose time has come. Invariant: no
 * deadline is before the hand. However many there are, setting and clearing cost the same.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/sched.h"

#define MOMENTS    256
#define SHIFT      20  /* nanoseconds to moments */
#define EXPIRE_MAX 24  /* at one go; and as many are looked at: */
#define LOOK_MAX   400 /* they may have deadlines in later turns */

static struct list wheel[MOMENTS];
static uint64_t hand, count;
static struct list *look; /* the next one in the list at the hand; NULL = its first */

static struct list *list_at(uint64_t moment)
{
    return &wheel[moment % MOMENTS];
}

static void hand_to(uint64_t moment)
{
    hand = moment;
    look = NULL;
}

void timer_start(void)
{
    for (int i = 0; i < MOMENTS; i++)
        list_init(&wheel[i]);
}

void timer_set(struct thread *thread, uint64_t deadline)
{
    timer_clear(thread);
    if (!count++)
        hand_to(arch_nanoseconds() >> SHIFT);
    thread->timed = true;
    thread->found.epoch = 0; /* the timer is in its place */
    thread->deadline = deadline;
    list_append(list_at(deadline >> SHIFT), &thread->in_timers);
}

void timer_clear(struct thread *thread)
{
    if (!thread->timed)
        return;
    if (look == &thread->in_timers)
        look = look->next;
    list_remove(&thread->in_timers);
    thread->timed = false;
    count--;
}

/* A sleeper makes its call again and finds that it is time; a donor's time is up. */
static void expire(struct thread *thread)
{
    bool donor = thread->wait == WAIT_DONATE;
    thread_cancel(thread);
    if (donor)
        thread_finish(thread, FK_TIMEOUT);
    sched_wake(thread);
}

/* Those in the list at the hand; false = not all of them. */
static bool expire_moment(uint64_t now, unsigned *looked, unsigned *expired)
{
    struct list *head = list_at(hand);
    uint64_t work = chain_work;
    for (look = look ? look : head->next; look != head;) {
        struct thread *thread = LIST_OF(look, struct thread, in_timers);
        if (++*looked > LOOK_MAX || *expired == EXPIRE_MAX || chain_work - work > WORK_MAX)
            return false;
        look = look->next;
        if (thread->deadline > now)
            continue;
        ++*expired;
        expire(thread);
    }
    look = NULL;
    return true;
}

/* True = there are more. */
bool timer_expire(uint64_t now)
{
    uint64_t moment = now >> SHIFT;
    unsigned looked = 0, expired = 0;
    if (moment - hand >= MOMENTS)
        hand_to(moment - MOMENTS);
    for (;; hand++) {
        bool all = expire_moment(now, &looked, &expired);
        if (hand == moment)
            look = NULL; /* who was passed over may be due before the moment is over */
        if (!all || hand == moment)
            return !all;
    }
}

bool timer_any(void)
{
    return count;
}

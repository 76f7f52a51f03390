/* kernel/core/chain.c -- whose time a thread has. Time belongs to *sources*, the threads of the
 * root space that have no scheduler; a waiting thread's goes to its `donee`, and on along the
 * chain, whose end runs. Invariants: donations are mutual, and only waiting threads donate; a
 * source whose chain can run is run_source or in the run queue (one whose chain cannot may still be
 * there: it is dropped when its turn comes). Donors may be many and chains long: what is done at
 * one go has a limit all the same. SPDX-License-Identifier: MIT */
#include "kernel/core/sched.h"
#include "kernel/core/port.h"

#define CHAIN_LIMIT 512 /* a longer chain, or a ring, cannot run */
#define FEED_LIMIT  256 /* donors that are looked at one by one */

struct thread *run_source;
uint64_t chain_work;
static uint32_t run_first, run_last;    /* slots; 0 = there is none */
static const struct list *root_threads; /* all sources are among them */

/* ---- the run queue of sources ---- */

static struct thread *in_slot(uint32_t slot)
{
    return (struct thread *)object_table[slot];
}

void run_add(struct thread *source)
{
    uint32_t slot = source->obj.slot;
    if (source->run_queued || source == run_source)
        return;
    source->run_queued = true;
    source->run_next = 0;
    source->run_prev = run_last;
    *(run_last ? &in_slot(run_last)->run_next : &run_first) = slot;
    run_last = slot;
}

static void run_remove(struct thread *source)
{
    uint32_t next = source->run_next, prev = source->run_prev;
    if (!source->run_queued)
        return;
    source->run_queued = false;
    *(prev ? &in_slot(prev)->run_next : &run_first) = next;
    *(next ? &in_slot(next)->run_prev : &run_last) = prev;
}

struct thread *run_take(void)
{
    struct thread *source = in_slot(run_first);
    if (source)
        run_remove(source);
    return source;
}

/* It has no time of its own any more. */
static void run_end(struct thread *source)
{
    run_remove(source);
    if (run_source == source)
        run_source = NULL;
}

/* ---- chains ---- */

/* Who would run on this thread's time: NULL when nobody can. */
struct thread *chain_end(struct thread *thread)
{
    for (int i = 0; i < CHAIN_LIMIT && thread; i++, thread = thread->donee)
        if (thread_ready(thread))
            return thread;
    return NULL;
}

static bool wants_to_hear(const struct thread *donor)
{
    return donor->wait == WAIT_DONATE && donor->sensitivity & FK_SENSE_BLOCK;
}

/* Time given to `thread` makes nobody run, not even a donor further down, to tell it of that. */
bool sched_chain_stuck(struct thread *thread)
{
    for (int i = 0; i < CHAIN_LIMIT && thread; i++, thread = thread->donee)
        if (thread_ready(thread) || wants_to_hear(thread))
            return false;
    return true;
}

/* There are many donors, but only the root's own threads can be sources: each is followed down. */
static bool feed_from_sources(struct thread *end)
{
    bool fed = false;
    LIST_EACH(source, root_threads, struct thread, in_space)
    {
        if (!source->source || chain_end(source) != end)
            continue;
        run_add(source);
        fed = true;
    }
    return fed;
}

/* Queues every source whose time comes down to `end`; false = there is none. Who is ready donates
 * to nobody, so what donates to it is a tree: each one's donors come first, then its next sister,
 * then whoever comes after the one that it donates to. */
static bool feed(struct thread *end)
{
    struct thread *at = end;
    bool fed = false;
    for (unsigned i = 0; i < FEED_LIMIT; i++, chain_work++) {
        if (at->source) {
            run_add(at);
            fed = true;
        }
        if (at->donors) {
            at = at->donors;
            continue;
        }
        while (at != end && at->donor_next == at->donee->donors)
            at = at->donee;
        if (at == end)
            return fed;
        at = at->donor_next;
    }
    return feed_from_sources(end);
}

/* Time has become usable at `thread`: those whose time it is are queued. When it is nobody's, not
 * even of those who wait for it, its own scheduler is told. */
void chain_feed(struct thread *thread)
{
    struct thread *end = chain_end(thread);
    if (!end || feed(end) || end == current || end != thread)
        return;
    thread->dbg.state = FK_DEBUG_T_NOTIME;
    port_schedule(thread);
}

struct thread *chain_expecting(const struct thread *thread)
{
    struct thread *first = thread->donors;
    return first && first->wait == WAIT_PORTSET ? first : NULL;
}

/* Nobody is to be looked for among many donors: the first is the server that expects `to`, if there
 * is one (see port_recall); then come those who schedule it, the latest first; then the others. */
void chain_donate(struct thread *from, struct thread *to)
{
    struct thread *first = to->donors;
    bool schedules = from->wait == WAIT_DONATE;
    from->donee = to;
    if (!first)
        from->donor_next = from->donor_prev = from;
    else
        ring_add(from, schedules && chain_expecting(to) ? first->donor_next : first);
    if (!first || from->wait == WAIT_PORTSET || (schedules && first->wait != WAIT_PORTSET))
        to->donors = from;
    if (to->dbg.state == FK_DEBUG_T_NOTIME)
        to->dbg.state = FK_DEBUG_T_READY;
}

static void take_back(struct thread *donor)
{
    struct thread *donee = donor->donee, *next = donor->donor_next;
    next->donor_prev = donor->donor_prev;
    donor->donor_prev->donor_next = next;
    if (donee->donors == donor)
        donee->donors = next == donor ? NULL : next;
    donor->donee = NULL;
}

struct thread *chain_scheduler(const struct thread *thread)
{
    struct thread *server = chain_expecting(thread);
    struct thread *donor = server ? server->donor_next : thread->donors;
    return donor && donor->wait == WAIT_DONATE ? donor : NULL;
}

void sched_undonate(struct thread *from)
{
    struct thread *to = from->donee;
    if (!to)
        return;
    take_back(from);
    to = chain_end(to);
    if (to == current)
        arch_resched = 1;
    else if (to)
        chain_feed(to);
}

/* A waiting thread's time goes elsewhere from now on. */
void sched_donate_to(struct thread *from, struct thread *to)
{
    sched_undonate(from);
    chain_donate(from, to);
    chain_feed(to);
}

void sched_update_source(struct thread *thread)
{
    thread->source =
        thread->space && thread->space->dbg.level == 1 && !link_get(&thread->scheduler);
    if (thread->source) {
        if (chain_end(thread))
            run_add(thread);
        return;
    }
    run_end(thread);
    arch_resched = 1;
    if (thread->wait == WAIT_NONE && thread_ready(thread))
        chain_feed(thread);
}

/* Who only scheduled it hears of it; the others wait on. */
bool chain_forget(struct thread *thread)
{
    run_end(thread);
    for (struct thread *donor; (donor = thread->donors);) {
        if (donor->wait == WAIT_DONATE)
            thread_answer(donor, FK_BLOCKED);
        else
            take_back(donor);
        if (thread->donors && arch_preempt())
            return false;
    }
    return true;
}

/* The chain of run_source is stuck: the donor nearest the end that asked for it is told. */
bool chain_tell(void)
{
    struct thread *found = NULL, *thread = run_source;
    for (int i = 0; i < CHAIN_LIMIT && thread; i++, thread = thread->donee)
        if (wants_to_hear(thread))
            found = thread;
    if (!found)
        return false;
    thread_answer(found, FK_BLOCKED);
    return true;
}

void chain_start(struct thread *first)
{
    root_threads = &first->space->threads;
    run_add(first);
}

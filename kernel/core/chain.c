/* kernel/core/chain.c -- whose time a thread has. Time belongs to *sources*, the threads of the
 * root space that have no scheduler; they take turns in the run queue. Everybody else is given
 * time: a waiting thread's goes to its `donee` (its server, the owner of the mutex, the thread it
 * schedules), and on along the chain, whose end runs. Invariants: donations are mutual, and only
 * waiting threads donate; a source whose chain can run is run_source or in the run queue (one whose
 * chain cannot may still be there: it is dropped when its turn comes). sched.c dispatches. Whoever
 * has memory for threads can make donors many and chains long: what is done here at one go has a
 * limit all the same.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/sched.h"
#include "kernel/core/port.h"

#define CHAIN_LIMIT 512 /* a longer chain, or a ring, cannot run */
#define FEED_LIMIT  256 /* donors that are looked at one by one */

struct thread *run_source;
uint64_t chain_work;
static struct thread *run_first, *run_last;
static const struct list *root_threads; /* all sources are among them */

/* ---- the run queue of sources ---- */

void run_add(struct thread *source)
{
    if (source->run_queued || source == run_source)
        return;
    source->run_queued = true;
    source->run_next = NULL;
    *(run_last ? &run_last->run_next : &run_first) = source;
    run_last = source;
}

struct thread *run_take(void)
{
    struct thread *source = run_first;
    if (!source)
        return NULL;
    run_first = source->run_next;
    if (!run_first)
        run_last = NULL;
    source->run_queued = false;
    return source;
}

static void run_remove(struct thread *source)
{
    struct thread **at = &run_first, *before = NULL;
    if (!source->run_queued)
        return;
    for (; *at != source; at = &(*at)->run_next)
        before = *at;
    *at = source->run_next;
    if (run_last == source)
        run_last = before;
    source->run_queued = false;
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
    run_remove(thread);
    if (run_source == thread)
        run_source = NULL;
    arch_resched = 1;
    if (thread->wait == WAIT_NONE && thread_ready(thread))
        chain_feed(thread);
}

/* A thread_schedule ends with this answer. */
static void donor_finish(struct thread *donor, uint64_t answer)
{
    thread_cancel(donor);
    thread_finish(donor, answer);
    sched_wake(donor);
}

/* Who only scheduled it hears of it; the others wait on. */
bool chain_forget(struct thread *thread)
{
    run_remove(thread);
    if (run_source == thread)
        run_source = NULL;
    for (struct thread *donor; (donor = thread->donors);) {
        if (donor->wait == WAIT_DONATE)
            donor_finish(donor, FK_BLOCKED);
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
    donor_finish(found, FK_BLOCKED);
    return true;
}

void chain_start(struct thread *first)
{
    root_threads = &first->space->threads;
    run_add(first);
}

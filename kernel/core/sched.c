/* kernel/core/sched.c -- the dispatcher. It has no policy beyond round-robin among *sources*, the
 * threads of the root space that have no scheduler; all other time is handed on by threads:
 * a waiting thread's time goes to its `donee` (its server, the thread it schedules), and on along
 * the chain. The chain's end runs. Invariants: `run_source` is the source whose time is being spent
 * and the current thread is the end of its chain; a source whose chain can run is run_source or in
 * the run queue (one whose chain cannot may still be there: it is dropped when its turn comes);
 * debug block and page table are the current thread's at every exit. SPDX-License-Identifier: MIT
 */
#include "kernel/core/sched.h"
#include "kernel/core/port.h"

#define SLICE_TICKS 10
#define CHAIN_LIMIT 1024 /* a longer chain, or a ring, cannot run */
#define CLIMB_LIMIT 16

struct thread *current;
uint64_t sched_stress;
struct thread *run_source;
static struct thread *run_first, *run_last;
static struct thread *hint; /* known to be the end of run_source's chain, if it is ready */
static unsigned slice;
static bool rotate, ticked;
uint64_t sched_charged_from;

static bool is_ready(const struct thread *thread)
{
    return thread->dbg.state <= FK_DEBUG_T_READY || thread->dbg.state == FK_DEBUG_T_NOTIME;
}

/* ---- the run queue of sources ---- */

static void run_add(struct thread *source)
{
    if (source->run_queued || source == run_source)
        return;
    source->run_queued = true;
    source->run_next = NULL;
    *(run_last ? &run_last->run_next : &run_first) = source;
    run_last = source;
}

static struct thread *run_take(void)
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
static struct thread *chain_end(struct thread *thread)
{
    for (int i = 0; i < CHAIN_LIMIT && thread; i++, thread = thread->donee)
        if (is_ready(thread))
            return thread;
    return NULL;
}

bool sched_chain_runs(struct thread *thread)
{
    return chain_end(thread);
}

/* Queues every source whose time comes down to `thread`; false = there is none. */
static bool climb(struct thread *thread, int depth)
{
    bool fed = false;
    for (int i = 0; i < CHAIN_LIMIT; i++) {
        if (thread->source) {
            run_add(thread);
            fed = true;
        }
        struct thread *donor = thread->donors;
        if (!donor)
            break;
        for (struct thread *d = donor->donor_next; d && depth < CLIMB_LIMIT; d = d->donor_next)
            fed |= climb(d, depth + 1);
        thread = donor;
    }
    return fed;
}

/* Time has become usable at `thread`: those whose time it is are queued. When it is nobody's, not
 * even of those who wait for it, its own scheduler is told. */
static void feed(struct thread *thread)
{
    if (climb(thread, 0) || thread == current || !is_ready(thread))
        return;
    thread->dbg.state = FK_DEBUG_T_NOTIME;
    port_schedule(thread);
}

static void donate(struct thread *from, struct thread *to)
{
    from->donee = to;
    from->donor_next = to->donors;
    to->donors = from;
    if (to->dbg.state == FK_DEBUG_T_NOTIME)
        to->dbg.state = FK_DEBUG_T_READY;
}

void sched_undonate(struct thread *from)
{
    struct thread *to = from->donee;
    if (!to)
        return;
    struct thread **at = &to->donors;
    while (*at != from)
        at = &(*at)->donor_next;
    *at = from->donor_next;
    from->donee = NULL;
    to = chain_end(to);
    if (to == current)
        arch_resched = 1;
    else if (to)
        feed(to);
}

/* A waiting thread's time goes elsewhere from now on. */
void sched_donate_to(struct thread *from, struct thread *to)
{
    sched_undonate(from);
    donate(from, to);
}

/* ---- waiting and waking ---- */

void sched_wait(struct thread *thread, enum wait why, struct thread *donee)
{
    kassert(thread->wait == WAIT_NONE);
    thread->wait = why;
    thread->dbg.state = FK_DEBUG_T_WAITING;
    thread->dbg.call = thread->faulted ? 0 : thread->frame.rax;
    if (donee)
        donate(thread, donee);
    if (!thread->waits_on)
        thread_waits_for(thread, donee ? &donee->obj : NULL);
    if (thread != current)
        return;
    if (donee)
        hint = donee;
    arch_resched = 1;
}

/* When the current thread ran on this thread's time and nobody else's, it comes straight back. */
void sched_wake(struct thread *thread)
{
    if (thread->donee && thread->donee == current && current != run_source &&
        current->donors == thread && !thread->donor_next)
        hint = thread;
    sched_undonate(thread);
    thread->wait = WAIT_NONE;
    thread->faulted = false;
    thread->dbg.call = 0;
    if (!thread->space) {
        thread->dbg.state = FK_DEBUG_T_READY;
        sched_wait(thread, WAIT_FOREVER, NULL);
        return;
    }
    thread->dbg.state = FK_DEBUG_T_READY;
    if (hint != thread)
        feed(thread);
}

/* Not ready and not waiting for anything that the kernel would end. */
void sched_stop(struct thread *thread, enum fk_debug_thread_state state)
{
    thread->dbg.state = state;
    if (thread == current)
        arch_resched = 1;
}

void sched_rotate(void)
{
    rotate = true;
    arch_resched = 1;
}

void sched_update_source(struct thread *thread)
{
    thread->source =
        thread->space && thread->space->dbg.level == 1 && !link_get(&thread->scheduler);
    if (thread->source) {
        if (sched_chain_runs(thread))
            run_add(thread);
        return;
    }
    run_remove(thread);
    if (run_source == thread)
        run_source = NULL;
    arch_resched = 1;
}

/* A thread_schedule ends with this answer. */
static void donor_finish(struct thread *donor, uint64_t answer)
{
    thread_cancel(donor);
    thread_finish(donor, answer);
    sched_wake(donor);
}

void sched_forget(struct thread *thread)
{
    run_remove(thread);
    if (run_source == thread)
        run_source = NULL;
    if (hint == thread)
        hint = NULL;
    while (thread->donors) { /* who only scheduled it hears of it; the others wait on */
        struct thread *donor = thread->donors;
        if (donor->wait == WAIT_DONATE) {
            donor_finish(donor, FK_BLOCKED);
            continue;
        }
        thread->donors = donor->donor_next;
        donor->donee = NULL;
    }
}

/* ---- dispatch ---- */

/* The chain of run_source is stuck: the donor nearest the end that asked for it is told. */
static bool tell_donor(void)
{
    struct thread *found = NULL, *thread = run_source;
    for (int i = 0; i < CHAIN_LIMIT && thread; i++, thread = thread->donee)
        if (thread->wait == WAIT_DONATE && thread->sensitivity & FK_SENSE_BLOCK)
            found = thread;
    if (!found)
        return false;
    donor_finish(found, FK_BLOCKED);
    return true;
}

static void leave(struct thread *old)
{
    sched_charge(old);
    arch_bases_save(&old->frame);
    if (old->dbg.state == FK_DEBUG_T_RUNNING)
        old->dbg.state = FK_DEBUG_T_READY;
}

/* Nobody can run and nobody waits for a time: say who waits for what, and end. */
static _Noreturn void give_up(void)
{
    uint64_t at = fk_debug_block.list[FK_DEBUG_THREAD];
    kprintf("kernel: nothing can ever run again\n");
    for (; at; at = ((struct fk_debug_head *)at)->next) {
        const struct thread *thread = (struct thread *)((struct fk_debug_head *)at)->object;
        if (thread->space && thread->space->dbg.level == 1)
            kprintf("  thread %u: state %u, wait %u, rip %x, rax %x, rdi %x\n",
                    (uint64_t)thread->dbg.head.id, (uint64_t)thread->dbg.state,
                    (uint64_t)thread->wait, thread->frame.rip, thread->frame.rax,
                    thread->frame.rdi);
    }
    arch_exit(125);
}

static void idle(void)
{
    if (!timer_any())
        give_up();
    if (current)
        leave(current);
    current = NULL;
    fk_debug_block.current.thread = fk_debug_block.current.space = fk_debug_block.current.behalf =
        0;
    paging_load(paging_kernel());
    arch_idle();
    timer_expire(arch_nanoseconds());
}

static struct thread *pick(void)
{
    for (;;) {
        if (rotate && run_source) {
            struct thread *last = run_source;
            run_source = NULL;
            run_add(last);
        }
        rotate = false;
        if (!run_source) {
            run_source = run_take();
            slice = SLICE_TICKS;
        }
        struct thread *end = run_source ? chain_end(run_source) : NULL;
        if (end)
            return end;
        if (!run_source)
            idle();
        else if (!tell_donor())
            run_source = NULL;
    }
}

static void sched_switch(struct thread *next)
{
    struct thread *old = current;
    if (old)
        leave(old);
    else
        sched_charged_from = arch_now();
    if (next->wait == WAIT_SCHED) {
        port_unqueue(next);
        next->wait = WAIT_NONE;
    }
    sched_load(next);
    arch_bases_load(&next->frame);
    if (old && is_ready(old) && old != run_source)
        feed(old);
}

static void sched_next(void)
{
    struct thread *next = hint;
    hint = NULL;
    if (!next || rotate || !run_source || !is_ready(next))
        next = pick();
    if (next != current)
        sched_switch(next);
    else
        next->dbg.state = FK_DEBUG_T_RUNNING;
    if (next->flags & (FK_THREAD_PENDING | FK_THREAD_PENDING_CLIENT | FK_THREAD_PENDING_SERVER))
        exception_pending(next);
    if (sched_stress) {
        paging_epoch++; /* fast.c finds nothing, and leaves it to the long way */
        sched_rotate();
    }
}

/* ---- up-calls from the machine layer ---- */

void core_reschedule(void)
{
    do {
        arch_resched = 0;
        if (ticked) {
            ticked = false; /* what is not expired now is at the next tick */
            timer_expire(arch_nanoseconds());
        }
        sched_next();
    } while (arch_resched && !sched_stress);
}

void core_outcome(long outcome)
{
    if (outcome == K_FAULT)
        fault_deliver(fault.whose ? fault.whose : current);
    else if (K_IS_INSANE(outcome))
        exception_deliver(current, FK_TRAP_INSANITY + (uint64_t)(-outcome - 0x100), 0, 0);
    if (arch_resched)
        core_reschedule();
}

void core_tick(void)
{
    if (timer_any()) {
        ticked = true;
        arch_resched = 1;
    }
    if (!slice || --slice)
        return;
    slice = SLICE_TICKS;
    rotate = true;
    arch_resched = 1;
}

void sched_start(struct thread *first)
{
    run_add(first);
    core_reschedule();
    arch_enter();
}

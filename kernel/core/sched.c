/* kernel/core/sched.c -- waiting, waking, and the dispatcher, which has no policy beyond
 * round-robin among sources (chain.c). Invariants: `run_source` is the source whose time is being
 * spent and the current thread is the end of its chain; debug block and page table are the current
 * thread's at every exit. SPDX-License-Identifier: MIT */
#include "kernel/core/sched.h"
#include "kernel/core/derive.h"
#include "kernel/core/port.h"

#define SLICE_TICKS 10
#define TELL_MAX    24

struct thread *current;
uint64_t sched_stress;
static struct thread *hint; /* known to be the end of run_source's chain, if it is ready */
static unsigned slice;
static bool rotate, ticked, typed;
uint64_t sched_charged_from;

/* ---- waiting and waking ---- */

void sched_wait(struct thread *thread, enum wait why, struct thread *donee)
{
    kassert(thread->wait == WAIT_NONE);
    thread->wait = why;
    thread->dbg.state = FK_DEBUG_T_WAITING;
    thread->dbg.call = thread->faulted ? 0 : thread->frame.rax;
    if (donee)
        chain_donate(thread, donee);
    if (!thread->waits_on)
        thread_waits_for(thread, donee ? &donee->obj : NULL);
    if (thread->expected)
        port_recall(thread);
    if (thread != current)
        return;
    if (donee && !hint) /* else whom it served has taken his time back: it has none to give on */
        hint = donee;
    arch_resched = 1;
}

/* When the current thread ran on this thread's time and nobody else's, it comes straight back. */
void sched_wake(struct thread *thread)
{
    if (thread->donee && thread->donee == current && current != run_source &&
        current->donors == thread && thread->donor_next == thread)
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
        chain_feed(thread);
}

/* Not ready and not waiting for anything that the kernel would end. */
void sched_stop(struct thread *thread, enum fk_debug_thread_state state)
{
    thread->dbg.state = state;
    if (thread->expected)
        port_recall(thread);
    if (thread == current)
        arch_resched = 1;
}

void sched_rotate(void)
{
    rotate = true;
    arch_resched = 1;
}

bool sched_forget(struct thread *thread)
{
    if (hint == thread)
        hint = NULL;
    return chain_forget(thread);
}

/* ---- dispatch ---- */

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

/* What interrupts brought. */
static void take_input(void)
{
    if (!typed)
        return;
    typed = false;
    console_recall();
}

/* Nobody runs from here on. Whose time was taken away may have other time, which was not needed
 * until now. */
static void leave_all(void)
{
    struct thread *old = current;
    leave(old);
    current = NULL;
    fk_debug_block.current.thread = fk_debug_block.current.space = fk_debug_block.current.behalf =
        0;
    paging_load(paging_kernel());
    chain_feed(old);
}

static void idle(void)
{
    if (current) {
        leave_all();
        return;
    }
    bool busy = port_tell();
    if (!busy && !timer_any())
        give_up();
    derive_tick();
    if (busy)
        arch_preempt();
    else
        arch_idle();
    timer_expire(arch_nanoseconds());
    take_input();
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
        else if (!chain_tell())
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
    port_unschedule(next);
    sched_load(next);
    arch_bases_load(&next->frame);
    if (old && thread_ready(old) && old != run_source)
        chain_feed(old);
}

/* Whether its time is still run_source's. */
static bool hint_holds(const struct thread *next)
{
    return !rotate && run_source && thread_ready(next) &&
           (next == run_source || !thread_ready(run_source));
}

static void sched_next(void)
{
    struct thread *next = hint;
    hint = NULL;
    if (!next || !hint_holds(next)) {
        if (next)
            chain_feed(next); /* nobody was told of it */
        next = pick();
    }
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

static void tell(unsigned *told)
{
    uint64_t work = chain_work;
    while (port_owes && *told < TELL_MAX && chain_work - work < WORK_MAX && port_tell())
        ++*told;
}

/* So much is done for others at one go; the rest when the kernel is entered again. */
void core_reschedule(void)
{
    unsigned told = 0;
    bool expired = false;
    do {
        bool stay = arch_resched == RESCHED_TELL;
        arch_resched = 0;
        if (ticked && !expired) {
            expired = true;
            ticked = timer_expire(arch_nanoseconds());
            derive_tick();
        }
        take_input();
        tell(&told);
        if (!stay)
            sched_next();
    } while (arch_resched && told < TELL_MAX && !sched_stress);
    if (ticked || port_owes)
        arch_resched = 1;
}

void core_outcome(long outcome)
{
    if (outcome == K_FAULT)
        fault_deliver(current);
    else if (K_IS_INSANE(outcome))
        exception_deliver(current, FK_TRAP_INSANITY + (uint64_t)(-outcome - 0x100), 0, 0);
    if (arch_resched)
        core_reschedule();
}

void core_tick(void)
{
    if (timer_any() || derive_active()) {
        ticked = true;
        arch_resched = 1;
    }
    if (!slice || --slice)
        return;
    slice = SLICE_TICKS;
    rotate = true;
    arch_resched = 1;
}

void core_input(void)
{
    typed = true;
    arch_resched = 1;
}

void sched_start(struct thread *first)
{
    timer_start();
    chain_start(first);
    core_reschedule();
    arch_enter();
}

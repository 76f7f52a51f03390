/* kernel/core/sched.h -- handing the CPU on: the few steps of a thread switch, inline because
 * fast.c counts instructions. Whoever uses them has seen to donations, states and the run queue.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_SCHED_H
#define KERNEL_CORE_SCHED_H

#include "kernel/core/thread.h"

extern struct thread *run_source;   /* whose time is being spent */
extern uint64_t sched_charged_from; /* cycle count at the last switch */

/* chain.c */
void run_add(struct thread *source);
struct thread *run_take(void);                   /* NULL = no source wants to run */
struct thread *chain_end(struct thread *thread); /* who would run on its time; NULL = nobody */
void chain_donate(struct thread *from, struct thread *to);
void chain_feed(
    struct thread *thread); /* time has become usable there: those whose it is are told */
bool chain_forget(struct thread *thread); /* false = preempted */
void chain_start(struct thread *first);   /* of the root space */
#define WORK_MAX 300
extern uint64_t chain_work; /* grows with each thread that was looked at to find whose time it is */
bool chain_tell(void); /* run_source's chain is stuck: tell a donor; false = none asked for it */

static inline bool thread_ready(const struct thread *thread)
{
    return thread->dbg.state <= FK_DEBUG_T_READY || thread->dbg.state == FK_DEBUG_T_NOTIME;
}

/* A donor comes before another one of the same donee. */
static inline void ring_add(struct thread *donor, struct thread *next)
{
    struct thread *prev = next->donor_prev;
    donor->donor_next = next;
    donor->donor_prev = prev;
    prev->donor_next = donor;
    next->donor_prev = donor;
}

/* The current thread has used the CPU until now. */
static inline void sched_charge(struct thread *thread)
{
    uint64_t now = arch_now();
    thread->dbg.used += now - sched_charged_from;
    sched_charged_from = now;
}

/* What runs when the kernel is left. */
static inline void sched_load(struct thread *next)
{
    current = next;
    next->dbg.state = FK_DEBUG_T_RUNNING;
    arch_frame = &next->frame;
    arch_fpu_switch(next->xstate);
    paging_load(next->space->dbg.cr3);
    fk_debug_block.current.thread = next->dbg.head.id;
    fk_debug_block.current.space = next->dbg.space;
    fk_debug_block.current.behalf = next->dbg.behalf;
}

#endif

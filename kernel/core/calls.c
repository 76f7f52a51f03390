/* kernel/core/calls.c -- the calls a thread makes about itself, about time, and on others short of
 * their whole state.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/port.h"

static const struct fk_saved nothing; /* of a thread that never had handlers */

long sys_null(void)
{
    return FK_OK;
}

/* A thread is told its address only if it is there. */
long sys_thread_self(void)
{
    struct object *object;
    long outcome = object_find(current->va, FK_DEBUG_THREAD, FK_READ, &object);
    if (outcome == K_FAULT)
        return outcome;
    return outcome || object != &current->obj ? K_INSANE(THREAD_VA) : (long)current->va;
}

long sys_thread_interrupt(vaddr va)
{
    struct thread *thread;
    long outcome = thread_by_va(va, FK_WRITE, &thread);
    if (outcome)
        return outcome;
    /* commit: */
    exception_post(thread, FK_THREAD_PENDING);
    return FK_OK;
}

long sys_thread_handlers(vaddr handlers, vaddr stack)
{
    uint64_t handler[FK_HANDLERS];
    long outcome = memory_read(current->space, handlers, handler, sizeof(handler));
    if (outcome)
        return outcome;
    for (int i = 0; i < FK_HANDLERS; i++)
        if (handler[i] >= FK_USER_END)
            return K_INSANE(INVALID_ADDRESS);
    if (stack >= FK_USER_END)
        return K_INSANE(INVALID_ADDRESS);
    if (!thread_needs_handlers(current))
        return FK_NO_MEMORY;
    /* commit: */
    __builtin_memcpy(current->handlers->entry, handler, sizeof(handler));
    current->handlers->rsp = stack;
    return FK_OK;
}

long sys_thread_enable(void)
{
    current->flags |= FK_THREAD_ENABLED;
    arch_resched = 1; /* what is pending is taken on the way out */
    return FK_OK;
}

long sys_thread_disable(void)
{
    current->flags &= ~FK_THREAD_ENABLED;
    return FK_OK;
}

long sys_thread_saved_state(vaddr out)
{
    long outcome = memory_check(current->space, out, sizeof(struct fk_saved), FK_WRITE);
    if (outcome)
        return outcome;
    memory_write(current->space, out, current->handlers ? &current->handlers->saved : &nothing,
                 sizeof(struct fk_saved));
    return FK_OK;
}

long sys_thread_resume(void)
{
    const struct fk_saved *saved = current->handlers ? &current->handlers->saved : &nothing;
    struct fk_debug_frame *frame = &current->frame;
    frame->rip = saved->rip;
    frame->rflags = saved->rflags;
    frame->rsp = saved->rsp;
    frame->rax = saved->rax;
    frame->rcx = saved->rcx;
    frame->rdx = saved->rdx;
    frame->r11 = saved->r11;
    arch_frame_clean(frame);
    current->flags |= FK_THREAD_ENABLED;
    arch_resched = 1;
    return K_BLOCKED;
}

/* The donor waits; its time follows it to `ref`'s thread. `until` is absolute, so that making the
 * call again after an interruption does not extend it. */
long sys_thread_schedule(vaddr ref, vaddr portset_va, uint64_t sensitivity, uint64_t until)
{
    struct thread *thread;
    struct portset *set = NULL;
    long outcome = object_by_ref(ref, FK_DEBUG_THREAD, false, &thread);
    if (!outcome && portset_va)
        outcome = object_find(portset_va, FK_DEBUG_PORTSET, FK_READ, &set);
    if (outcome)
        return outcome;
    if (thread == current)
        return K_INSANE(CURRENT_THREAD);
    if (set && !list_empty(&set->pending) && sensitivity & FK_SENSE_CONFLICT)
        return FK_CONFLICT;
    if (until <= arch_nanoseconds())
        return FK_TIMEOUT;
    if (sensitivity & FK_SENSE_BLOCK && sched_chain_stuck(thread))
        return FK_BLOCKED;
    /* commit: */
    current->sensitivity = sensitivity;
    port_unschedule(thread);
    if (set && sensitivity & FK_SENSE_CONFLICT)
        queue_add(&set->watchers, current, &set->obj);
    if (until != FK_FOREVER)
        timer_set(current, until);
    sched_wait(current, WAIT_DONATE, thread);
    return K_BLOCKED;
}

/* On donated time, the time goes back to the nearest donor; else to the next source. */
long sys_thread_yield(void)
{
    struct thread *donor = chain_scheduler(current);
    if (!donor) {
        sched_rotate();
        return FK_OK;
    }
    thread_answer(donor, FK_OK);
    return FK_OK;
}

long sys_clock_read(void)
{
    return arch_nanoseconds();
}

long sys_clock_wait(uint64_t until)
{
    if (until <= arch_nanoseconds())
        return FK_OK;
    timer_set(current, until);
    sched_wait(current, WAIT_CLOCK, NULL);
    return K_BLOCKED;
}

/* kernel/core/thread.c -- thread objects: create and destroy, the space that they are in, and the
 * ends of a wait. A wait can end at any time, which loses nothing, because the frame holds the call
 * that the thread would make again.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/ipc.h"

static long thread_create(struct object *object)
{
    struct thread *thread = (struct thread *)object;
    arch_fpu_reset(thread->xstate);
    thread->flags = FK_THREAD_STOPPED | THREAD_HOMELESS;
    thread->dbg.state = FK_DEBUG_T_STOPPED;
    thread->dbg.frame = (uint64_t)&thread->frame;
    arch_frame_clean(&thread->frame);
    return 0;
}

static void space_unlink(struct thread *thread)
{
    if (!thread->space)
        return;
    list_remove(&thread->in_space);
    thread->space = NULL;
    thread->flags |= THREAD_HOMELESS;
}

static void space_link(struct thread *thread, struct space *space)
{
    thread->found.epoch = 0;
    thread->space = space;
    thread->flags &= ~THREAD_HOMELESS;
    list_add_after(&space->threads, &thread->in_space);
}

static long thread_destroy(struct object *object)
{
    struct thread *thread = (struct thread *)object;
    thread_cancel(thread);
    thread->flags |= FK_THREAD_STOPPED;
    sched_stop(thread, FK_DEBUG_T_STOPPED); /* what ends now must not make it run */
    ipc_break(thread);
    space_unlink(thread);
    if (!sched_forget(thread))
        return K_AGAIN;
    arch_fpu_forget(thread->xstate);
    if (thread->handlers)
        kmem_free(thread->handlers);
    return 0;
}

const struct kind thread_kind = {
    .bytes = sizeof(struct thread), .create = thread_create, .destroy = thread_destroy};

bool thread_needs_handlers(struct thread *thread)
{
    if (!thread->handlers)
        thread->handlers = kmem_new(sizeof(*thread->handlers), kmem_payer(thread));
    return thread->handlers;
}

/* A thread without a space waits until it gets one, and for nothing else: then it makes its call
 * again. */
void thread_set_space(struct thread *thread, struct space *space)
{
    bool lost = thread->space && !space, stopped = thread->flags & FK_THREAD_STOPPED;
    bool found = !thread->space && space && thread->wait == WAIT_FOREVER;
    space_unlink(thread);
    if (space)
        space_link(thread, space);
    thread->dbg.space = space ? space->dbg.head.id : 0;
    if (!thread->dbg.client)
        thread->dbg.behalf = thread->dbg.space;
    if (lost && !stopped) {
        thread_cancel(thread);
        sched_wait(thread, WAIT_FOREVER, NULL);
    }
    sched_update_source(thread);
    if (found)
        sched_wake(thread);
}

void thread_finish(struct thread *thread, uint64_t answer)
{
    thread->frame.rax = answer;
    thread->frame.rip += 2; /* past the syscall instruction */
}

void thread_cancel(struct thread *thread)
{
    if (thread->wait == WAIT_NONE)
        return;
    if (thread->wait == WAIT_REPLY)
        ipc_unask(thread);
    if (thread->wait == WAIT_MUTEX)
        mutex_unqueue(thread);
    else
        port_unqueue(thread);
    timer_clear(thread);
    sched_undonate(thread);
    thread->wait = WAIT_NONE;
    thread->dbg.state = FK_DEBUG_T_READY;
}

void thread_again(struct thread *thread)
{
    thread_cancel(thread);
    sched_wake(thread);
}

void thread_answer(struct thread *thread, uint64_t answer)
{
    thread_cancel(thread);
    thread_finish(thread, answer);
    sched_wake(thread);
}

/* Those who waited make their calls again, and find no object, even if that is not gone yet: else
 * there might always be some. Who only stood there has no call. */
long queue_dismiss(struct list *queue, struct object *of)
{
    struct thread *thread;
    while ((thread = queue_first(queue))) {
        bool waits = thread->wait != WAIT_SCHED;
        thread_cancel(thread);
        if (waits)
            sched_wake(thread);
        if (!list_empty(queue) && arch_preempt()) {
            object_ends(of);
            return K_AGAIN;
        }
    }
    return 0;
}

long thread_by_va(vaddr va, unsigned access, struct thread **out)
{
    long outcome = object_find(va, FK_DEBUG_THREAD, access, out);
    return !outcome && *out == current ? K_INSANE(CURRENT_THREAD) : outcome;
}

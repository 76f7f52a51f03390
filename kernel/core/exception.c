/* kernel/core/exception.c -- the chain of whom to tell: the region's keeper (page faults only), the
 * thread's own handler, the space's keeper, nobody. Handlers get three registers and find the old
 * ones in the saved state; nothing is written to user memory, so delivery cannot fault.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/ipc.h"

#define ERROR_WRITE       2
#define ERROR_FETCH       16
#define VECTOR_BREAKPOINT 3
#define VECTOR_PAGE       14

static bool has_handler(const struct thread *thread, enum fk_handler which)
{
    return thread->flags & FK_THREAD_ENABLED && thread->handlers && thread->handlers->entry[which];
}

static void enter_handler(struct thread *thread, enum fk_handler which, uint64_t cause,
                          uint64_t address, uint64_t error)
{
    struct fk_debug_frame *frame = &thread->frame;
    struct handlers *handlers = thread->handlers;
    handlers->saved = (struct fk_saved){.rip = frame->rip,
                                        .rflags = frame->rflags,
                                        .rsp = frame->rsp,
                                        .rax = frame->rax,
                                        .rcx = frame->rcx,
                                        .rdx = frame->rdx,
                                        .r11 = frame->r11};
    frame->rip = handlers->entry[which];
    frame->rax = cause;
    frame->rcx = address;
    frame->rdx = error;
    frame->rflags &= ~0x500ull; /* TF, DF */
    if (handlers->rsp)
        frame->rsp = handlers->rsp;
    thread->flags &= ~FK_THREAD_ENABLED;
    if (thread->expected)
        port_recall(thread);
    if (thread != current)
        sched_wake(thread);
}

static void complain(const struct thread *thread, uint64_t cause, uint64_t address)
{
    kprintf("kernel: root thread %u stopped: cause %x at %x, address %x\n",
            (uint64_t)thread->dbg.head.id, cause, thread->frame.rip, address);
}

void exception_deliver(struct thread *thread, uint64_t cause, uint64_t address, uint64_t error)
{
    if (cause > FK_TRAP_INSANITY && cause < FK_TRAP_INTERRUPT)
        fk_debug_block.insanity++;
    if (has_handler(thread, FK_HANDLER_TRAP)) {
        enter_handler(thread, FK_HANDLER_TRAP, cause, address, error);
        return;
    }
    struct port *keeper = thread->space ? (struct port *)link_get(&thread->space->keeper) : NULL;
    if (keeper) {
        ipc_fault(thread, keeper, (struct trap){address, cause, error, 0});
        return;
    }
    if (thread->space && thread->space->dbg.level == 1)
        complain(thread, cause, address);
    sched_wait(thread, WAIT_FOREVER, NULL);
}

void fault_deliver(struct thread *thread)
{
    if (fault.again) {
        if (thread != current)
            sched_wake(thread);
        return;
    }
    struct port *keeper = fault.region ? (struct port *)link_get(&fault.region->keeper) : NULL;
    if (!keeper) {
        exception_deliver(thread, FK_TRAP_PAGE_FAULT, fault.va, fault.access);
        return;
    }
    ipc_fault(thread, keeper,
              (struct trap){fault.offset, FK_TRAP_PAGE_FAULT, fault.access,
                            (uint32_t)fault.region->obj.hash});
}

/* It was executed a moment ago, so it is there. The long form ends with its vector, 3. */
static unsigned breakpoint_bytes(void)
{
    const uint8_t *last = memory_find(current->space, current->frame.rip - 1, 0);
    return last && *last == VECTOR_BREAKPOINT ? 2 : 1;
}

void core_exception(unsigned vector, uint64_t error, vaddr address)
{
    if (vector == VECTOR_BREAKPOINT) /* back onto it, like a fault: asking again is harmless */
        current->frame.rip -= breakpoint_bytes();
    if (vector != VECTOR_PAGE) {
        exception_deliver(current, vector, address, error);
        return;
    }
    unsigned access = error & ERROR_WRITE ? FK_WRITE : error & ERROR_FETCH ? FK_EXECUTE : FK_READ;
    if (!memory_find(current->space, address, access))
        fault_deliver(current);
}

/* ---- interrupts and alerts ---- */

static const struct posted {
    unsigned flag;
    enum fk_handler handler;
    uint64_t cause;
} posted[] = {
    {FK_THREAD_PENDING, FK_HANDLER_INTERRUPT, FK_TRAP_INTERRUPT},
    {FK_THREAD_PENDING_CLIENT, FK_HANDLER_CLIENT_ALERT, FK_TRAP_CLIENT_ALERT},
    {FK_THREAD_PENDING_SERVER, FK_HANDLER_SERVER_ALERT, FK_TRAP_SERVER_ALERT},
};

/* NULL = there is none that it can take now. */
static const struct posted *first_posted(const struct thread *thread)
{
    for (const struct posted *at = posted; at < posted + 3; at++)
        if (thread->flags & at->flag && has_handler(thread, at->handler))
            return at;
    return NULL;
}

/* A waiting thread that can take it stops waiting: it would make its call again afterwards. */
void exception_post(struct thread *thread, unsigned pending_flag)
{
    thread->flags |= pending_flag;
    if (thread->flags & FK_THREAD_STOPPED || thread->wait == WAIT_NONE ||
        thread->wait == WAIT_SCHED || !first_posted(thread))
        return;
    thread_again(thread);
}

/* The thread is about to run. */
void exception_pending(struct thread *thread)
{
    const struct posted *first = first_posted(thread);
    if (!first)
        return;
    thread->flags &= ~first->flag;
    enter_handler(thread, first->handler, first->cause, 0, 0);
}

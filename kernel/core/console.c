/* kernel/core/console.c -- calls for the root space alone: the serial console, the end of the
 * machine, and the test hooks (counts, invariant checks, injected faults). SPDX-License-Identifier:
 * MIT */
#include "kernel/core/thread.h"

#define PIECE 256

static struct list listeners = {&listeners, &listeners};

static long root_only(void)
{
    return current->space->dbg.level == 1 ? 0 : K_INSANE(NOT_ROOT);
}

/* The text is taken in pieces; the caller's registers say how far it is. */
long sys_console_write(vaddr text, uint64_t length)
{
    char piece[PIECE];
    long outcome = root_only();
    while (!outcome && length) {
        size_t part = length < PIECE ? length : PIECE;
        outcome = memory_read(current->space, text, piece, part);
        if (outcome)
            break;
        /* commit: */
        for (size_t i = 0; i < part; i++)
            arch_putc(piece[i]);
        text = current->frame.rdi += part;
        length = current->frame.rsi -= part;
        if (length && arch_preempt())
            outcome = K_AGAIN;
    }
    return outcome;
}

/* Answers the number of bytes, 0 when none is waiting. */
long sys_console_read(vaddr text, uint64_t length)
{
    char piece[PIECE];
    size_t got = 0;
    int c;
    if (length > PIECE)
        length = PIECE;
    long outcome = root_only();
    if (!outcome)
        outcome = memory_check(current->space, text, length, FK_WRITE);
    if (outcome)
        return outcome;
    /* commit: */
    while (got < length && (c = arch_getc()) >= 0)
        piece[got++] = (char)c;
    memory_write(current->space, text, piece, got);
    return got;
}

/* Who made this call makes it again. */
void console_recall(void)
{
    for (struct thread *thread; (thread = queue_first(&listeners));)
        thread_again(thread);
}

long sys_console_wait(uint64_t until)
{
    long outcome = root_only();
    if (outcome)
        return outcome;
    if (arch_input())
        return FK_OK;
    if (until <= arch_nanoseconds())
        return FK_TIMEOUT;
    arch_listen();
    queue_add(&listeners, current, &object_nobody);
    timer_set(current, until);
    sched_wait(current, WAIT_CLOCK, NULL);
    return K_BLOCKED;
}

long sys_machine_exit(uint64_t code)
{
    long outcome = root_only();
    if (!outcome)
        arch_exit(code & 255);
    return outcome;
}

long sys_kernel_debug(uint64_t operation, uint64_t a, uint64_t b)
{
    (void)b;
    uint64_t before = kmem_fail;
    long outcome = root_only();
    if (outcome)
        return outcome;
    switch (operation) {
    case FK_DEBUG_OBJECTS:
        return object_count(a);
    case FK_DEBUG_MEMORY:
        return kmem_count().charged;
    case FK_DEBUG_FREE_PAGES:
        return kmem_count().free_pages;
    case FK_DEBUG_CHECK:
        return check_all();
    case FK_DEBUG_FAIL:
        kmem_fail = a;
        return before;
    case FK_DEBUG_STRESS:
        sched_stress = a;
        sched_rotate(); /* from now on */
        return FK_OK;
    case FK_DEBUG_EPOCH:
        return frame_epoch++;
    }
    return K_INSANE(NO_CALL);
}

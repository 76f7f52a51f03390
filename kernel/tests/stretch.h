/* kernel/tests/stretch.h -- how long the kernel runs between two preemption points. With stress on,
 * every preemption point changes to a watcher, which measures how long it did not run; its own call
 * and two switches are in that. Under Flatfish that is instructions, exactly, and MEASURE fails
 * above STRETCH of them; elsewhere it is only printed. SPDX-License-Identifier: MIT */
#ifndef KERNEL_TESTS_STRETCH_H
#define KERNEL_TESTS_STRETCH_H

#include "abi/simcall/simcall.h"
#include "kernel/tests/test.h"

#define STRETCH 20000

static volatile uint64_t longest, last_ran;

static uint64_t cycles(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
    return (uint64_t)high << 32 | low;
}

/* User mode runs now: what came before was a stretch of the kernel, unless somebody else looked at
 * the time meanwhile. */
static void mark(void)
{
    uint64_t now = cycles(), last = last_ran;
    if (now > last && __sync_bool_compare_and_swap(&last_ran, last, now) && now - last > longest)
        longest = now - last;
}

static void watch(uint64_t unused)
{
    for (mark();; mark())
        fk_null();
    (void)unused;
}

/* Two, since one that is interrupted before it looked at the clock ran all the same. */
static void watch_start(void)
{
    test_thread(watch, 0);
    test_thread(watch, 0);
}

#define MEASURE(name, operation)                                                                   \
    do {                                                                                           \
        fk_kernel_debug(FK_DEBUG_STRESS, 1, 0);                                                    \
        fk_null();                                                                                 \
        last_ran = cycles();                                                                       \
        longest = 0;                                                                               \
        CHECK_EQ(operation, FK_OK);                                                                \
        mark();                                                                                    \
        uint64_t was_ = longest;                                                                   \
        fk_kernel_debug(FK_DEBUG_STRESS, 0, 0);                                                    \
        print("longest stretch of %s: %u\n", name, was_);                                          \
        CHECK(!simcall_PRESENT(0, 0, 0) || was_ <= STRETCH);                                       \
        CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);                                        \
    } while (0)

#endif

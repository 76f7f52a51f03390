/* kernel/tests/test.h -- what every in-guest test uses. A test is a root program: `test_run` does
 * the work with CHECK, and the harness prints PASS or FAIL, looks for leaks and broken invariants,
 * and ends the machine. SPDX-License-Identifier: MIT */
#ifndef KERNEL_TESTS_TEST_H
#define KERNEL_TESTS_TEST_H

#include <stdbool.h>
#include "kernel/user/fk.h"
#include "kernel/user/print.h"

extern struct fk_bootinfo *boot;
void test_run(void); /* the test */
_Noreturn void test_fail(const char *file, int line, const char *what, uint64_t a, uint64_t b);
_Noreturn void test_end(void);

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond))                                                                               \
            test_fail(__FILE__, __LINE__, #cond, 0, 0);                                            \
    } while (0)
#define CHECK_EQ(a, b)                                                                             \
    do {                                                                                           \
        uint64_t a_ = (uint64_t)(a), b_ = (uint64_t)(b);                                           \
        if (a_ != b_)                                                                              \
            test_fail(__FILE__, __LINE__, #a " == " #b, a_, b_);                                   \
    } while (0)

/* Fresh object memory, and fresh zeroed pages of the pool; never given back. */
uint64_t test_object(void);
uint64_t test_pages(unsigned count);

/* Reference objects: a new one that names the object at `va` of this kind. */
uint64_t test_ref(enum fk_debug_kind kind, uint64_t va);

/* A thread of this space, or of `space_ref` (0 = own): its own stack, starts at once.
 * Returns the address of its thread object. */
uint64_t test_thread(void (*entry)(uint64_t), uint64_t argument);
uint64_t test_thread_make(uint64_t space_ref, uint64_t entry, uint64_t stack, uint64_t argument);

/* Gives it a scheduler and this sched_val, and starts it. Answers the thread. */
uint64_t test_scheduled(uint64_t thread, uint64_t port_ref, uint64_t value);

/* A space with a budget that maps all that the root space maps, at the same addresses.
 * Returns the address of the space object. */
uint64_t test_space(uint64_t budget);
/* The last of so many spaces, each made by a thread of the one before, that map what a program and
 * its threads have, at the same addresses. */
uint64_t test_nested(unsigned levels, uint64_t budget);
uint64_t test_map(uint64_t space_ref, uint64_t region_ref, uint64_t start, uint64_t size,
                  uint64_t offset, unsigned prot);
uint64_t test_region(uint64_t space_ref, uint64_t start, uint64_t size, unsigned prot,
                     uint64_t keeper_ref);

/* A port in a new portset. */
struct test_port {
    uint64_t port, portset, ref; /* ref names the port */
};
struct test_port test_port(uint64_t alias);

/* Calls that must raise an insanity: its number comes back, 0 when the call returned. */
long test_insane(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d);
void test_sleep(uint64_t milliseconds);
void test_let_run(void); /* whoever can run has had its turn, however the host divides its time */
_Noreturn void test_stop(void); /* what a thread does when its work is done: wait for ever */

#endif

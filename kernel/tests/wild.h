/* kernel/tests/wild.h -- for programs that make calls at random: numbers, and a call with all its
 * registers. SPDX-License-Identifier: MIT */
#ifndef KERNEL_TESTS_WILD_H
#define KERNEL_TESTS_WILD_H

#include "kernel/tests/test.h"

static inline uint64_t wild_next(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    return *random ^= *random << 17;
}

/* The number behind this word of the command line. */
uint64_t wild_number(const char *key, uint64_t otherwise);

/* Registers: rdi rsi rdx r10 r8 r9 rbx r12 r13 r14 r15. What it brings back is lost. The handler is
 * for whatever goes wrong: it calls wild_begin with what fs:0 names, on its own stack. So does
 * who was made to begin at wild_again, after the call that its registers tell. */
#define WILD_REGISTERS 11
void wild_call(uint64_t number, const uint64_t *registers);
extern char wild_handler[], wild_again[];
void wild_begin(void *self);

#endif

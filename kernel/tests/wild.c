/* kernel/tests/wild.c -- see wild.h. SPDX-License-Identifier: MIT */
#include "kernel/tests/wild.h"

uint64_t wild_number(const char *key, uint64_t otherwise)
{
    for (const char *at = boot->command; *at; at++) {
        unsigned i = 0;
        while (key[i] && at[i] == key[i])
            i++;
        if (key[i])
            continue;
        uint64_t value = 0;
        for (at += i; *at >= '0' && *at <= '9'; at++)
            value = value * 10 + (uint64_t)(*at - '0');
        return value;
    }
    return otherwise;
}

__asm__(".globl wild_call, wild_again, wild_handler;"
        "wild_call: push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15;"
        "mov %rdi, %rax; mov %rsi, %rbp;"
        "mov 0(%rbp), %rdi; mov 8(%rbp), %rsi; mov 16(%rbp), %rdx; mov 24(%rbp), %r10;"
        "mov 32(%rbp), %r8; mov 40(%rbp), %r9; mov 48(%rbp), %rbx; mov 56(%rbp), %r12;"
        "mov 64(%rbp), %r13; mov 72(%rbp), %r14; mov 80(%rbp), %r15;"
        "syscall;"
        "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx; ret;"
        "wild_again: syscall;"
        "wild_handler: mov %fs:0, %rdi; call wild_begin; ud2");

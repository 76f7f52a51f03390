/* call.c -- a kernel call more: words_add(words, count, value, carried).
 *
 * It adds `value` to each of `count` words (of 64 bits) from the address `words` on, and answers
 * `carried` plus the number of words that carried over. It may be long, and memory may be missing
 * anywhere: so it is done in pieces. Where it has come to is in the caller's registers after every
 * piece (current->frame): rdi = the next word, rsi = how many are left, r10 = carries so far; and
 * nowhere else. Whoever makes the call that the registers hold does the rest.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/memory.h"
#include "kernel/core/syscall.h"
#include "kernel/core/thread.h"

/* Yours. What it may answer is in object.h: a number that is not negative, K_FAULT, K_AGAIN, or
 * K_INSANE(NOT_ALIGNED): `words` is no multiple of 8
 * K_INSANE(INVALID_ADDRESS): a word that is not in the user half (FK_USER_END)
 * K_INSANE(INVALID_STATE): `carried` is 2^62 or more */
long sys_words_add(vaddr va, uint64_t count, uint64_t value, uint64_t carried)
{
    (void)va, (void)count, (void)value;
    return (long)(carried & 1);
}

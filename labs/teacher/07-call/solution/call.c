/* call.c -- the reference solution of words_add(words, count, value, carried).
 *
 * Where it has come to is in the caller's registers and nowhere else, after every piece: so the
 * call can stop there for a page that is missing or for somebody who wants the CPU, its thread can
 * be taken apart and put together again, and whoever makes the call that the registers hold does
 * the rest. SPDX-License-Identifier: MIT */
#include "kernel/core/memory.h"
#include "kernel/core/syscall.h"
#include "kernel/core/thread.h"

#define PIECE 256 /* words: about 2,000 instructions */

static uint64_t in_one_piece(vaddr va, uint64_t count)
{
    uint64_t in_page = (FK_PAGE - va % FK_PAGE) / sizeof(uint64_t);
    uint64_t most = in_page < PIECE ? in_page : PIECE;
    return count < most ? count : most;
}

static uint64_t add(uint64_t *word, uint64_t count, uint64_t value)
{
    uint64_t carries = 0;
    for (uint64_t i = 0; i < count; i++)
        carries += __builtin_add_overflow(word[i], value, &word[i]);
    return carries;
}

long sys_words_add(vaddr va, uint64_t count, uint64_t value, uint64_t carried)
{
    if (va % sizeof(uint64_t))
        return K_INSANE(NOT_ALIGNED);
    if (va >= FK_USER_END || count > (FK_USER_END - va) / sizeof(uint64_t))
        return K_INSANE(INVALID_ADDRESS);
    if (carried >> 62) /* an answer below 0 means something else */
        return K_INSANE(INVALID_STATE);
    while (count) {
        uint64_t part = in_one_piece(va, count);
        uint64_t *word = memory_find(current->space, va, FK_WRITE);
        if (!word)
            return K_FAULT;
        /* commit: */
        carried += add(word, part, value);
        current->frame.rdi = va += part * sizeof(uint64_t);
        current->frame.rsi = count -= part;
        current->frame.r10 = carried;
        if (count && arch_preempt())
            return K_AGAIN;
    }
    return (long)carried;
}

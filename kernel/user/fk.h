/* kernel/user/fk.h -- kernel calls for user programs: fk_NAME for every line of
 * abi/fk/syscalls.def. Plain calls take their arguments; IPC calls take a struct fk_ipc, the
 * message registers. SPDX-License-Identifier: MIT */
#ifndef KERNEL_USER_FK_H
#define KERNEL_USER_FK_H

#include "abi/fk/bootinfo.h"
#include "abi/fk/ipc.h"
#include "abi/fk/objects.h"
#include "abi/fk/syscall.h"

static inline long fk_call4(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
    register uint64_t r10 __asm__("r10") = d;
    long answer;
    __asm__ volatile("syscall"
                     : "=a"(answer), "+D"(a), "+S"(b), "+d"(c), "+r"(r10)
                     : "0"(number)
                     : "rcx", "r11", "memory");
    return answer;
}

#define FK_PARAMS_0 void
#define FK_PARAMS_1 uint64_t a
#define FK_PARAMS_2 uint64_t a, uint64_t b
#define FK_PARAMS_3 uint64_t a, uint64_t b, uint64_t c
#define FK_PARAMS_4 uint64_t a, uint64_t b, uint64_t c, uint64_t d
#define FK_PASS_0   0, 0, 0, 0
#define FK_PASS_1   a, 0, 0, 0
#define FK_PASS_2   a, b, 0, 0
#define FK_PASS_3   a, b, c, 0
#define FK_PASS_4   a, b, c, d
#define FK_CALL(number, name, args, class, params, contract)                                       \
    static inline long fk_##name(FK_PARAMS_##args)                                                 \
    {                                                                                              \
        return fk_call4(number, FK_PASS_##args);                                                   \
    }
#include "abi/fk/syscalls.def"

/* What goes into the message registers and what comes out of them. */
struct fk_ipc {
    uint64_t dest;    /* rdi: reference to a port, or portset; out: alias */
    uint64_t message; /* rsi: address of a struct fk_message, or 0 */
    uint64_t tag;     /* rbx: number of words to send; out: FK_TAG_* */
    uint64_t word[FK_IPC_WORDS];
};

/* Inline, so that a loop saves registers once and not in every round. */
static inline __attribute__((always_inline)) long fk_ipc(uint64_t number, struct fk_ipc *ipc)
{
    uint64_t *word = ipc->word;
    register uint64_t w1 __asm__("r8") = word[1], w2 __asm__("r9") = word[2];
    register uint64_t w3 __asm__("r10") = word[3], w4 __asm__("r12") = word[4];
    register uint64_t w5 __asm__("r13") = word[5], w6 __asm__("r14") = word[6];
    register uint64_t w7 __asm__("r15") = word[7];
    __asm__ volatile("syscall"
                     : "+a"(number), "+b"(ipc->tag), "+d"(word[0]), "+D"(ipc->dest),
                       "+S"(ipc->message), "+r"(w1), "+r"(w2), "+r"(w3), "+r"(w4), "+r"(w5),
                       "+r"(w6), "+r"(w7)
                     :
                     : "rcx", "r11", "memory");
    word[1] = w1;
    word[2] = w2;
    word[3] = w3;
    word[4] = w4;
    word[5] = w5;
    word[6] = w6;
    word[7] = w7;
    return number;
}

#define FK_IPC_CALL(mask, name, class, contract)                                                   \
    static inline __attribute__((always_inline)) long fk_##name(struct fk_ipc *ipc)                \
    {                                                                                              \
        return fk_ipc(FK_IPC_BASE + (mask), ipc);                                                  \
    }
#include "abi/fk/syscalls.def"

static inline uint64_t fk_at(const volatile void *pointer)
{
    return (uint64_t)pointer;
}

#endif

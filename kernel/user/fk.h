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

long fk_ipc(uint64_t number, struct fk_ipc *ipc); /* stubs.S */

#define FK_IPC_CALL(mask, name, class, contract)                                                   \
    static inline long fk_##name(struct fk_ipc *ipc)                                               \
    {                                                                                              \
        return fk_ipc(FK_IPC_BASE + (mask), ipc);                                                  \
    }
#include "abi/fk/syscalls.def"

static inline uint64_t fk_at(const volatile void *pointer)
{
    return (uint64_t)pointer;
}

#endif

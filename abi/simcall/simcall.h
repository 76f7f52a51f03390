/* abi/simcall/simcall.h -- magic NOPs: how guest code talks to the simulator.
 *
 * A call is the 8-byte long NOP   0F 1F 84 00 disp32   (nopl disp32(%rax,%rax,1))
 * with disp32 = SIMCALL_MAGIC | number. On QEMU and on hardware it does nothing, so rax keeps the
 * 0 that the stub put there: a guest can tell "nobody is listening" from any answer, since every
 * call that is understood leaves rax != 0 (at least 1).
 * It works in any privilege level, and has no memory operand that is ever touched.
 * SPDX-License-Identifier: MIT */
#ifndef ABI_SIMCALL_H
#define ABI_SIMCALL_H

#define SIMCALL_VERSION    1
#define SIMCALL_MAGIC      0x464b0000
#define SIMCALL_MAGIC_MASK 0xffff0000

/* QEMU's isa-debug-exit sits here in all our tests; its exit status is (code << 1) | 1. */
#define SIMCALL_QEMU_EXIT_PORT 0xf4

#ifdef __ASSEMBLER__
#define SIMCALL_NOP(number)                                                                        \
    .byte 0x0f, 0x1f, 0x84, 0x00;                                                                  \
    .long SIMCALL_MAGIC | (number)
#else

enum simcall_number {
#define SIMCALL(number, name, args, does) SIMCALL_##name = number,
#include "abi/simcall/simcalls.def"
#undef SIMCALL
};

#if defined(__x86_64__) && defined(__GNUC__)
#define SIMCALL_STR2(x) #x
#define SIMCALL_STR(x)  SIMCALL_STR2(x)
#define SIMCALL_STUB(number, name)                                                                 \
    static inline unsigned long simcall_##name(unsigned long a0, unsigned long a1,                 \
                                               unsigned long a2)                                   \
    {                                                                                              \
        unsigned long rax = 0;                                                                     \
        __asm__ volatile(".byte 0x0f,0x1f,0x84,0x00; .long %c4"                                    \
                         : "+a"(rax)                                                               \
                         : "D"(a0), "S"(a1), "d"(a2), "i"(SIMCALL_MAGIC | number)                  \
                         : "memory");                                                              \
        return rax;                                                                                \
    }
#define SIMCALL(number, name, args, does) SIMCALL_STUB(number, name)
#include "abi/simcall/simcalls.def"
#undef SIMCALL
#endif
#endif /* __ASSEMBLER__ */
#endif

/* kernel/arch/x86_64/layout.h -- addresses and offsets that C and assembler must agree on.
 * The frame offsets are those of struct fk_debug_frame; cpu.c asserts each.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_ARCH_LAYOUT_H
#define KERNEL_ARCH_LAYOUT_H

#define KERNEL_BASE  0xffffffff80000000 /* the image: physical 0 seen at -2 GiB */
#define PHYS_BASE    0xffff800000000000 /* all memory, seen by the kernel */
#define KSTACK_BYTES 16384

#define SEL_KCODE 0x08
#define SEL_KDATA 0x10
#define SEL_UBASE 0x18 /* sysret: +8 = data, +16 = 64-bit code */
#define SEL_UDATA 0x23
#define SEL_UCODE 0x2b
#define SEL_TSS   0x30

#define FRAME_RAX    0
#define FRAME_RBX    8
#define FRAME_RCX    16
#define FRAME_RDX    24
#define FRAME_RSI    32
#define FRAME_RDI    40
#define FRAME_RBP    48
#define FRAME_RSP    56
#define FRAME_R8     64
#define FRAME_R9     72
#define FRAME_R10    80
#define FRAME_R11    88
#define FRAME_R12    96
#define FRAME_R13    104
#define FRAME_R14    112
#define FRAME_R15    120
#define FRAME_RIP    128
#define FRAME_RFLAGS 136

#define VECTORS         49 /* 32 exceptions, 16 interrupt lines, 1 spurious */
#define VECTOR_TIMER    32
#define VECTOR_CONSOLE  36 /* line 4 */
#define VECTOR_SPURIOUS 48

#endif

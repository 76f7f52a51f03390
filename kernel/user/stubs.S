/* kernel/user/stubs.S -- start of a program.
 * SPDX-License-Identifier: MIT */
    .text
    .globl _start
_start:                             /* rdi = struct fk_bootinfo or the parent's argument */
    xorl %ebp, %ebp
    andq $-16, %rsp
    call program_main
    ud2

    .section .note.GNU-stack, "", @progbits

/* kernel/user/stubs.S -- start of a program, and the IPC call with all its registers.
 * SPDX-License-Identifier: MIT */
    .text
    .globl _start
_start:                             /* rdi = struct fk_bootinfo or the parent's argument */
    xorl %ebp, %ebp
    andq $-16, %rsp
    call program_main
    ud2

/* long fk_ipc(number = rdi, struct fk_ipc *ipc = rsi) */
    .globl fk_ipc
fk_ipc:
    pushq %rbx
    pushq %rbp
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsi, %rbp                 /* rbp is not part of a message */
    movq %rdi, %rax
    movq 0(%rbp), %rdi
    movq 8(%rbp), %rsi
    movq 16(%rbp), %rbx
    movq 24(%rbp), %rdx
    movq 32(%rbp), %r8
    movq 40(%rbp), %r9
    movq 48(%rbp), %r10
    movq 56(%rbp), %r12
    movq 64(%rbp), %r13
    movq 72(%rbp), %r14
    movq 80(%rbp), %r15
    syscall
    movq %rdi, 0(%rbp)
    movq %rbx, 16(%rbp)
    movq %rdx, 24(%rbp)
    movq %r8, 32(%rbp)
    movq %r9, 40(%rbp)
    movq %r10, 48(%rbp)
    movq %r12, 56(%rbp)
    movq %r13, 64(%rbp)
    movq %r14, 72(%rbp)
    movq %r15, 80(%rbp)
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbp
    popq %rbx
    ret
    .section .note.GNU-stack, "", @progbits

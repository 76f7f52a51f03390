/* monitors/lib/signal_entry.S -- where a signal's handler begins (mon_signal). The process manager
 * has put a frame on the stack:
 *   rsp: signal, rip, room for cs, rflags, rsp, room for ss
 * All registers are as they were where the thread was interrupted, and are so again when iretq goes
 * back there. SPDX-License-Identifier: MIT */
    .text
    .globl mon_signal_entry
mon_signal_entry:
    pushq %rax
    pushq %rbx
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %rbp
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    xorl %eax, %eax
    movw %cs, %ax
    movq %rax, 15*8+16(%rsp)
    movw %ss, %ax
    movq %rax, 15*8+40(%rsp)
    movq 15*8(%rsp), %rdi           /* the signal */
    movq %rsp, %rbp
    andq $-16, %rsp
    cld
    call mon_signal_taken
    movq %rbp, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rbp
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rbx
    popq %rax
    addq $8, %rsp
    iretq
    .section .note.GNU-stack, "", @progbits

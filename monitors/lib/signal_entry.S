/* monitors/lib/signal_entry.S -- where a signal's handler begins (mon_signal). The process manager
 * has put a frame on the stack:
 *   rsp: signal, rip, free, rflags, rsp, free
 * All registers are as they were where the thread was interrupted, and are so again when it goes on
 * there (vectors are not saved: handlers are compiled without them). The way back is popf and a
 * return address of ours right below the red zone, not iretq: QEMU before 9.1 pops iretq's words
 * with the kernel's rights, which faults for ever where SMAP is on.
 * SPDX-License-Identifier: MIT */
#define SAVED    (15 * 8)
#define RED_ZONE 128
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
    movq SAVED+8(%rsp), %rax
    movq SAVED+32(%rsp), %rcx
    subq $(RED_ZONE + 8), %rcx      /* at or above the frame's last word, which is free */
    movq %rax, (%rcx)
    movq %rcx, SAVED+32(%rsp)
    movq SAVED(%rsp), %rdi         /* the signal */
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
    addq $24, %rsp
    popfq
    popq %rsp
    ret $RED_ZONE
    .section .note.GNU-stack, "", @progbits

/* monitors/lib/guard.S -- the trap handler of guarded threads. Misuse in a kernel call (an
 * "insanity") makes the call return minus its cause; a fault inside mon_peek makes that return -1;
 * any other trap is taken again without a handler, so that it goes on to the space's keeper.
 * On entry: rax = cause, rcx = address, rdx = error; rsp as it was; handlers are off; the thread's
 * own rip, rflags, rsp, rax, rcx, rdx, r11 are put aside in the kernel.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/calls.h"
    .text
    .globl mon_guard_entry
mon_guard_entry:
    movq %rax, %rcx
    subq $0x100, %rcx
    cmpq $0x100, %rcx
    jae 1f
    negq %rax
    pushq $0                        /* will be the address to return to */
    pushq %rax                      /* the call's answer */
    subq $64, %rsp                  /* struct fk_saved */
    movq %rsp, %rdi
    movl $CALL_thread_saved_state, %eax
    syscall
    movq (%rsp), %rcx
    addq $2, %rcx                   /* past the syscall instruction */
    addq $64, %rsp
    movq %rcx, 8(%rsp)
    movl $CALL_thread_enable, %eax
    syscall
    popq %rax
    ret
1:  cmpq $14 - 0x100, %rcx
    jne 2f
    pushq %rdi
    subq $64, %rsp                  /* struct fk_saved */
    movq %rsp, %rdi
    movl $CALL_thread_saved_state, %eax
    syscall
    movq (%rsp), %rcx
    addq $64, %rsp
    popq %rdi
    cmpq $mon_peek_copy, %rcx
    jne 2f
    movl $CALL_thread_enable, %eax
    syscall
    movq $-1, %rax
    ret                             /* from mon_peek: rsp is as it was there */
2:  pushq %rdi
    pushq %rsi
    pushq %r10
    pushq $0                        /* no handlers */
    pushq $0
    pushq $0
    pushq $0
    movq %rsp, %rdi
    xorl %esi, %esi
    movl $CALL_thread_handlers, %eax
    syscall
    addq $32, %rsp
    popq %r10
    popq %rsi
    popq %rdi
    movl $CALL_thread_resume, %eax
    syscall
    ud2
    .globl mon_peek
mon_peek:
    movq %rdx, %rcx
    shrq $3, %rcx
mon_peek_copy:
    rep movsq
    xorl %eax, %eax
    ret
    .section .note.GNU-stack, "", @progbits

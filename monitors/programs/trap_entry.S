/* monitors/programs/trap_entry.S -- entry of the trap handler. The kernel has put rip, rflags, rsp, rax,
 * rcx, rdx, r11 aside and changed to the handler's stack; rax = cause, rcx = address, rdx = error.
 * What else C may change is kept here. SPDX-License-Identifier: MIT */
#include "monitors/lib/calls.h"
    .text
    .globl trap_entry
trap_entry:
    pushq %rdi
    pushq %rsi
    pushq %r8
    pushq %r9
    pushq %r10
    subq $8, %rsp                   /* C wants rsp + 8 aligned to 16 when it is called */
    movq %rax, %rdi
    movq %rcx, %rsi                 /* rdx is in place */
    call trap_taken
    addq $8, %rsp
    popq %r10
    popq %r9
    popq %r8
    popq %rsi
    popq %rdi
    movl $CALL_thread_resume, %eax
    syscall
    ud2
    .section .note.GNU-stack, "", @progbits

/* kernel/tests/insane.S -- make a kernel call and come back by its return or by its exception.
 * long test_insane_call(number, a, b, c, d): the cause, or 0 when the call returned.
 * SPDX-License-Identifier: MIT */
    .text
    .globl test_insane_call, test_insane_back
test_insane_call:
    movq %rdi, %rax
    movq %rsi, %rdi
    movq %rdx, %rsi
    movq %rcx, %rdx
    movq %r8, %r10
    syscall
    xorl %eax, %eax
test_insane_back:                   /* handler: rax = cause, the stack is as it was */
    ret

/* long test_touch(at, value, write): 0, or the cause of the exception that the access raised. */
    .globl test_touch, test_touch_back
test_touch:
    testq %rdx, %rdx
    jz 1f
    movq %rsi, (%rdi)
    xorl %eax, %eax
    ret
1:  movq (%rdi), %rax
    xorl %eax, %eax
test_touch_back:
    ret
    .section .note.GNU-stack, "", @progbits

/* kernel/tests/hold.S -- a computation that lives in registers alone: void test_hold(void).
 *
 * Every general register but rsp, xmm0-15, the x87 stack, both control words, and the arithmetic
 * flags with DF start from values of their own. Each step adds to each register another one, by
 * instructions that leave the flags alone, so that one register lost at any moment shows in the end.
 * Half way a call is made, after which only rax, rcx and r11 are others, and these are known; then
 * all flags are turned round. What is left is stored at test_held: 15 registers and both flags, each
 * 8 bytes, and from byte 144 what fxsave stores, but for the address of the last x87 instruction.
 * SPDX-License-Identifier: MIT */
#define ALL_FLAGS 0x244cd7              /* CF PF AF ZF SF DF OF NT AC ID */
#define NO_FLAGS  0x202
#define NULL_CALL 0x120                 /* FK_CALL_null */

    .macro add to, with
    leaq 1(%\to, %\with), %\to
    .endm

    .macro step
    add rax, rbx
    add rbx, rcx
    add rcx, rdx
    add rdx, rsi
    add rsi, rdi
    add rdi, rbp
    add rbp, r8
    add r8, r9
    add r9, r10
    add r10, r11
    add r11, r12
    add r12, r13
    add r13, r14
    add r14, r15
    add r15, rax
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
    paddq %xmm15, %xmm\n
    .endr
    paddq %xmm0, %xmm15
    fadd %st(3), %st
    fincstp
    .endm

    .text
    .globl test_hold
test_hold:
    .irp r, rbx, rbp, r12, r13, r14, r15
    pushq %\r
    .endr
    fldcw other_control(%rip)
    ldmxcsr other_mxcsr(%rip)
    fldpi
    fldl2e
    fldl2t
    fldln2
    fldlg2
    fld1
    fldpi
    fldl2e
    .set value, 0x1357
    .irp r, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
    movabsq $value * 0x1000100010001, %\r
    .set value, value + 0x1003
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    movdqu xmm_values + \n * 8(%rip), %xmm\n
    .endr
    pushq $ALL_FLAGS
    popfq
    .rept 8
    step
    .endr
    movl $NULL_CALL, %eax
    syscall
    .rept 2
    step
    .endr
    pushfq
    popq test_held + 15 * 8(%rip)
    pushq $NO_FLAGS
    popfq
    .rept 8
    step
    .endr
    pushfq
    popq test_held + 16 * 8(%rip)
    fxsave64 test_held + 144(%rip)
    .set at, 0
    .irp r, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
    movq %\r, test_held + at(%rip)
    .set at, at + 8
    .endr
    movw $0, test_held + 144 + 6(%rip)
    movq $0, test_held + 144 + 8(%rip)
    movq $0, test_held + 144 + 16(%rip)
    fninit
    ldmxcsr plain_mxcsr(%rip)
    .irp r, r15, r14, r13, r12, rbp, rbx
    popq %\r
    .endr
    ret

/* void test_hold_wide(void): the same with all of ymm0-15, for a CPU that has AVX; no flag or general
 * register is used. What is left is stored at test_held_wide. */
    .macro step_wide
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
    vxorps %ymm15, %ymm\n, %ymm\n
    .endr
    vpermilps $0x39, %ymm0, %ymm0
    vperm2f128 $1, %ymm15, %ymm15, %ymm15
    vxorps %ymm0, %ymm15, %ymm15
    .endm
    .globl test_hold_wide
test_hold_wide:
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vmovdqu wide_values + \n * 32(%rip), %ymm\n
    .endr
    .rept 4
    step_wide
    .endr
    movl $NULL_CALL, %eax
    syscall
    .rept 4
    step_wide
    .endr
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    vmovdqu %ymm\n, test_held_wide + \n * 32(%rip)
    .endr
    ret

/* void test_spoil(unsigned avx): everything that the caller may lose, and the two control words, which C
 * without floating point does not miss. */
    .globl test_spoil
test_spoil:
    fninit
    fldz
    fldcw spoilt_control(%rip)
    ldmxcsr spoilt_mxcsr(%rip)
    .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    pcmpeqb %xmm\n, %xmm\n
    .endr
    testl %edi, %edi
    jz 1f
    vzeroupper                      /* upper halves: others than anybody keeps there */
1:  movq $-1, %rax
    .irp r, rcx, rdx, rsi, rdi, r8, r9, r10, r11
    movq %rax, %\r
    .endr
    ret

    .section .rodata
    .balign 8
xmm_values:
    .set value, 0x2468ace
    .rept 17
    .quad value * 0x100000101
    .set value, value + 0x1020305
    .endr
wide_values:
    .set value, 0x13579bdf
    .rept 64
    .quad value * 0x100000801
    .set value, value + 0x10305070
    .endr
other_mxcsr:    .long 0x7f80            /* towards zero */
spoilt_mxcsr:   .long 0x3f80            /* down */
plain_mxcsr:    .long 0x1f80
other_control:  .word 0x0f7f            /* towards zero */
spoilt_control: .word 0x077f            /* down */

    .bss
    .balign 16
    .globl test_held
test_held: .skip 144 + 512
    .globl test_held_wide
test_held_wide: .skip 16 * 32
    .section .note.GNU-stack, "", @progbits

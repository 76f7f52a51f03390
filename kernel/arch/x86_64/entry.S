/* kernel/arch/x86_64/entry.S -- every way in and the one way out.
 *
 * The registers of the running thread live in its struct fk_debug_frame, `arch_frame` points to it.
 * Entry writes them there at once, so between entry and exit the kernel may change its mind about
 * which thread runs by changing that pointer. There is one stack, and it is empty at every exit.
 *
 *   syscall   rcx = user rip, r11 = user flags, rsp = the user's, interrupts off (SFMASK)
 *   trap      from user mode the CPU pushed ss rsp rflags cs rip [error] on the kernel stack
 *
 * A call that enters has rip set back *onto* the syscall instruction: an unfinished call is a thread
 * about to make it. Finishing adds 2 and puts the answer in rax.
 * SPDX-License-Identifier: MIT */
#include "kernel/arch/x86_64/layout.h"
#define FK_CALL_LIMIT 0x400   /* abi/fk/syscall.h, asserted in syscall.c */
#define TF_RF         0x10100 /* with one of these, sysret would trap before it gets anywhere */

/* The registers that carry words of a message, between the CPU and a frame. */
    .macro save_words frame
    movq %rdx, FRAME_RDX(\frame)
    movq %r8, FRAME_R8(\frame)
    movq %r9, FRAME_R9(\frame)
    movq %r10, FRAME_R10(\frame)
    movq %r12, FRAME_R12(\frame)
    movq %r13, FRAME_R13(\frame)
    movq %r14, FRAME_R14(\frame)
    movq %r15, FRAME_R15(\frame)
    .endm
    .macro load_words frame
    movq FRAME_RDX(\frame), %rdx
    movq FRAME_R8(\frame), %r8
    movq FRAME_R9(\frame), %r9
    movq FRAME_R10(\frame), %r10
    movq FRAME_R12(\frame), %r12
    movq FRAME_R13(\frame), %r13
    movq FRAME_R14(\frame), %r14
    movq FRAME_R15(\frame), %r15
    .endm
/* All general ones but rax and rsp. */
    .macro save_general frame
    save_words \frame
    movq %rbx, FRAME_RBX(\frame)
    movq %rcx, FRAME_RCX(\frame)
    movq %rsi, FRAME_RSI(\frame)
    movq %rdi, FRAME_RDI(\frame)
    movq %rbp, FRAME_RBP(\frame)
    movq %r11, FRAME_R11(\frame)
    .endm

    .text
    .globl entry_syscall
    .balign 16
entry_syscall:
    movq %rsp, entry_rsp(%rip)
.Lentry_on_frame:
    movq arch_frame(%rip), %rsp
    save_general %rsp
    movq %rax, FRAME_RAX(%rsp)
    movq %r11, FRAME_RFLAGS(%rsp)
    subq $2, %rcx
    movq %rcx, FRAME_RIP(%rsp)
.Lentry_has_rip:
    movq entry_rsp(%rip), %rcx
    movq %rcx, FRAME_RSP(%rsp)
    movq %rsp, %rbp                 /* handlers keep rbp: the caller's frame */
.Lentry_has_rbp:
    movq $kstack_top, %rsp
    movq %r10, %rcx                 /* fourth argument, as C wants it */
    cmpq $FK_CALL_LIMIT, %rax
    jae 1f
.Lto_call:
    call *call_table(, %rax, 8)
.Lfrom_call:
    testq %rax, %rax
    js 2f
    cmpb $0, arch_resched(%rip)     /* finished: the caller still runs */
    jne 4f
    movq %rbp, %rsp
    testl $TF_RF, FRAME_R11(%rsp)
    jnz 3f
    movq FRAME_RBX(%rsp), %rbx
    load_words %rsp
    jmp exit_call
1:
.Lto_no_call:
    call sys_no_call
.Lfrom_no_call:
2:  cmpq $-6, %rax                  /* K_PASSED */
    je exit_passed
    cmpq $-5, %rax                  /* K_SWITCHED */
    je exit_user
    movq %rax, %rdi
.Lto_outcome:
    call core_outcome               /* blocked, faulted, insane, or another thread runs */
.Lfrom_outcome:
    jmp exit_user
4:  movq %rbp, %rsp
    movq %rax, FRAME_RAX(%rsp)
    addq $2, FRAME_RIP(%rsp)
    movq $kstack_top, %rsp
.Lto_reschedule:
    call core_reschedule
.Lfrom_reschedule:
    jmp exit_user
3:  movq %rax, FRAME_RAX(%rsp)
    addq $2, FRAME_RIP(%rsp)
    jmp exit_frame

/* The thread that runs now was waiting in a call, which ends well. Its tag says how many of the
 * words of the frame at rbp it gets: r12-r15 are still in place, the others were scratch for C. */
exit_passed:
    movq arch_frame(%rip), %rsp
    movq FRAME_RBX(%rsp), %rbx
    movq FRAME_RDX(%rbp), %rdx
    movq FRAME_R8(%rbp), %r8
    movq FRAME_R9(%rbp), %r9
    movq FRAME_R10(%rbp), %r10
    movl %ebx, %eax
    andl $15, %eax
    jmp *own_words(, %rax, 8)
own_0:  movq FRAME_RDX(%rsp), %rdx
own_1:  movq FRAME_R8(%rsp), %r8
own_2:  movq FRAME_R9(%rsp), %r9
own_3:  movq FRAME_R10(%rsp), %r10
own_4:  movq FRAME_R12(%rsp), %r12
own_5:  movq FRAME_R13(%rsp), %r13
own_6:  movq FRAME_R14(%rsp), %r14
own_7:  movq FRAME_R15(%rsp), %r15
own_8:
    xorl %eax, %eax                 /* FK_OK */
    testl $TF_RF, FRAME_R11(%rsp)
    jnz passed_iret

/* The end of a call: rcx and r11 in the frame are what sysret needs, since nobody but the syscall
 * instruction wrote them. */
exit_call:
    movq FRAME_RCX(%rsp), %rcx
    movq FRAME_R11(%rsp), %r11
    movq FRAME_RSI(%rsp), %rsi
    movq FRAME_RDI(%rsp), %rdi
    movq FRAME_RBP(%rsp), %rbp
    movq FRAME_RSP(%rsp), %rsp
    sysretq

passed_iret:                        /* as if the words had been received in the frame */
    movq %rax, FRAME_RAX(%rsp)
    save_words %rsp
    addq $2, FRAME_RIP(%rsp)
    jmp exit_iret

    .globl exit_user
exit_user:
    movq arch_frame(%rip), %rsp
exit_frame:
    movq FRAME_RIP(%rsp), %rcx
    movq FRAME_RFLAGS(%rsp), %r11
    cmpq %rcx, FRAME_RCX(%rsp)      /* sysret can restore it exactly? */
    jne exit_iret
    cmpq %r11, FRAME_R11(%rsp)
    jne exit_iret
    testl $TF_RF, %r11d
    jnz exit_iret
    movq FRAME_RAX(%rsp), %rax
    movq FRAME_RBX(%rsp), %rbx
    load_words %rsp
    movq FRAME_RSI(%rsp), %rsi
    movq FRAME_RDI(%rsp), %rdi
    movq FRAME_RBP(%rsp), %rbp
    movq FRAME_RSP(%rsp), %rsp
    sysretq

exit_iret:
    movq %rsp, %rax
    movq $kstack_top, %rsp
    pushq $SEL_UDATA
    pushq FRAME_RSP(%rax)
    pushq FRAME_RFLAGS(%rax)
    pushq $SEL_UCODE
    pushq FRAME_RIP(%rax)
    load_words %rax
    movq FRAME_RBX(%rax), %rbx
    movq FRAME_RCX(%rax), %rcx
    movq FRAME_RSI(%rax), %rsi
    movq FRAME_RDI(%rax), %rdi
    movq FRAME_RBP(%rax), %rbp
    movq FRAME_R11(%rax), %r11
    movq FRAME_RAX(%rax), %rax
    iretq

/* Trap stubs, 16 bytes each. Stack after one: vector, error, rip, cs, rflags, rsp, ss. */
    .globl trap_stubs
    .balign 16
trap_stubs:
    vector = 0
    .rept VECTORS
    .balign 16
    .if (vector != 8) && (vector != 10) && (vector != 11) && (vector != 12) && (vector != 13) && \
        (vector != 14) && (vector != 17) && (vector != 21) && (vector != 29) && (vector != 30)
    pushq $0
    .endif
    pushq $vector
    jmp trap_common
    vector = vector + 1
    .endr

trap_common:
    testb $3, 24(%rsp)
    jz trap_in_kernel
    pushq %rax
    movq arch_frame(%rip), %rax
    popq FRAME_RAX(%rax)
    save_general %rax
.Ltrap_saved:
    movq 0(%rsp), %rdi
    movq 8(%rsp), %rsi
    movq 16(%rsp), %rbx
    movq %rbx, FRAME_RIP(%rax)
    movq 32(%rsp), %rbx
    movq %rbx, FRAME_RFLAGS(%rax)
    movq 40(%rsp), %rbx
    movq %rbx, FRAME_RSP(%rax)
.Ltrap_on_stack:
    movq $kstack_top, %rsp
    cld
.Lto_trap:
    call trap_user
.Lfrom_trap:
    jmp exit_user

/* From kernel mode: an interrupt in one of the two windows that let it in, or a bug. */
trap_in_kernel:
    cld
    pushq %rax
    pushq %rcx
    pushq %rdx
    pushq %rsi
    pushq %rdi
    pushq %r8
    pushq %r9
    pushq %r10
    pushq %r11
    movq 72(%rsp), %rdi             /* vector */
    movq 80(%rsp), %rsi             /* error */
    movq 88(%rsp), %rdx             /* rip */
.Lto_kernel:
    call trap_kernel
.Lfrom_kernel:
    popq %r11
    popq %r10
    popq %r9
    popq %r8
    popq %rdi
    popq %rsi
    popq %rdx
    popq %rcx
    popq %rax
    addq $16, %rsp
    iretq

/* void arch_enter(void): leave for user mode for the first time. */
    .globl arch_enter
arch_enter:
    jmp exit_user

    .section .rodata
    .balign 8
own_words:
    .quad own_0, own_1, own_2, own_3, own_4, own_5, own_6, own_7, own_8

    .section .bss
    .balign 8
    .globl arch_frame, arch_resched
arch_frame:   .skip 8
entry_rsp:    .skip 8
arch_resched: .skip 8

#include "kernel/arch/x86_64/unwind.inc"
    .section .note.GNU-stack, "", @progbits

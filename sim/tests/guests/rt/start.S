/* rt/start.S -- a guest's way from PVH entry to C, its trap entries, and the way to ring 3 and back.
 * Entry: 32-bit protected mode, paging off, ebx = start info (see sim/firmware/rom.S).
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/layout.h"

        .section .note.pvh, "a"
        .long   4, 4, 18                /* name and descriptor sizes, XEN_ELFNOTE_PHYS32_ENTRY */
        .asciz  "Xen"
        .long   start32

        .section .text.start, "ax"
        .code32
        .global start32
start32:
        cld
        mov     $stack_end, %esp
        mov     %ebx, rt_start_info
        lgdt    gdtr

        /* Tables. One PDPT serves 0..4 GiB with 2 MiB pages as WINDOW; the low one has only the
         * first GiB of it, and an own, empty directory for the user area. */
        mov     $rt_pml4, %edi
        movl    $pdpt_low + 7, (%edi)
        movl    $pdpt_window + 3, 256 * 8(%edi)
        movl    $directories + 7, pdpt_low
        mov     $directories + 7, %eax
        xor     %ecx, %ecx
1:      mov     %eax, pdpt_window(,%ecx,8)
        add     $4096, %eax
        inc     %ecx
        cmp     $4, %ecx
        jb      1b
        xor     %ecx, %ecx              /* 2048 pages of 2 MiB: present, write, user, large */
        mov     $0x87, %eax
2:      mov     %eax, directories(,%ecx,8)
        add     $0x200000, %eax
        inc     %ecx
        cmp     $2048, %ecx
        jb      2b

        mov     %cr4, %eax
        or      $0x620, %eax            /* PAE, OSFXSR, OSXMMEXCPT */
        mov     %eax, %cr4
        mov     $rt_pml4, %eax
        mov     %eax, %cr3
        mov     $0xc0000080, %ecx       /* EFER: syscall and long mode */
        rdmsr
        or      $0x101, %eax
        wrmsr
        mov     %cr0, %eax
        and     $0xfffffffb, %eax       /* no EM */
        or      $0x80010003, %eax       /* PG, WP, MP, PE */
        mov     %eax, %cr0
        ljmp    $RT_CODE64, $start64

        .code64
start64:
        mov     $RT_DATA, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     %eax, %fs
        mov     %eax, %gs
        mov     $stack_end, %rsp
        xor     %ebp, %ebp
        call    rt_start
        ud2

/* One entry a vector, 16 bytes each: push an error code where the CPU does not, then the vector. */
        .text
        .balign 16
        .global rt_entries
rt_entries:
        vector = 0
        .rept   256
        .balign 16
        .if (vector != 8) && ((vector < 10) || (vector > 14)) && (vector != 17) && (vector != 21)
        push    $0
        .endif
        push    $vector
        jmp     common
        vector = vector + 1
        .endr

/* The frame, highest address first: ss rsp rflags cs rip error vector, then what is pushed here.
 * It is struct rt_frame. */
common:
        push    %rax
        push    %rbx
        push    %rcx
        push    %rdx
        push    %rsi
        push    %rdi
        push    %rbp
        push    %r8
        push    %r9
        push    %r10
        push    %r11
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        cld
        mov     %rsp, %rdi
        call    rt_trap
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %r11
        pop     %r10
        pop     %r9
        pop     %r8
        pop     %rbp
        pop     %rdi
        pop     %rsi
        pop     %rdx
        pop     %rcx
        pop     %rbx
        pop     %rax
        add     $16, %rsp               /* vector and error code */
        iretq

/* uint64_t rt_user_enter(rdi = rip, rsi = cs, rdx = rsp, rcx = rflags, r8 = arg)
 * Ring 3 traps onto this stack, right below what is saved here. */
        .global rt_user_enter
rt_user_enter:
        push    %rbx
        push    %rbp
        push    %r12
        push    %r13
        push    %r14
        push    %r15
        mov     %rsp, user_saved
        mov     %rsp, rt_tss + 4        /* rsp0 */
        or      $2, %rcx
        push    $RT_USER_DATA
        push    %rdx
        push    %rcx
        push    %rsi
        push    %rdi
        mov     %r8, %rdi
        iretq

/* Interrupt RT_VECTOR_RETURN: back to rt_user_enter's caller with rdi as the result. */
        .global rt_user_left
rt_user_left:
        mov     user_saved, %rsp
        mov     $RT_DATA, %eax
        mov     %eax, %ss
        mov     %rdi, %rax
        cld
        pop     %r15
        pop     %r14
        pop     %r13
        pop     %r12
        pop     %rbp
        pop     %rbx
        ret

/* Where a ring 3 function returns to: its result ends the stay in ring 3. */
        .global rt_user_exit
rt_user_exit:
        mov     %rax, %rdi
        int     $RT_VECTOR_RETURN
        ud2

/* Loads the task register and the IDT. */
        .global rt_load
rt_load:
        mov     $RT_TASK, %eax
        ltr     %ax
        lidt    idtr
        ret

        .data
        .balign 8
        .global rt_gdt
rt_gdt: .quad   0
        .quad   0x00cf9b000000ffff      /* RT_CODE32 */
        .quad   0x00af9b000000ffff      /* RT_CODE64 */
        .quad   0x00cf93000000ffff      /* RT_DATA */
        .quad   0x00cffb000000ffff      /* RT_USER_CODE32 */
        .quad   0x00cff3000000ffff      /* RT_USER_DATA */
        .quad   0x00affb000000ffff      /* RT_USER_CODE64 */
        .quad   0x00cff3000000ffff      /* stack of a 64-bit sysexit */
        .quad   0, 0                    /* RT_TASK: filled in by rt_start */
gdtr:   .word   gdtr - rt_gdt - 1
        .quad   rt_gdt
idtr:   .word   4095
        .quad   rt_idt

        .bss
        .balign 4096
        .global rt_pml4
rt_pml4:
        .skip   4096
pdpt_low:
        .skip   4096
pdpt_window:
        .skip   4096
directories:
        .skip   4 * 4096
stack:  .skip   RT_STACK
stack_end:
user_saved:
        .skip   8
        .global rt_start_info
rt_start_info:
        .skip   8
        .section .note.GNU-stack, "", @progbits

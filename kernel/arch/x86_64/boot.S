/* kernel/arch/x86_64/boot.S -- from the PVH entry point to C.
 *
 * Entry state (PVH): 32-bit protected mode, flat segments, paging off, interrupts off,
 * ebx = physical address of the start-info structure, ELF loaded at its physical addresses.
 * Steps: 1 clear .bss  2 page tables of 2 MiB pages: identity, direct map (4 GiB), image
 *        3 long mode with NX when there is NX  4 jump to the high half  5 kernel_main(start info)
 * These tables are replaced by exact ones (W^X) in paging.c.
 * SPDX-License-Identifier: MIT */
#include "kernel/arch/x86_64/layout.h"

#define PHYS(symbol) (symbol - KERNEL_BASE)

    .section .note.pvh, "a", @note
    .balign 4
    .long 4, 8, 18                  /* name size, value size, type PHYS32_ENTRY */
    .asciz "Xen"
    .quad PHYS(boot_entry)

    .section .text.boot, "ax"
    .code32
    .globl boot_entry
boot_entry:
    cli
    cld
    movl %ebx, %ebp                 /* keep the start info */
    movl $PHYS(bss_start), %edi     /* step 1 */
    movl $PHYS(bss_end), %ecx
    subl %edi, %ecx
    shrl $2, %ecx
    xorl %eax, %eax
    rep stosl

    movl $PHYS(boot_pd), %edi       /* step 2: 2,048 entries of 2 MiB */
    movl $0x83, %eax
    movl $2048, %ecx
1:  movl %eax, (%edi)
    addl $8, %edi
    addl $0x200000, %eax
    loop 1b
    movl $PHYS(boot_pd) + 3, %eax
    movl %eax, PHYS(boot_pdpt)
    movl %eax, PHYS(boot_pdpt_high) + 510 * 8
    addl $4096, %eax
    movl %eax, PHYS(boot_pdpt) + 8
    addl $4096, %eax
    movl %eax, PHYS(boot_pdpt) + 16
    addl $4096, %eax
    movl %eax, PHYS(boot_pdpt) + 24
    movl $PHYS(boot_pdpt) + 3, PHYS(boot_pml4)
    movl $PHYS(boot_pdpt) + 3, PHYS(boot_pml4) + 256 * 8
    movl $PHYS(boot_pdpt_high) + 3, PHYS(boot_pml4) + 511 * 8

    movl $0x20, %eax                /* step 3: CR4.PAE */
    movl %eax, %cr4
    movl $PHYS(boot_pml4), %eax
    movl %eax, %cr3
    movl $0x80000001, %eax
    cpuid
    movl $0x101, %esi               /* EFER.LME, SCE */
    testl $(1 << 20), %edx
    jz 2f
    orl $0x800, %esi                /* EFER.NXE */
2:  movl $0xc0000080, %ecx
    movl %esi, %eax
    xorl %edx, %edx
    wrmsr
    movl $0x80010023, %eax          /* CR0: PG, WP, NE, MP, PE */
    movl %eax, %cr0
    lgdt PHYS(boot_gdt_pointer)
    ljmp $SEL_KCODE, $PHYS(boot_long)

    .code64
boot_long:
    movl $SEL_KDATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    movq $boot_high, %rax           /* step 4 */
    jmp *%rax
boot_high:
    movq $kstack_top, %rsp
    movl %ebp, %edi                 /* step 5 */
    xorl %ebp, %ebp
    call kernel_main
3:  hlt
    jmp 3b

    .section .rodata
    .balign 8
boot_gdt:                           /* marked as accessed: the CPU shall not write there */
    .quad 0
    .quad 0x00af9b000000ffff        /* SEL_KCODE */
    .quad 0x00cf93000000ffff        /* SEL_KDATA */
boot_gdt_pointer:
    .word . - boot_gdt - 1
    .long PHYS(boot_gdt)

    .section .bss
    .balign 4096
boot_pml4:      .skip 4096
boot_pdpt:      .skip 4096
boot_pdpt_high: .skip 4096
boot_pd:        .skip 4 * 4096
    .globl kstack_bottom, kstack_top
kstack_bottom:  .skip KSTACK_BYTES
kstack_top:
    .skip 16
    .section .note.GNU-stack, "", @progbits

/* sim/firmware/rom.S -- the boot ROM: from the reset vector to a PVH kernel's entry.
 *
 * Entry state of the kernel, as the PVH convention has it: 32-bit protected mode, paging off,
 * cs = flat code, ds es ss (and fs gs) = flat data, tr = a 32-bit TSS of base 0 and limit 0x67,
 * cr0 = PE alone, cr4 = 0, IF TF DF VM off, ebx = START. No RAM is read or written here: there is
 * no stack here. A20 is open from reset on. The local APIC, where there is one, is left as firmware
 * leaves it: on, the PIC's interrupts passed through (virtual wire mode, SDM 3A 10.1 and 13.6).
 * Layout and parameters: abi/boot/rom.h.
 * SPDX-License-Identifier: MIT */
#include "abi/boot/rom.h"

#define CODE 0x08
#define DATA 0x10
#define TASK 0x18
#define APIC 0xfee00000

        .section .rom, "ax"
        .code16
        .org 0
real:                                   /* cs = 0xf000 with base ROM_BASE, all else as at reset */
        cli
        lgdtl   %cs:gdtr
        mov     $0x11, %eax             /* PE (and ET, which is wired); clears CD and NW too */
        mov     %eax, %cr0
        ljmpl   $CODE, $(ROM_BASE + protected)

        .code32
protected:
        mov     $DATA, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     %eax, %fs
        mov     %eax, %gs
        mov     $TASK, %eax
        ltr     %ax                     /* the busy mark that it writes back is lost in the ROM */
        xor     %eax, %eax
        mov     %eax, %cr4
        mov     $1, %eax
        cpuid
        test    $1 << 9, %edx
        jz      1f                      /* no local APIC */
        movl    $0x1ff, APIC + 0xf0     /* on, spurious vector 0xff */
        movl    $0x700, APIC + 0x350    /* LINT0: the PIC's interrupts */
        movl    $0x400, APIC + 0x360    /* LINT1: NMI */
1:
        mov     ROM_BASE + ROM_ENTRY_AT, %ecx
        mov     ROM_BASE + ROM_START_AT, %ebx
        test    %ecx, %ecx
        jz      nothing
        xor     %edx, %edx
        xor     %esi, %esi
        xor     %edi, %edi
        xor     %ebp, %ebp
        xor     %esp, %esp
        xor     %eax, %eax              /* known flags too */
        jmp     *%ecx
nothing:
        cli
        hlt
        jmp     nothing

        .balign 8
gdt:
        .quad   0
        .quad   0x00cf9b000000ffff      /* CODE: base 0, 4 GiB, 32-bit, readable, accessed */
        .quad   0x00cf93000000ffff      /* DATA: base 0, 4 GiB, writable, accessed */
        .quad   0x0000890000000067      /* TASK: 32-bit TSS, available, base 0, limit 0x67 */
gdtr:
        .word   gdtr - gdt - 1
        .long   ROM_BASE + gdt

        .org ROM_MAGIC_AT, 0xff
        .asciz  ROM_MAGIC
        .org ROM_ENTRY_AT, 0xff
        .long   0                       /* ENTRY */
        .org ROM_START_AT, 0xff
        .long   0                       /* START */
        .org ROM_RESET_AT, 0xff
        .code16
reset:
        jmp     real
        .org ROM_BYTES, 0xff

/* tests/pc/modes.S -- a boot sector that goes from 16 to 32 to 64 bits, for debuggers to follow.
 *
 * In each mode it adds one to `steps`; in 16 bits it runs with a code segment that does not begin at
 * 0 (the far jump to 0x7c0:...), so that offset and linear address differ. Identity page tables, one
 * entry of 1 GiB, are at 0x1000. It ends by the firmware's shutdown port.
 * SPDX-License-Identifier: MIT */
#define TABLES 0x1000
#define SHUTDOWN 0x8900
#define EFER 0xc0000080
#define LME 0x100
#define PAE 0x20
#define PE 1
#define PG 0x80000000
#define PRESENT_WRITABLE 3
#define BIG 0x80

    .globl _start, real, protected, long_mode, after, steps
    .code16
_start:
    cli
    ljmp $0x7c0, $real - _start
real:
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $0x7c00, %sp
    incl steps
    mov $TABLES, %di
    mov $0x800, %cx
    cld
    rep stosl
    movl $TABLES + 0x1000 + PRESENT_WRITABLE, TABLES
    movl $BIG + PRESENT_WRITABLE, TABLES + 0x1000
    lgdtl gdt_pointer
    mov %cr0, %eax
    or $PE, %al
    mov %eax, %cr0
    ljmpl $8, $protected

    .code32
protected:
    mov $16, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %ss
    incl steps
    mov $PAE, %eax
    mov %eax, %cr4
    mov $TABLES, %eax
    mov %eax, %cr3
    mov $EFER, %ecx
    rdmsr
    or $LME, %eax
    wrmsr
    mov %cr0, %eax
    or $PG, %eax
    mov %eax, %cr0
    ljmp $24, $long_mode

    .code64
long_mode:
    movabs $0x1122334455667788, %r15
    incl steps
after:
    mov $SHUTDOWN, %edx
    lea word(%rip), %rsi
    mov $8, %ecx
    cld
    rep outsb
1:  hlt
    jmp 1b

    .balign 8
gdt:
    .quad 0
    .quad 0x00cf9a000000ffff    /* 8: 32-bit code */
    .quad 0x00cf92000000ffff    /* 16: data */
    .quad 0x00af9a000000ffff    /* 24: 64-bit code */
gdt_pointer:
    .word . - gdt - 1
    .long gdt
steps:
    .long 0
word:
    .ascii "Shutdown"
    .org 510
    .word 0xaa55

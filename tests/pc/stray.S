/* tests/pc/stray.S -- a boot sector that asks a PC's devices for nonsense: STEPS random reads and
 * writes, of every width and by string instructions too, of the ports of disk, CD, floppy, DMA, VGA,
 * PCI, keyboard, timer and power management, and of video memory. Then it switches the machine off.
 * The four bytes before the signature are the seed. Ports that restart the machine are left alone.
 * SPDX-License-Identifier: MIT */
#include "tests/pc/sector.inc"

#define STEPS 20000

    .code16
    .globl _start
_start:
    sector_begin
    mov $0xa000, %ax
    mov %ax, %es
    mov $STEPS, %bp

step:
    call random                 /* dx = a port: of the table, or any within 7 of it */
    mov %eax, %ebx
    and $31, %bx
    shl $1, %bx
    mov ports(%bx), %dx
    bt $8, %eax
    jc 1f
    shr $10, %eax
    and $7, %ax
    xor %ax, %dx
1:  mov $never, %si             /* not one that restarts */
2:  lodsw
    cmp %ax, %dx
    je next
    test %ax, %ax
    jnz 2b
    call random
    mov %eax, %ebx
    shr $28, %ebx
    and $7, %bx
    shl $1, %bx
    jmp *ways(%bx)

out8:
    out %al, %dx
    jmp next
out16:
    out %ax, %dx
    jmp next
out32:
    out %eax, %dx
    jmp next
in8:
    in %dx, %al
    jmp next
in32:
    in %dx, %eax
    jmp next
string:
    mov $0x40, %cx
    mov $0x8000, %si
    rep outsw
    jmp next
instring:
    push %es
    push %ds
    pop %es
    mov $0x40, %cx
    mov $0x8000, %di
    rep insl
    pop %es
    jmp next
video:
    mov %ax, %di
    stosl
    mov %es:(%di), %eax
next:
    dec %bp
    jnz step
    sector_switch_off

random:                         /* eax = the next number (xorshift) */
    mov seed, %eax
    mov %eax, %ecx
    shl $13, %ecx
    xor %ecx, %eax
    mov %eax, %ecx
    shr $17, %ecx
    xor %ecx, %eax
    mov %eax, %ecx
    shl $5, %ecx
    xor %ecx, %eax
    mov %eax, seed
    ret

ways:
    .word out8, out8, out16, out32, in8, in32, string, video
ports:
    .word 0x1f0, 0x1f1, 0x1f2, 0x1f6, 0x1f7, 0x1f7, 0x170, 0x176, 0x177, 0x177, 0x3f6, 0x376
    .word 0x3f2, 0x3f4, 0x3f5, 0x3f5, 0x08, 0x0b, 0x80, 0xd6, 0x3c0, 0x3c4, 0x3ce, 0x3d4
    .word 0x1ce, 0xcf8, 0xcfc, 0x60, 0x43, 0x70, 0xc000, 0xb000
never:
    .word 0x64, 0x92, 0xcf9, 0xf4, 0x402, SHUTDOWN, 0
    .org 506
seed:
    .long 1
    .byte 0x55, 0xaa

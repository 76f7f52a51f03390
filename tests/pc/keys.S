/* tests/pc/keys.S -- a boot sector that says which keys the BIOS gives it, until Esc.
 *
 * A key that types a character gives that, on the screen and on the serial port; any other its scan
 * code and ASCII code, <4800>. "slow" (in DELAY, at the end of the sector) makes it take its time
 * for each, so that keys pile up. Esc switches the machine off by the firmware's shutdown port.
 * SPDX-License-Identifier: MIT */
#include "tests/pc/sector.inc"

#define PORT 0x3f8
#define ESC 0x1b

    .code16
    .globl _start
_start:
    sector_begin
    sti
    mov $0x0003, %ax            /* 80 x 25 text, cleared */
    int $0x10
    mov $ready, %si
    call print

next:
    mov delay, %cx
    jcxz 2f
1:  push %cx                    /* 65,536 turns each */
    xor %cx, %cx
    loop .
    pop %cx
    loop 1b
2:  xor %ah, %ah
    int $0x16
    cmp $ESC, %al
    je off
    cmp $'\r', %al
    je line
    cmp $' ', %al
    jb code
    cmp $0x7e, %al
    ja code
    call say
    jmp next
line:
    call say
    mov $'\n', %al
    call say
    jmp next
code:
    push %ax
    mov $'<', %al
    call say
    pop %ax
    mov $4, %cx
1:  rol $4, %ax
    push %ax
    and $15, %al
    add $'0', %al
    cmp $'9', %al
    jbe 2f
    add $('a' - '9' - 1), %al
2:  call say
    pop %ax
    loop 1b
    mov $'>', %al
    call say
    jmp next

say:                            /* al, on both */
    mov $PORT, %dx
    out %al, %dx
    mov $0x0e, %ah
    mov $7, %bx
    int $0x10
    ret

print:                          /* the text at si */
    lodsb
    test %al, %al
    jz 1f
    call say
    jmp print
1:  ret

off:
    sector_switch_off

ready:
    .asciz "keys: ready\r\n"
    .org 506
delay:
    .word 0
    .word 0
    .word 0xaa55

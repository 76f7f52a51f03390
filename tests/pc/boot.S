/* tests/pc/boot.S -- a boot sector that tries a PC's screen, serial port and disk.
 *
 * It writes on the VGA text screen; sends a line to the serial port without ever asking whether it
 * may, then one a byte an interrupt, as a driver does that knows only instant UARTs or only
 * interrupts, and leaves MCR alone; on a hard disk writes sector 1 and reads it back; echoes what is
 * typed up to a newline; and switches the machine off by the firmware's shutdown port.
 * SPDX-License-Identifier: MIT */
#include "tests/pc/sector.inc"

#define PORT 0x3f8
#define PIC_MASK 0x21
#define PIC 0x20
#define IRQ4_VECTOR (0x0c * 4)
#define BUFFER 0x8000

    .code16
    .globl _start
_start:
    sector_begin
    mov %dl, drive
    sti

    mov $0x0003, %ax            /* 80 x 25 text, cleared */
    int $0x10
    mov $0xb800, %ax
    mov %ax, %es
    mov $160 + 4, %di           /* row 1, column 2 */
    mov $screen, %si
    mov $0x1e, %ah              /* yellow on blue */
1:  lodsb
    test %al, %al
    jz 2f
    stosw
    jmp 1b
2:  push %ds
    pop %es

    mov $blind, %si
    call send

    movw $interrupt, IRQ4_VECTOR
    movw %ds, IRQ4_VECTOR + 2
    in $PIC_MASK, %al
    and $~0x10, %al
    out %al, $PIC_MASK
    mov $PORT + 1, %dx
    mov $0x02, %al              /* transmitter-empty interrupt */
    out %al, %dx
1:  mov next, %bx
    cmpb $0, (%bx)
    je 2f
    hlt
    jmp 1b
2:  xor %al, %al
    out %al, %dx

    cmpb $0x80, drive           /* the first hard disk? */
    jne echo
    mov $BUFFER, %di
    mov $256, %cx
    mov $0x5aa5, %ax
    rep stosw
    mov $0x0301, %ax
    call transfer
    mov $BUFFER, %di
    mov $256, %cx
    rep stosw
    mov $0x0201, %ax
    call transfer
    mov $disk_bad, %si
    cmpw $0x5aa5, BUFFER + 510
    jne 1f
    mov $disk_good, %si
1:  call send

echo:
    mov $PORT + 5, %dx
1:  in %dx, %al
    test $1, %al
    jz 1b
    mov $PORT, %dx
    in %dx, %al
    out %al, %dx
    cmp $'\n', %al
    jne echo

    sector_switch_off

send:                           /* the text at si, blindly */
    mov $PORT, %dx
1:  lodsb
    test %al, %al
    jz 2f
    out %al, %dx
    jmp 1b
2:  ret

transfer:                       /* sector 1 (cylinder 0, head 0, number 2) and BUFFER; ax = what */
    mov $BUFFER, %bx
    mov $0x0002, %cx
    mov drive, %dl
    xor %dh, %dh
    int $0x13
    ret

interrupt:
    push %ax
    push %bx
    push %dx
    mov next, %bx
    mov (%bx), %al
    test %al, %al
    jz 1f
    mov $PORT, %dx
    out %al, %dx
    incw next
1:  mov $PIC, %al
    out %al, $PIC
    pop %dx
    pop %bx
    pop %ax
    iret

drive:
    .byte 0
next:
    .word paced
screen:
    .asciz "\311 Flatfish \376 PC \273"
blind:
    .asciz "sent without asking\n"
paced:
    .asciz "sent one byte an interrupt\n"
disk_good:
    .asciz "disk holds what was written\n"
disk_bad:
    .asciz "disk forgot\n"
    .org 510
    .word 0xaa55

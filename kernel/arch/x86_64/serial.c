/* kernel/arch/x86_64/serial.c -- the console: COM1, polled. Used by kprintf and by the root's two
 * console calls. It never waits for input, and for output only as long as the UART is full.
 * SPDX-License-Identifier: MIT */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/instr.h"

#define COM1        0x3f8
#define LINE_STATUS (COM1 + 5)
#define CAN_SEND    0x20
#define HAS_BYTE    0x01

void arch_putc(char c)
{
    while (!(in8(LINE_STATUS) & CAN_SEND))
        ;
    out8(COM1, (uint8_t)c);
}

int arch_getc(void)
{
    return in8(LINE_STATUS) & HAS_BYTE ? in8(COM1) : -1;
}

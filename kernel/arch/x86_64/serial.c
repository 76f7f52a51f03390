/* kernel/arch/x86_64/serial.c -- the console: COM1, polled. Used by kprintf and by the root's
 * console calls. It never waits for input, and for output only as long as the UART is full. What is
 * typed stays in the UART, which holds the sender back; its FIFO stays as the loader left it, since
 * switching it drops what is in it. An interrupt comes once, after somebody asked to be told.
 * SPDX-License-Identifier: MIT */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/instr.h"

#define COM1        0x3f8
#define INTERRUPTS  (COM1 + 1)
#define LINES       (COM1 + 4)
#define LINE_STATUS (COM1 + 5)
#define RECEIVED    0x01
#define READY       0x0b /* data terminal ready, request to send, interrupts reach the PIC */
#define PIC         0x20
#define PIC_MASKS   (PIC + 1)
#define PIC_DONE    0x20
#define LINE        (1 << (VECTOR_CONSOLE - VECTOR_TIMER))
#define CAN_SEND    0x20
#define HAS_BYTE    0x01

void arch_putc(char c)
{
    while (!(in8(LINE_STATUS) & CAN_SEND))
        ;
    out8(COM1, (uint8_t)c);
}

bool arch_input(void)
{
    return in8(LINE_STATUS) & HAS_BYTE;
}

int arch_getc(void)
{
    return arch_input() ? in8(COM1) : -1;
}

void arch_listen(void)
{
    out8(LINES, READY);
    out8(PIC_MASKS, in8(PIC_MASKS) & ~LINE);
    out8(INTERRUPTS, RECEIVED);
}

void arch_listen_ack(void)
{
    out8(INTERRUPTS, 0);
    out8(PIC, PIC_DONE);
}

/* echo.c -- gives back what the serial port brings, until 'q'. Lines are read in turn by interrupt
 * and by polling; poll=1 or poll=0 keeps to one way.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

#define COM1          0x3f8
#define LINE          4
#define VECTOR_SERIAL 36
#define RING          4096

static volatile uint8_t ring[RING];
static volatile uint64_t ring_in, ring_out;

static void on_serial(struct rt_frame *f)
{
    (void)f;
    while (rt_in8(COM1 + 5) & 1)
        ring[ring_in++ % RING] = rt_in8(COM1);
    (void)rt_in8(COM1 + 2);
    rt_pic_ack(LINE);
}

static uint8_t get_by_interrupt(void)
{
    while (ring_out == ring_in)
        __asm__ volatile("sti; hlt; cli" ::: "memory");
    return ring[ring_out++ % RING];
}

static uint8_t get_by_polling(void)
{
    while (!(rt_in8(COM1 + 5) & 1))
        continue;
    return rt_in8(COM1);
}

/* What the interrupt brought meanwhile comes first. */
static uint8_t get(bool poll)
{
    if (!poll || ring_out != ring_in) {
        rt_out8(COM1 + 1, 1);
        return get_by_interrupt();
    }
    rt_out8(COM1 + 1, 0);
    return get_by_polling();
}

int guest_main(void)
{
    unsigned long way = rt_option("poll", 2), bytes = 0;
    bool poll = way == 1;
    uint8_t c;

    rt_trap_set(VECTOR_SERIAL, on_serial);
    rt_pic_enable(LINE);
    rt_print("echo: ready\n");
    while ((c = get(poll)) != 'q') {
        bytes++;
        rt_putc((char)c);
        if (way == 2 && c == '\n')
            poll = !poll;
    }
    rt_print("echo: %lu bytes\n", bytes);
    return 0;
}

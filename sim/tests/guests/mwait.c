/* mwait.c -- sleeps n= times by monitor/mwait with interrupts *off*, woken by a timer interrupt
 * that stays pending until it is let in: this is no eternal sleep. Without such an mwait: by sti
 * and hlt. With ever=1 it then asks for no interrupt, and that is one. SPDX-License-Identifier: MIT
 */
#include "sim/tests/guests/rt/rt.h"

static volatile uint64_t ticks, line;

static void on_timer(struct rt_frame *f)
{
    (void)f;
    ticks++;
    rt_pic_ack(0);
}

static bool has_mwait(void)
{
    uint32_t features[4], details[4];

    rt_cpuid(1, features);
    rt_cpuid(5, details);
    return (features[2] & 1 << 3) && (details[2] & 2); /* MONITOR; wakes with interrupts off */
}

static void sleep_closed(void)
{
    uint64_t at = (uint64_t)&line, extensions = 0;

    __asm__ volatile("monitor; xor %%eax, %%eax; mov $1, %%ecx; mwait"
                     : "+a"(at), "+c"(extensions)
                     : "d"(0)
                     : "memory");
    __asm__ volatile("sti; nop; cli" ::: "memory"); /* let it in */
}

static _Noreturn void sleep_for_ever(bool closed)
{
    rt_print("mwait: good night\n");
    for (;;)
        if (closed)
            __asm__ volatile("cli; monitor; xor %%eax, %%eax; mwait" ::"a"(&line), "c"(0), "d"(0));
        else
            __asm__ volatile("cli; hlt");
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 20);
    bool closed = has_mwait();

    rt_trap_set(32, on_timer);
    rt_out8(0x43, 0x34);
    rt_out8(0x40, 0xa9); /* 1 kHz */
    rt_out8(0x40, 4);
    rt_pic_enable(0);
    while (ticks < n)
        if (closed)
            sleep_closed();
        else
            __asm__ volatile("sti; hlt; cli" ::: "memory");
    if (rt_option("show", 0))
        rt_print("mwait: %s\n", closed ? "used" : "not there");
    rt_print("mwait: %lu interrupts\n", ticks);
    if (rt_option("ever", 0))
        sleep_for_ever(closed);
    return 0;
}

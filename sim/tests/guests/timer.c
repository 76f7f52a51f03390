/* timer.c -- sleeps until n= timer interrupts have come, first from the PIT, then from the local
 * APIC's timer. hz= is the PIT's rate (default 1000), count= the APIC's interval in its clocks.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

#define PIT_HZ      1193182
#define VECTOR_PIT  32
#define VECTOR_APIC 0x40
#define APIC        0xfee00000

static volatile uint64_t pit_count, apic_count;

static volatile uint32_t *apic(unsigned reg)
{
    return rt_window(APIC + reg);
}

static void on_pit(struct rt_frame *f)
{
    (void)f;
    pit_count++;
    rt_pic_ack(0);
}

static void on_apic(struct rt_frame *f)
{
    (void)f;
    apic_count++;
    *apic(0xb0) = 0; /* end of interrupt */
}

static void pit_start(unsigned long hz)
{
    unsigned long divisor = PIT_HZ / (hz ? hz : 1);

    if (divisor == 0 || divisor > 65535)
        divisor = 65535;
    rt_out8(0x43, 0x34); /* counter 0, both bytes, rate generator */
    rt_out8(0x40, (uint8_t)divisor);
    rt_out8(0x40, (uint8_t)(divisor >> 8));
    rt_pic_enable(0);
}

static void apic_start(unsigned long count)
{
    *apic(0xf0) = 0x1ff;                  /* software enable, spurious vector 0xff */
    *apic(0x3e0) = 0xb;                   /* divide by 1 */
    *apic(0x320) = 0x20000 | VECTOR_APIC; /* periodic */
    *apic(0x380) = (uint32_t)count;
}

/* sti takes effect after the next instruction: no interrupt is lost between the test and hlt. */
static void wait_for(const volatile uint64_t *count, uint64_t n)
{
    while (*count < n)
        __asm__ volatile("sti; hlt; cli" ::: "memory");
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 20);
    uint32_t id[4];

    rt_trap_set(VECTOR_PIT, on_pit);
    pit_start(rt_option("hz", 1000));
    wait_for(&pit_count, n);
    rt_out8(0x21, 0xff); /* PIC off */
    rt_print("timer: %lu interrupts of the PIT\n", pit_count);
    rt_cpuid(1, id);
    if (!(id[3] & 1 << 9))
        return 0; /* no local APIC */
    rt_trap_set(VECTOR_APIC, on_apic);
    apic_start(rt_option("count", 1000000));
    wait_for(&apic_count, n);
    *apic(0x320) = 0x10000; /* masked */
    rt_print("timer: %lu interrupts of the local APIC\n", apic_count);
    return pit_count == n && apic_count == n ? 0 : 1;
}

/* moment.c -- when does a timer strike? n= times the local APIC's timer is set, to strike in the
 * middle of straight code, now and then after a sleep that another timer (the RTC) ended. From the
 * setting to the handler the time-stamp counter must advance by the same amount each time, on a
 * machine where time is counted in instructions: prints how many amounts there were.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

#define VECTOR_APIC 0x40
#define VECTOR_RTC  40
#define APIC        0xfee00000
#define RTC_TICKS   12207 /* of 8192 Hz, at 100 million a second */

static volatile uint64_t struck; /* time stamp in the handler; 0 = not yet */
static volatile uint64_t rtc_count;

static uint64_t stamp(void)
{
    uint32_t lo, hi;
    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi)::"memory");
    return lo | (uint64_t)hi << 32;
}

static volatile uint32_t *apic(unsigned reg)
{
    return rt_window(APIC + reg);
}

static void on_apic(struct rt_frame *f)
{
    (void)f;
    struck = stamp();
    *apic(0xb0) = 0; /* end of interrupt */
}

/* No port is touched: the interrupt controller ends the interrupt by itself. */
static void on_rtc(struct rt_frame *f)
{
    (void)f;
    rtc_count++;
}

static void pic_start(unsigned base, unsigned vector, unsigned cascade, unsigned mask)
{
    rt_out8((uint16_t)base, 0x11);
    rt_out8((uint16_t)(base + 1), (uint8_t)vector);
    rt_out8((uint16_t)(base + 1), (uint8_t)cascade);
    rt_out8((uint16_t)(base + 1), 3); /* ends interrupts automatically */
    rt_out8((uint16_t)(base + 1), (uint8_t)mask);
}

static void cmos(unsigned reg, unsigned value)
{
    rt_out8(0x70, (uint8_t)reg);
    rt_out8(0x71, (uint8_t)value);
}

/* The periodic interrupt begins anew, one period from now. */
static void rtc_start(void)
{
    cmos(0x0b, 0x02);
    cmos(0x0a, 0x23); /* 8192 Hz */
    rt_out8(0x70, 0x0c);
    rt_in8(0x71); /* what was pending is no more */
    cmos(0x0b, 0x42);
}

/* Forty instructions and no branch: as long as a piece of code can get that is decoded at once. */
static void straight(void)
{
    __asm__ volatile(".rept 40\n lea 1(%%rax), %%rax\n .endr" ::: "rax");
}

/* Time from setting the timer to its handler, less what it was set to; 0 when it came in the sleep.
 */
static uint64_t strike(uint32_t count, unsigned before_sleep, bool sleep)
{
    uint64_t rtc_before = rtc_count, begin;
    bool slept;

    struck = 0;
    begin = stamp();
    *apic(0x380) = count;
    __asm__ volatile("sti");
    for (unsigned i = 0; i < before_sleep && !struck; i++)
        straight();
    if (sleep && !struck && rtc_count == rtc_before)
        __asm__ volatile("hlt" ::: "memory");
    slept = sleep && struck;
    while (!struck)
        straight();
    __asm__ volatile("cli");
    return slept ? 0 : struck - begin - count;
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 2000), seed = 1, first = 0, other = 0, measured = 0;

    rt_trap_set(VECTOR_APIC, on_apic);
    rt_trap_set(VECTOR_RTC, on_rtc);
    pic_start(0x20, 32, 4, 0xfb);
    pic_start(0xa0, 40, 2, 0xfe);
    *apic(0xf0) = 0x1ff;        /* software enable, spurious vector 0xff */
    *apic(0x3e0) = 0xb;         /* divide by 1 */
    *apic(0x320) = VECTOR_APIC; /* once */
    for (uint64_t i = 0; i < n; i++) {
        seed = seed * 6364136223846793005ull + 1442695040888963407ull;
        unsigned random = seed >> 33;
        bool sleep = i % 4 == 0;
        if (sleep)
            rtc_start();
        uint64_t took = sleep ? strike(RTC_TICKS + random % 4096, random >> 16 & 255, true)
                              : strike(200 + random % 4096, 0, false);
        if (!took)
            continue;
        measured++;
        first = first ? first : took;
        other += took != first;
    }
    rt_print("moment: %s, %lu of them late or early\n",
             measured > n / 2 ? "many times" : "few times", other);
    return other == 0 && measured > n / 2 ? 0 : 1;
}

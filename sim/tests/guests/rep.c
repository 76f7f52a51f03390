/* rep.c -- long string instructions while a fast timer interrupts them: n= rounds of stos, movs up,
 * movs down and overlapping, scas and cmps; the checksum must not depend on where it was cut.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

#define BYTES 65536

static uint8_t from[BYTES], to[BYTES];
static volatile uint64_t ticks;

static void on_timer(struct rt_frame *f)
{
    (void)f;
    ticks++;
    rt_pic_ack(0);
}

static uint64_t checksum(const uint8_t *at)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < BYTES; i++)
        sum = sum * 31 + at[i];
    return sum;
}

static void copy(void *d, const void *s, size_t n, bool down)
{
    size_t last = down ? n - 1 : 0;
    char *di = (char *)d + last;
    const char *si = (const char *)s + last;

    if (down)
        __asm__ volatile("std; rep movsb; cld" : "+D"(di), "+S"(si), "+c"(n)::"memory");
    else
        __asm__ volatile("rep movsb" : "+D"(di), "+S"(si), "+c"(n)::"memory");
}

static void fill(void *d, uint64_t v, size_t words)
{
    __asm__ volatile("rep stosq" : "+D"(d), "+c"(words) : "a"(v) : "memory");
}

/* Bytes left when the first difference, or the first byte `c`, was met. */
static uint64_t compare_left(void)
{
    const void *d = to, *s = from;
    uint64_t left = BYTES;

    __asm__ volatile("repe cmpsb" : "+D"(d), "+S"(s), "+c"(left)::"memory", "cc");
    return left;
}

static uint64_t scan_left(uint8_t c)
{
    const void *d = to;
    uint64_t left = BYTES;

    __asm__ volatile("repne scasb" : "+D"(d), "+c"(left) : "a"(c) : "memory", "cc");
    return left;
}

static uint64_t round(uint64_t i)
{
    uint64_t sum = 0;

    fill(from, 0x0807060504030201 * (i + 1), BYTES / 8);
    from[i * 977 % BYTES] ^= 0xff;
    copy(to, from, BYTES, false);
    sum += checksum(to) + compare_left();
    copy(to, from, BYTES, true);
    to[BYTES - 1 - i % 100] ^= 1;
    sum = sum * 3 + checksum(to) + compare_left();
    copy(to + 5, to, BYTES - 5, true); /* overlapping, the safe way */
    copy(to, to + 3, BYTES - 3, false);
    copy(to + 1, to, 4000, false); /* overlapping, the smearing way */
    sum = sum * 3 + checksum(to);
    fill(to, 0, BYTES / 8);
    to[BYTES - 17] = 9;
    return sum * 3 + scan_left(9);
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 10), sum = 0;

    rt_trap_set(32, on_timer);
    rt_out8(0x43, 0x34);
    rt_out8(0x40, 0xe9); /* 5.1 kHz */
    rt_out8(0x40, 0);
    rt_pic_enable(0);
    __asm__ volatile("sti");
    for (uint64_t i = 0; i < n; i++)
        sum = sum * 7 + round(i);
    while (ticks == 0)
        __asm__ volatile("sti; hlt");
    __asm__ volatile("cli");
    rt_print("rep: %lu rounds, checksum %lx\n", n, sum);
    return 0;
}

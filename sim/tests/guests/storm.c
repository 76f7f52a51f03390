/* storm.c -- loads n= CR3 values, as many different ones as memory has room for: every free page
 * becomes a top page table in turn, with garbage in the bits that the CPU ignores.
 * die=1: then one that points at no page table, which ends in a triple fault.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

#define PAGES_MAX 16384

static uint64_t top[PAGES_MAX];

static uint64_t tops_make(void)
{
    const uint64_t *from = rt_window(rt_cr3());
    uint64_t n = 0, pa;

    while (n < PAGES_MAX && (pa = rt_page()) != 0) {
        uint64_t *to = rt_window(pa);
        to[0] = from[0];
        to[256] = from[256];
        top[n++] = pa;
    }
    return n;
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 20000), home = rt_cr3(), tops = tops_make(), sum = 0;

    for (uint64_t i = 0; i < n; i++) {
        uint64_t junk = (i * 2654435761u >> 7) & 0xfff;
        rt_set_cr3(top[i % tops] | junk);
        sum += (rt_cr3() & ~0xfffull) != top[i % tops];
    }
    rt_set_cr3(home);
    rt_print("storm: %lu loads, %lu lost\n", n, sum);
    if (rt_option("die", 0)) {
        rt_print("storm: the last one\n");
        rt_set_cr3(0xdead5000);
    }
    return sum == 0 ? 0 : 1;
}

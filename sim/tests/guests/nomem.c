/* nomem.c -- reads and writes where no memory is: behind RAM, in the PCI hole, in the ROM. Nothing
 * may stick, and what is read is an undriven bus: all ones or all zeros. show=1 prints the values.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

static unsigned long odd;

static void look(uint64_t pa)
{
    volatile uint64_t *at = rt_window(pa);
    uint64_t before = *at, after;

    *at = 0x5a5a1234a5a54321;
    after = *at;
    if (rt_option("show", 0))
        rt_print("  %lx: %lx, after a write %lx\n", pa, before, after);
    if (before != after || (before != 0 && before != UINT64_MAX))
        odd++;
}

static void rom(uint64_t pa)
{
    volatile uint8_t *at = rt_window(pa);
    uint8_t before = *at;

    *at = (uint8_t)~before;
    odd += *at != before;
}

int guest_main(void)
{
    /* firmware may keep the last bit of RAM for its tables, without saying that it is RAM */
    uint64_t end = (rt_memory_end() + 0x1fffff) & ~0x1fffffull;

    for (uint64_t pa = end; pa < 0xc0000000 && pa >= end; pa += 0x3ff00000)
        look(pa);
    look(0xc0000000);
    look(0xd1234568);
    look(0xe0000ff8);
    rom(0xfffffff0);
    rom(0xffff8000);
    rt_print("nomem: %lu surprises\n", odd);
    return odd == 0 ? 0 : 1;
}

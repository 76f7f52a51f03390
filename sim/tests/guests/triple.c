/* triple.c -- a fault with no way to be taken: the CPU shuts down (triple fault).
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

int guest_main(void)
{
    static const struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) nothing;

    rt_print("triple: no way back\n");
    __asm__ volatile("lidt %0; ud2" ::"m"(nothing));
    return 1;
}

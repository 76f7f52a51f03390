/* halt.c -- sleeps for ever: hlt with interrupts off. Never ends by itself.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

int guest_main(void)
{
    rt_print("halt: good night\n");
    for (;;)
        __asm__ volatile("cli; hlt");
}

/* hello.c -- the smallest guest: says who it is and where it was told to go, ends with 7.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

int guest_main(void)
{
    rt_print("hello from a guest, command line \"%s\"\n", rt_cmdline());
    return (int)rt_option("exit", 7);
}

/* monitors/programs/hello.c -- says hello `times` times (once), and its arguments if it has any.
 * From the second time on, everything it needs is there: that part is the measured region 1.
 * SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "monitors/lib/mon.h"

int main(int argc, char **argv)
{
    uint64_t times = mon_option_number("times", 1);
    printf("Hello, world\n");
    for (int i = 1; i < argc; i++)
        printf("argument %d: %s\n", i, argv[i]);
    simcall_BEGIN(1, 0, 0);
    for (uint64_t i = 1; i < times; i++)
        printf("Hello, world\n");
    simcall_END(1, 0, 0);
    return 0;
}

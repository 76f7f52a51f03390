/* monitors/programs/hello.c -- says hello, and its arguments if it has any. SPDX-License-Identifier:
 * MIT */
#include "monitors/lib/mon.h"
#include "abi/simcall/simcall.h"

int main(int argc, char **argv)
{
    simcall_BEGIN(1, 0, 0);
    printf("Hello, world\n");
    for (int i = 1; i < argc; i++)
        printf("argument %d: %s\n", i, argv[i]);
    simcall_END(1, 0, 0);
    return 0;
}

/* monitors/tests/dying.c -- a nester that faults as soon as its child has asked it for something:
 * all below it must end with it. SPDX-License-Identifier: MIT */
#include "monitors/lib/nester.h"

static long offset(struct mon_request *request, struct clock_offset_args *args)
{
    (void)request, (void)args;
    __asm__ volatile("movb $1, 8");
    return 0;
}

static const struct clock_ops clock = {.offset = offset};
static const struct mon_ops ops = {.clock = &clock};

int main(void)
{
    return mon_run(&ops);
}

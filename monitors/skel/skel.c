/* monitors/skel/skel.c -- the smallest nester that does something: its child and all below see a
 * clock that began when the child did. Copy this folder to write your own.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/nester.h"

static long offset(struct mon_request *request, struct clock_offset_args *args)
{
    (void)request; /* request->self is the struct mon_child that asks */
    args->nanoseconds = mon.clock - mon_time();
    return 0;
}

static const struct clock_ops clock = {.offset = offset}; /* `read` is passed on */
static const struct mon_ops ops = {.clock = &clock};

int main(void)
{
    return mon_run(&ops);
}

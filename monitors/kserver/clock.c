/* monitors/kserver/clock.c -- the clock: the kernel's, with nothing added. SPDX-License-Identifier:
 * MIT */
#include "monitors/kserver/kserver.h"

static struct mon_port port;

static long op_read(struct mon_request *request, struct clock_read_args *args)
{
    (void)request;
    args->nanoseconds = (uint64_t)fk_clock_read();
    return 0;
}

static long op_offset(struct mon_request *request, struct clock_offset_args *args)
{
    (void)request;
    args->nanoseconds = 0;
    return 0;
}

static const struct clock_ops ops = {.read = op_read, .offset = op_offset};

long clock_open(void)
{
    port = (struct mon_port){.protocol = PROTO_clock, .ops = &ops};
    mon.ref[PARENT_CLOCK] = fk_at(&port.ref);
    return mon_port_open(&services, &port);
}

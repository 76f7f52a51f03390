/* monitors/kserver/console.c -- the console: writes go out at once, a read waits until something is
 * typed, looking now and then. Several threads serve, so that a reader that waits does not hold up
 * those who write; one is always kept free for them. SPDX-License-Identifier: MIT */
#include "monitors/kserver/kserver.h"

#define THREADS 4
#define LOOK    2000000ull /* nanoseconds between looks for input */

static struct mon_server server;
static struct mon_port port;
static int readers;

static long op_write(struct mon_request *request, struct console_write_args *args)
{
    (void)request;
    fk_console_write(fk_at(args->data), args->data_bytes);
    return 0;
}

static long op_read(struct mon_request *request, struct console_read_args *args)
{
    (void)request;
    if (__atomic_add_fetch(&readers, 1, __ATOMIC_SEQ_CST) >= THREADS) {
        __atomic_sub_fetch(&readers, 1, __ATOMIC_SEQ_CST);
        return -PROTO_BUSY;
    }
    long bytes = 0;
    while (args->data_room && !(bytes = fk_console_read(fk_at(args->data), args->data_room)))
        fk_clock_wait((uint64_t)fk_clock_read() + LOOK);
    __atomic_sub_fetch(&readers, 1, __ATOMIC_SEQ_CST);
    args->data_bytes = bytes > 0 ? (uint64_t)bytes : 0;
    return 0;
}

static const struct console_ops ops = {.write = op_write, .read = op_read};

long console_open(void)
{
    long outcome = mon_server_open(&server);
    port = (struct mon_port){.protocol = PROTO_console, .ops = &ops};
    if (!outcome)
        outcome = mon_port_open(&server, &port);
    if (!outcome && mon_serve_threads(&server, THREADS) != THREADS)
        outcome = -PROTO_NO_OBJECTS;
    mon.ref[PARENT_CONSOLE] = fk_at(&port.ref);
    return outcome;
}

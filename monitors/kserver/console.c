/* monitors/kserver/console.c -- the console: writes go out at once, a read waits for a line.
 * Several threads serve, so that a reader that waits does not hold up those who write; one is
 * always kept free for them. Line and input belong to whoever holds `typing`.
 * SPDX-License-Identifier: MIT */
#include "monitors/kserver/kserver.h"

#define THREADS   4
#define END       4 /* Ctrl-D: what was typed is all; on an empty line, the end */
#define ERASE     0x7f
#define ERASE_ALL 0x15 /* Ctrl-U */

static struct mon_server server;
static struct mon_port port;
static int readers;
static struct mon_lock typing;
static char input[64]; /* typed, and not looked at yet */
static uint64_t input_at, input_end;
static char line[256];
static uint64_t line_at, line_end; /* what readers have not had of it */

static void echo(const char *text, uint64_t bytes)
{
    fk_console_write(fk_at(text), bytes);
}

static long op_write(struct mon_request *request, struct console_write_args *args)
{
    (void)request;
    echo(args->data, args->data_bytes);
    return 0;
}

static char key(void)
{
    while (input_at == input_end) {
        long bytes = fk_console_read(fk_at(input), sizeof(input));
        input_at = 0;
        input_end = bytes > 0 ? (uint64_t)bytes : 0;
        if (!input_end)
            fk_console_wait(FK_FOREVER >> 1);
    }
    return input[input_at++];
}

static void erase(uint64_t characters)
{
    for (; line_end && characters; line_end--, characters--)
        echo("\b \b", 3);
}

static void add(char c)
{
    line[line_end++] = c;
    echo(&c, 1);
}

/* Shows what is typed as a terminal does, and lets it be mended until Enter. */
static void read_line(void)
{
    line_at = line_end = 0;
    while (line_end < sizeof(line)) {
        char c = key();
        if (c == END)
            return;
        if (c == '\r' || c == '\n') {
            add('\n');
            return;
        }
        if (c == ERASE || c == '\b')
            erase(1);
        else if (c == ERASE_ALL)
            erase(line_end);
        else if (c == '\t' || (unsigned char)c >= ' ')
            add(c);
    }
}

static long op_read(struct mon_request *request, struct console_read_args *args)
{
    (void)request;
    if (__atomic_add_fetch(&readers, 1, __ATOMIC_SEQ_CST) >= THREADS) {
        __atomic_sub_fetch(&readers, 1, __ATOMIC_SEQ_CST);
        return -PROTO_BUSY;
    }
    mon_lock(&typing);
    if (args->data_room && line_at == line_end)
        read_line();
    uint64_t left = line_end - line_at;
    args->data_bytes = left < args->data_room ? left : args->data_room;
    memcpy(args->data, line + line_at, args->data_bytes);
    line_at += args->data_bytes;
    mon_unlock(&typing);
    __atomic_sub_fetch(&readers, 1, __ATOMIC_SEQ_CST);
    return 0;
}

static const struct console_ops ops = {.write = op_write, .read = op_read};

long console_open(void)
{
    long outcome = mon_server_open(&server);
    port = (struct mon_port){.protocol = PROTO_console, .ops = &ops};
    if (!outcome)
        outcome = mon_lock_open(&typing);
    if (!outcome)
        outcome = mon_port_open(&server, &port);
    if (!outcome && mon_serve_threads(&server, THREADS) != THREADS)
        outcome = -PROTO_NO_OBJECTS;
    mon.ref[PARENT_CONSOLE] = fk_at(&port.ref);
    return outcome;
}

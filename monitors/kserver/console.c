/* monitors/kserver/console.c -- the console: writes go out at once, a read waits for a line, the
 * interrupt key (Ctrl-C) ends the reads of all who wait. A thread takes what is typed into `typed`;
 * it is begun by the first who wants to know. Readers and watchers wait for it, each keeping a
 * serving thread; one more is always there for those who write. `keys` is over `typed` and
 * `interrupts`; the line belongs to whoever holds `typing`. SPDX-License-Identifier: MIT */
#include "monitors/kserver/kserver.h"
#include "monitors/lib/worker.h"

#define THREADS   3
#define MOST      32
#define INTERRUPT 3
#define END       4 /* Ctrl-D: what was typed is all; on an empty line, the end */
#define ERASE     0x7f
#define ERASE_ALL 0x15 /* Ctrl-U */

static struct mon_server server;
static struct mon_port port;
static unsigned threads, waiting;
static struct fk_object keys, changed; /* mutex, cond: the second for any change of what follows */
static bool listening, ended;
static char typed[256]; /* a ring: what nobody has had */
static uint64_t typed_at, typed_end, interrupts;
static struct mon_lock typing;
static char line[256];
static uint64_t line_at, line_end; /* what readers have not had of it */

static void echo(const char *text, uint64_t bytes)
{
    fk_console_write(fk_at(text), bytes);
}

/* ---- the keyboard ---- */

static void take(char c)
{
    if (c == INTERRUPT) {
        interrupts++;
        typed_at = typed_end;
        echo("^C\n", 3);
    } else if (c == CONSOLE_ENDED) {
        ended = true;
    } else {
        typed[typed_end++ % sizeof(typed)] = c;
    }
}

/* With `typed` full it waits for readers: what is typed then is kept by the machine. */
static void listen(void *unused)
{
    char some[64];
    (void)unused;
    fk_mutex_lock(fk_at(&keys));
    for (;;) {
        uint64_t room = sizeof(typed) - (typed_end - typed_at);
        if (!room) {
            fk_cond_wait(fk_at(&changed), fk_at(&keys));
            continue;
        }
        long bytes = fk_console_read(fk_at(some), room < sizeof(some) ? room : sizeof(some));
        for (long i = 0; i < bytes; i++)
            take(some[i]);
        if (bytes > 0)
            fk_cond_broadcast(fk_at(&changed));
        fk_mutex_unlock(fk_at(&keys));
        if (bytes <= 0)
            fk_console_wait(FK_FOREVER >> 1);
        fk_mutex_lock(fk_at(&keys));
    }
}

/* The next character, or INTERRUPT when there was one since `seen`; END when there will be none. */
static char key(uint64_t seen)
{
    char c = INTERRUPT;
    fk_mutex_lock(fk_at(&keys));
    while (interrupts == seen && typed_at == typed_end && !ended)
        fk_cond_wait(fk_at(&changed), fk_at(&keys));
    if (interrupts == seen && typed_at == typed_end)
        c = END;
    else if (interrupts == seen)
        c = typed[typed_at++ % sizeof(typed)];
    if (typed_end - typed_at == sizeof(typed) - 1)
        fk_cond_broadcast(fk_at(&changed));
    fk_mutex_unlock(fk_at(&keys));
    return c;
}

/* Somebody is about to wait. Answers false when too many do. */
static bool enter(struct mon_request *request, uint64_t *seen)
{
    fk_mutex_lock(fk_at(&keys));
    if (!listening)
        listening = !mon_thread(listen, NULL, 0);
    if (waiting + 1 >= threads && threads < MOST)
        threads += mon_serve_threads(&server, 1);
    bool good = listening && waiting + 1 < threads;
    waiting += good;
    request->worker->waits = good;
    *seen = interrupts;
    fk_mutex_unlock(fk_at(&keys));
    return good;
}

static void leave(struct mon_request *request)
{
    request->worker->waits = false;
    fk_mutex_lock(fk_at(&keys));
    waiting--;
    fk_mutex_unlock(fk_at(&keys));
}

/* ---- lines ---- */

static long op_write(struct mon_request *request, struct console_write_args *args)
{
    (void)request;
    echo(args->data, args->data_bytes);
    return 0;
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
static long read_line(uint64_t seen)
{
    line_at = line_end = 0;
    while (line_end < sizeof(line)) {
        char c = key(seen);
        if (c == INTERRUPT) {
            line_end = 0;
            return -PROTO_INTERRUPTED;
        }
        if (c == END)
            return 0;
        if (c == '\r' || c == '\n') {
            add('\n');
            return 0;
        }
        if (c == ERASE || c == '\b')
            erase(1);
        else if (c == ERASE_ALL)
            erase(line_end);
        else if (c == '\t' || (unsigned char)c >= ' ')
            add(c);
    }
    return 0;
}

static long op_read(struct mon_request *request, struct console_read_args *args)
{
    uint64_t seen;
    long outcome = 0;
    if (!enter(request, &seen))
        return -PROTO_BUSY;
    mon_lock(&typing);
    if (args->data_room && line_at == line_end)
        outcome = read_line(seen);
    uint64_t left = line_end - line_at;
    args->data_bytes = left < args->data_room ? left : args->data_room;
    memcpy(args->data, line + line_at, args->data_bytes);
    line_at += args->data_bytes;
    mon_unlock(&typing);
    leave(request);
    return outcome;
}

static long op_interrupt(struct mon_request *request, struct console_interrupt_args *args)
{
    uint64_t seen;
    (void)args;
    if (!enter(request, &seen))
        return -PROTO_BUSY;
    fk_mutex_lock(fk_at(&keys));
    while (interrupts == seen)
        fk_cond_wait(fk_at(&changed), fk_at(&keys));
    fk_mutex_unlock(fk_at(&keys));
    leave(request);
    return 0;
}

static const struct console_ops ops = {
    .write = op_write, .read = op_read, .interrupt = op_interrupt};

long console_open(void)
{
    long outcome = mon_server_open(&server);
    port = (struct mon_port){.protocol = PROTO_console, .ops = &ops};
    if (!outcome)
        outcome = mon_lock_open(&typing);
    if (!outcome && (fk_mutex_create(fk_at(&keys)) || fk_cond_create(fk_at(&changed))))
        outcome = -PROTO_NO_OBJECTS;
    if (!outcome)
        outcome = mon_port_open(&server, &port);
    if (!outcome && (threads = mon_serve_threads(&server, THREADS)) != THREADS)
        outcome = -PROTO_NO_OBJECTS;
    mon.ref[PARENT_CONSOLE] = fk_at(&port.ref);
    return outcome;
}

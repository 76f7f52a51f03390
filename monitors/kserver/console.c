/* monitors/kserver/console.c -- the console: writes go out at once, a read waits for a line, the
 * interrupt key (Ctrl-C) ends the reads of all who wait. A thread takes what is typed into `typed`;
 * it is begun by the first who wants to know. Who waits for a line stands in a queue; what is typed
 * becomes a line for the first of them, as a terminal shows it and lets it be mended, and for
 * nobody whose client has gone meanwhile. Each who waits keeps a serving thread; one more is always
 * there for those who write. `keys` is over all of it. SPDX-License-Identifier: MIT */
#include "monitors/kserver/kserver.h"
#include "monitors/lib/worker.h"

#define THREADS   3
#define MOST      32
#define INTERRUPT 3
#define END       4 /* Ctrl-D: what was typed is all; on an empty line, the end */
#define ERASE     0x7f
#define ERASE_ALL 0x15 /* Ctrl-U */

struct reader {
    struct reader *next;
    struct mon_worker *worker; /* whose client it is; NULL: that is known to be there */
    struct console_read_args *args;
    bool done;
    long outcome;
};

static struct mon_server server;
static struct mon_port port;
static unsigned threads, waiting;
static struct fk_object keys, changed; /* mutex, cond: the second for any change of what follows */
static bool listening, ended;
static char typed[256]; /* a ring: what nobody has had */
static uint64_t typed_at, typed_end, interrupts;
static struct reader *readers; /* the first has waited longest */
static char line[256];
static uint64_t line_at, line_end; /* what readers have not had of it */
static bool whole;                 /* it is not being typed any more */
static struct fk_thread_state state;
static uint64_t client; /* reference to fill */

static void echo(const char *text, uint64_t bytes)
{
    fk_console_write(fk_at(text), bytes);
}

/* ---- the queue ---- */

static void first_done(long outcome)
{
    struct reader *reader = readers;
    readers = reader->next;
    reader->outcome = outcome;
    reader->done = true;
    fk_cond_broadcast(fk_at(&changed));
}

/* The first who waits for whom there is somebody to answer. Others get an answer that nobody takes.
 */
static struct reader *first(void)
{
    struct fk_thread_links links = {.server = client};
    while (readers && readers->worker) {
        uint64_t thread = readers->worker->thread;
        if (fk_thread_get_state(thread, fk_at(&state), fk_at(&links)))
            break;
        bool there = mon_ref_alive(client);
        state.flags &= ~(uint64_t)FK_THREAD_STOPPED;
        fk_thread_set_state(thread, fk_at(&state), 0);
        if (there)
            break;
        first_done(-PROTO_GONE);
    }
    return readers;
}

static void give(struct reader *reader)
{
    struct console_read_args *args = reader->args;
    uint64_t left = line_end - line_at;
    args->data_bytes = left < args->data_room ? left : args->data_room;
    memcpy(args->data, line + line_at, args->data_bytes);
    line_at += args->data_bytes;
    if (line_at == line_end) {
        line_at = line_end = 0;
        whole = false;
    }
    first_done(0);
}

/* ---- lines ---- */

static void erase(uint64_t characters)
{
    for (; line_end && characters; line_end--, characters--)
        echo("\b \b", 3);
}

static void add(char c)
{
    line[line_end++] = c;
    whole = line_end == sizeof(line) || c == '\n';
    echo(&c, 1);
}

/* Shows what is typed as a terminal does. */
static void key(char c)
{
    if (c == END)
        whole = true;
    else if (c == '\r' || c == '\n')
        add('\n');
    else if (c == ERASE || c == '\b')
        erase(1);
    else if (c == ERASE_ALL)
        erase(line_end);
    else if (c == '\t' || (unsigned char)c >= ' ')
        add(c);
}

/* Something was typed, or somebody waits. */
static void go_on(void)
{
    bool full = typed_end - typed_at == sizeof(typed);
    for (struct reader *reader; (reader = first());) {
        while (!whole && typed_at != typed_end)
            key(typed[typed_at++ % sizeof(typed)]);
        if (!whole && !ended)
            break;
        give(reader);
    }
    if (full && typed_end - typed_at < sizeof(typed))
        fk_cond_broadcast(fk_at(&changed));
}

/* ---- the keyboard ---- */

static void interrupt(void)
{
    interrupts++;
    typed_at = typed_end;
    if (!whole)
        line_end = 0;
    echo("^C\n", 3);
    while (readers)
        first_done(-PROTO_INTERRUPTED);
    fk_cond_broadcast(fk_at(&changed));
}

static void take(char c)
{
    if (c == INTERRUPT)
        interrupt();
    else if (c == CONSOLE_ENDED)
        ended = true;
    else
        typed[typed_end++ % sizeof(typed)] = c;
}

/* With `typed` full it waits for readers: what is typed then is kept by the machine. */
static void listen(void *unused)
{
    char some[64];
    (void)unused;
    mon_guard();
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
        go_on();
        fk_mutex_unlock(fk_at(&keys));
        if (bytes <= 0)
            fk_console_wait(FK_FOREVER >> 1);
        fk_mutex_lock(fk_at(&keys));
    }
}

/* ---- who waits ---- */

/* Somebody is about to wait: with `keys`. Answers false when too many do. */
static bool enter(struct mon_request *request)
{
    if (!listening)
        listening = !mon_thread(listen, NULL, 0);
    if (waiting + 1 >= threads && threads < MOST)
        threads += mon_serve_threads(&server, 1);
    bool good = listening && waiting + 1 < threads;
    waiting += good;
    request->worker->waits = good;
    return good;
}

static void leave(struct mon_request *request)
{
    request->worker->waits = false;
    waiting--;
}

/* Only from when it waits can others look at its thread. */
static void wait_for_line(struct reader *reader, struct mon_worker *worker)
{
    struct reader **at = &readers;
    while (*at)
        at = &(*at)->next;
    *at = reader;
    go_on();
    reader->worker = worker;
    while (!reader->done)
        fk_cond_wait(fk_at(&changed), fk_at(&keys));
}

/* ---- operations ---- */

static long op_write(struct mon_request *request, struct console_write_args *args)
{
    (void)request;
    echo(args->data, args->data_bytes);
    return 0;
}

static long op_read(struct mon_request *request, struct console_read_args *args)
{
    struct reader reader = {.args = args, .outcome = -PROTO_BUSY};
    args->data_bytes = 0;
    if (!args->data_room)
        return 0;
    fk_mutex_lock(fk_at(&keys));
    if (enter(request)) {
        wait_for_line(&reader, request->worker);
        leave(request);
    }
    fk_mutex_unlock(fk_at(&keys));
    return reader.outcome;
}

static long op_interrupt(struct mon_request *request, struct console_interrupt_args *args)
{
    fk_mutex_lock(fk_at(&keys));
    bool good = enter(request);
    while (good && interrupts == args->seen)
        fk_cond_wait(fk_at(&changed), fk_at(&keys));
    args->count = interrupts;
    if (good)
        leave(request);
    fk_mutex_unlock(fk_at(&keys));
    return good ? 0 : -PROTO_BUSY;
}

static const struct console_ops ops = {
    .write = op_write, .read = op_read, .interrupt = op_interrupt};

long console_open(void)
{
    long outcome = mon_server_open(&server);
    port = (struct mon_port){.protocol = PROTO_console, .ops = &ops};
    client = outcome ? 0 : mon_ref();
    if (!outcome && (!client || fk_mutex_create(fk_at(&keys)) || fk_cond_create(fk_at(&changed))))
        outcome = -PROTO_NO_OBJECTS;
    if (!outcome)
        outcome = mon_port_open(&server, &port);
    if (!outcome && (threads = mon_serve_threads(&server, THREADS)) != THREADS)
        outcome = -PROTO_NO_OBJECTS;
    mon.ref[PARENT_CONSOLE] = fk_at(&port.ref);
    return outcome;
}

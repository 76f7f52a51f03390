/* monitors/programs/ipcbench.c -- how fast messages go: between two threads of this program (words,
 * bytes, references) and to the parent. Answers are checked; with rates=1 it also prints times,
 * which depend on the machine. SPDX-License-Identifier: MIT */
#include "monitors/programs/work.h"

enum { CALLS, BYTES, RATES };
enum { WORDS = 2, DATA, REFS, PARENT }; /* parts of the measured region */

static struct work_option options[] = {
    [CALLS] = {"calls", 2000, 1, 10000000, "how many of each kind"},
    [BYTES] = {"bytes", 1024, 1, PROTO_DATA_MAX, "length of the messages with bytes"},
    [RATES] = {"rates", 0, 0, 1, "1 = print nanoseconds a call"},
    {0},
};

/* ---- the serving thread: something like a file, since that protocol has all kinds of message ----
 */

static struct mon_server server;
static struct mon_port port;
static uint64_t place;

static long op_seek(struct mon_request *request, struct file_seek_args *args)
{
    (void)request;
    place += args->offset;
    args->place = place;
    return 0;
}

static long op_write(struct mon_request *request, struct file_write_args *args)
{
    (void)request;
    args->done = args->data_bytes + *(const unsigned char *)args->data;
    return 0;
}

static long op_copy(struct mon_request *request, struct file_copy_args *args)
{
    args->got = fk_at(&request->port->ref);
    return 0;
}

static const struct file_ops ops = {.seek = op_seek, .write = op_write, .copy = op_copy};

static void serve(void *unused)
{
    (void)unused;
    mon_serve(&server);
}

static void server_start(void)
{
    port = (struct mon_port){.protocol = PROTO_file, .ops = &ops};
    work_check(mon_server_open(&server), "portset");
    work_check(mon_port_open(&server, &port), "port");
    work_check(mon_thread(serve, NULL, 0), "thread");
}

/* ---- the calling thread ---- */

static unsigned char bytes[PROTO_DATA_MAX];
static uint64_t wrong, ref;

static void call_words(uint64_t i)
{
    uint64_t answer = 0;
    work_check(file_seek(fk_at(&port.ref), i, FILE_SEEK_CUR, &answer), "words");
    wrong += answer != i * (i + 1) / 2;
}

static void call_bytes(uint64_t i)
{
    uint64_t answer = 0;
    bytes[0] = (unsigned char)i;
    work_check(file_write(fk_at(&port.ref), bytes, options[BYTES].value, &answer), "bytes");
    wrong += answer != options[BYTES].value + (i & 0xff);
}

static void call_reference(uint64_t i)
{
    (void)i;
    work_check(file_copy(fk_at(&port.ref), ref), "reference");
    wrong += fk_ref_compare(ref, fk_at(&port.ref)) != FK_OK;
}

static void call_parent(uint64_t i)
{
    (void)i;
    work_check(parent_get(mon.parent, PARENT_SPACE, ref), "parent");
    wrong += fk_ref_compare(ref, mon.ref[PARENT_SPACE]) != FK_OK;
}

static void measure(unsigned part, const char *what, void (*call)(uint64_t))
{
    uint64_t start = mon_time(), count = options[CALLS].value;
    work_begin(part);
    for (uint64_t i = 0; i < count; i++)
        call(i);
    work_end(part);
    if (options[RATES].value)
        printf("ipcbench: %s: %lu ns a call\n", what, (mon_time() - start) / count);
}

int main(void)
{
    work_options("calls servers", options);
    server_start();
    ref = mon_ref();
    work_check(ref ? 0 : -PROTO_NO_OBJECTS, "reference");
    call_words(0); /* the server is there */
    work_begin(WORK_MAIN);
    measure(WORDS, "words", call_words);
    measure(DATA, "bytes", call_bytes);
    measure(REFS, "a reference", call_reference);
    measure(PARENT, "to the parent", call_parent);
    work_end(WORK_MAIN);
    printf("ipcbench: %lu calls of 4 kinds, %lu wrong\n", options[CALLS].value * 4, wrong);
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* monitors/procmgr/terminal.c -- the console for processes: as an open file, for who asks for one
 * by its number, and its interrupt key as a signal. A program that uses its standard streams has
 * the console itself and does not come here. SPDX-License-Identifier: MIT */
#include "monitors/procmgr/procmgr.h"

#define NEVER UINT64_MAX /* how often the key was not typed: the answer comes at once */

/* ---- what is behind a standard descriptor that was closed ---- */

static long refuse_read(struct mon_request *request, struct file_read_args *args)
{
    (void)request, (void)args;
    return -PROTO_NOT_ALLOWED;
}

static long refuse_write(struct mon_request *request, struct file_write_args *args)
{
    (void)request, (void)args;
    return -PROTO_NOT_ALLOWED;
}

static const struct file_ops nothing_ops = {.read = refuse_read, .write = refuse_write};

uint64_t terminal_nothing(void)
{
    static struct mon_port port = {.protocol = PROTO_file, .ops = &nothing_ops};
    static bool opened;
    opened = opened || !mon_port_open(&mon_server, &port);
    return opened ? fk_at(&port.ref) : 0;
}

/* ---- the console as a file ---- */

static uint64_t console(const struct handle *handle)
{
    return handle->process->family->child->grant[PARENT_CONSOLE];
}

/* A read keeps its thread until a line is there. */
static long op_read(struct mon_request *request, struct file_read_args *args)
{
    struct handle *handle = request->self;
    uint64_t ref = handle->open ? console(handle) : 0;
    if (!ref || !threads_enough())
        return ref ? -PROTO_NO_OBJECTS : -PROTO_GONE;
    handle->waiters++;
    mon_unlock(&procs_lock);
    args->data_bytes = args->data_room;
    long outcome = console_read(ref, args->data, &args->data_bytes);
    mon_lock(&procs_lock);
    threads_back();
    if (!--handle->waiters && handle->orphan)
        free(handle);
    return outcome;
}

static long op_write(struct mon_request *request, struct file_write_args *args)
{
    const struct handle *handle = request->self;
    uint64_t ref = handle->open ? console(handle) : 0;
    args->done = args->data_bytes;
    return ref ? console_write(ref, args->data, args->data_bytes) : -PROTO_GONE;
}

static long op_stat(struct mon_request *request, struct file_stat_args *args)
{
    (void)request;
    args->type = FILE_IS_CONSOLE;
    args->size = 0;
    return 0;
}

/* A descriptor ends by its number; the reference is not the file. */
static long op_close(struct mon_request *request, struct file_close_args *args)
{
    (void)request, (void)args;
    return 0;
}

const struct file_ops terminal_ops = {
    .read = op_read, .write = op_write, .stat = op_stat, .close = op_close};

/* ---- the interrupt key ---- */

static void watch(void *argument)
{
    struct family *family = argument;
    mon_guard();
    mon_lock(&procs_lock);
    uint64_t count = family->interrupts;
    while (!family->ended) {
        uint64_t ref = family->child->grant[PARENT_CONSOLE];
        mon_unlock(&procs_lock);
        long outcome = console_interrupt(ref, count, &count);
        mon_lock(&procs_lock);
        if (outcome)
            break;
        process_interrupt(family);
    }
    family->keys = false;
    mon_unlock(&procs_lock);
}

long terminal_keys(struct process *process)
{
    struct family *family = process->family;
    if (!family->child->grant[PARENT_CONSOLE])
        return -PROTO_NOT_FOUND;
    if (family->keys)
        return 0;
    long outcome =
        console_interrupt(family->child->grant[PARENT_CONSOLE], NEVER, &family->interrupts);
    if (!outcome)
        outcome = mon_thread(watch, family, 0);
    family->keys = !outcome;
    return outcome;
}

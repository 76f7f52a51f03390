/* monitors/procmgr/pipe.c -- pipes: a ring of bytes between descriptors that read and descriptors
 * that write. A read waits for the first byte, or for the last writer to go (no bytes: the end); a
 * write waits until all is in. Who writes what nobody can read is sent SIGNAL_PIPE.
 * SPDX-License-Identifier: MIT */
#include "monitors/procmgr/procmgr.h"

#define PIPE_BYTES 4096

struct waiter {
    struct waiter *next;
    struct process *process;
};

struct pipe {
    unsigned ends[2]; /* open files that read, that write */
    struct waiter *waiters;
    uint64_t at, used;
    char data[PIPE_BYTES];
};

static void pipe_free(struct pipe *pipe)
{
    if (!pipe->ends[0] && !pipe->ends[1] && !pipe->waiters)
        free(pipe);
}

static void wake(struct pipe *pipe)
{
    for (struct waiter *waiter = pipe->waiters; waiter; waiter = waiter->next)
        process_wake(waiter->process);
}

void pipe_end_closed(struct pipe *pipe, bool writer)
{
    pipe->ends[writer]--;
    wake(pipe);
    pipe_free(pipe);
}

/* The handle's own descriptor may be closed meanwhile: then it has no open file any more. */
static long wait(struct handle *handle, struct pipe *pipe)
{
    struct waiter waiter = {pipe->waiters, handle->process}, **at = &pipe->waiters;
    pipe->waiters = &waiter;
    handle->waiters++;
    long outcome = process_sleep(handle->process);
    while (*at != &waiter)
        at = &(*at)->next;
    *at = waiter.next;
    if (!outcome && !handle->open)
        outcome = -PROTO_GONE;
    if (!--handle->waiters && handle->orphan)
        free(handle);
    return outcome;
}

static uint64_t get(struct pipe *pipe, char *to, uint64_t room)
{
    uint64_t bytes = room < pipe->used ? room : pipe->used;
    uint64_t first = PIPE_BYTES - pipe->at < bytes ? PIPE_BYTES - pipe->at : bytes;
    memcpy(to, pipe->data + pipe->at, first);
    memcpy(to + first, pipe->data, bytes - first);
    pipe->at = (pipe->at + bytes) % PIPE_BYTES;
    pipe->used -= bytes;
    return bytes;
}

static uint64_t put(struct pipe *pipe, const char *from, uint64_t bytes)
{
    uint64_t end = (pipe->at + pipe->used) % PIPE_BYTES, room = PIPE_BYTES - pipe->used;
    bytes = bytes < room ? bytes : room;
    uint64_t first = PIPE_BYTES - end < bytes ? PIPE_BYTES - end : bytes;
    memcpy(pipe->data + end, from, first);
    memcpy(pipe->data, from + first, bytes - first);
    pipe->used += bytes;
    return bytes;
}

static long read_some(struct handle *handle, char *to, uint64_t room, uint64_t *done)
{
    struct pipe *pipe = handle->open ? handle->open->pipe : NULL;
    if (!pipe)
        return -PROTO_GONE;
    if (handle->open->writer)
        return -PROTO_NOT_ALLOWED;
    while (room && !pipe->used && pipe->ends[1]) {
        long outcome = wait(handle, pipe);
        if (outcome) {
            pipe_free(pipe);
            return outcome;
        }
    }
    *done = get(pipe, to, room);
    wake(pipe);
    return 0;
}

static long write_all(struct handle *handle, const char *from, uint64_t bytes, uint64_t *done)
{
    struct pipe *pipe = handle->open ? handle->open->pipe : NULL;
    if (!pipe)
        return -PROTO_GONE;
    if (!handle->open->writer)
        return -PROTO_NOT_ALLOWED;
    for (*done = 0; *done < bytes && pipe->ends[0];) {
        uint64_t put_now = put(pipe, from + *done, bytes - *done);
        *done += put_now;
        wake(pipe);
        long outcome = put_now ? 0 : wait(handle, pipe);
        if (!outcome)
            continue;
        pipe_free(pipe);
        return *done && outcome == -PROTO_INTERRUPTED ? 0 : outcome;
    }
    if (*done == bytes)
        return 0;
    signal_send(handle->process, SIGNAL_PIPE);
    return -PROTO_NO_READER;
}

static long op_read(struct mon_request *request, struct file_read_args *args)
{
    return read_some(request->self, args->data, args->data_room, &args->data_bytes);
}

static long op_write(struct mon_request *request, struct file_write_args *args)
{
    return write_all(request->self, args->data, args->data_bytes, &args->done);
}

static long op_stat(struct mon_request *request, struct file_stat_args *args)
{
    const struct handle *handle = request->self;
    args->type = FILE_IS_PIPE;
    args->size = handle->open ? handle->open->pipe->used : 0;
    return 0;
}

/* A descriptor ends by its number; the reference is not the file. */
static long op_close(struct mon_request *request, struct file_close_args *args)
{
    (void)request, (void)args;
    return 0;
}

const struct file_ops pipe_ops = {
    .read = op_read, .write = op_write, .stat = op_stat, .close = op_close};

static long add_end(struct process *process, struct pipe *pipe, bool writer, uint64_t *number)
{
    struct open *open = calloc(1, sizeof(*open));
    if (!open)
        return -PROTO_NO_MEMORY;
    *open = (struct open){.uses = 1, .pipe = pipe, .writer = writer};
    long outcome = descriptor_add(process, open, number);
    if (outcome)
        free(open);
    else
        pipe->ends[writer]++;
    return outcome;
}

long pipe_make(struct process *process, uint64_t *reader, uint64_t *writer)
{
    struct pipe *pipe = calloc(1, sizeof(*pipe));
    if (!pipe)
        return -PROTO_NO_MEMORY;
    long outcome = add_end(process, pipe, false, reader);
    if (outcome) {
        free(pipe);
        return outcome;
    }
    outcome = add_end(process, pipe, true, writer);
    if (outcome)
        descriptor_close(process, *reader);
    return outcome;
}

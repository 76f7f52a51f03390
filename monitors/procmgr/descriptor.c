/* monitors/procmgr/descriptor.c -- open files by number. An open file is shared by all numbers, in
 * whatever process, that came from one opening: so is its place. The console has no file: who asks
 * for a standard one by its name is handed the console itself, who asks by its number gets a file
 * that is served here. Called with the lock held. SPDX-License-Identifier: MIT */
#include "monitors/procmgr/procmgr.h"

#define ANY UINT64_MAX

static void release(struct open *open)
{
    if (!open || --open->uses)
        return;
    if (open->pipe)
        pipe_end_closed(open->pipe, open->writer);
    if (open->ref && !open->lent) {
        file_close(open->ref);
        mon_ref_free(open->ref);
    }
    free(open);
}

static void handle_close(struct process *process, uint64_t number)
{
    struct handle *handle = process->handle[number];
    process->handle[number] = NULL;
    if (!handle)
        return;
    mon_port_close(&handle->port);
    handle->open = NULL;
    process_wake(process); /* whoever waits through it finds it closed */
    if (!handle->waiters)
        free(handle);
    else
        handle->orphan = true;
}

static long handle_make(struct process *process, uint64_t number)
{
    struct handle *handle = calloc(1, sizeof(*handle));
    if (!handle)
        return -PROTO_NO_MEMORY;
    handle->process = process;
    handle->open = process->open[number];
    handle->port = (struct mon_port){.protocol = PROTO_file, .self = handle};
    handle->port.ops = handle->open->pipe ? &pipe_ops : &terminal_ops;
    long outcome = mon_port_open(&mon_server, &handle->port);
    if (outcome)
        free(handle);
    else
        process->handle[number] = handle;
    return outcome;
}

static struct open *find(const struct process *process, uint64_t number)
{
    return number < DESCRIPTORS ? process->open[number] : NULL;
}

void descriptors_first(struct process *process)
{
    for (unsigned i = 0; i < 3; i++) {
        struct open *open = calloc(1, sizeof(*open));
        if (!open)
            return;
        *open = (struct open){
            .uses = 1, .lent = true, .ref = process->family->child->grant[PARENT_INPUT + i]};
        process->open[i] = open;
    }
}

long descriptors_inherit(struct process *from, struct process *to)
{
    long outcome = 0;
    for (unsigned i = 0; i < DESCRIPTORS; i++) {
        if (!from->open[i])
            continue;
        to->open[i] = from->open[i];
        to->open[i]->uses++;
        if (from->handle[i] && !outcome)
            outcome = handle_make(to, i);
    }
    return outcome;
}

void descriptors_close(struct process *process)
{
    for (unsigned i = 0; i < DESCRIPTORS; i++)
        descriptor_close(process, i);
}

long descriptor_close(struct process *process, uint64_t number)
{
    struct open *open = find(process, number);
    if (!open)
        return -PROTO_NOT_FOUND;
    process->open[number] = NULL;
    handle_close(process, number);
    release(open);
    return 0;
}

long descriptor_add(struct process *process, struct open *open, uint64_t *number)
{
    for (*number = 0; *number < DESCRIPTORS; ++*number)
        if (!process->open[*number]) {
            process->open[*number] = open;
            return 0;
        }
    return -PROTO_TOO_MANY;
}

long descriptor_duplicate(struct process *process, uint64_t from, uint64_t to, uint64_t *number)
{
    struct open *open = find(process, from);
    if (!open)
        return -PROTO_NOT_FOUND;
    if (to != ANY && to >= DESCRIPTORS)
        return -PROTO_INVALID;
    *number = to;
    if (to == from)
        return 0;
    open->uses++;
    long outcome = 0;
    if (to == ANY) {
        outcome = descriptor_add(process, open, number);
    } else {
        descriptor_close(process, to);
        process->open[to] = open;
    }
    if (outcome)
        open->uses--;
    return outcome;
}

long descriptor_ref(struct process *process, uint64_t number, uint64_t *ref)
{
    struct open *open = find(process, number);
    if (!open)
        return -PROTO_NOT_FOUND;
    long outcome = open->ref || process->handle[number] ? 0 : handle_make(process, number);
    if (!outcome)
        *ref = open->ref ? open->ref : fk_at(&process->handle[number]->port.ref);
    return outcome;
}

uint64_t descriptor_standard(struct process *process, uint64_t number)
{
    uint64_t ref = 0;
    const struct open *open = find(process, number);
    if (open && !open->ref && !open->pipe)
        return 0;
    return descriptor_ref(process, number, &ref) ? terminal_nothing() : ref;
}

long descriptor_open(struct process *process, const char *path, uint64_t flags, uint64_t *number)
{
    struct open *open = calloc(1, sizeof(*open));
    uint64_t ref = mon_ref();
    long outcome =
        open && ref ? filesystem_open(process_grant(process, PARENT_FILESYSTEM), path, flags, ref)
                    : -PROTO_NO_OBJECTS;
    if (!outcome) {
        *open = (struct open){.uses = 1, .ref = ref};
        outcome = descriptor_add(process, open, number);
        if (!outcome)
            return 0;
        file_close(ref);
    }
    mon_ref_free(ref);
    free(open);
    return outcome;
}

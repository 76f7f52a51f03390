/* monitors/procmgr/process.c -- the processes of each family: their ports, their ends, who waits.
 * Invariants: process 1 lives as long as its family; a process whose parent ended has process 1 as
 * parent; a dead one has nothing left but its number and its status. What a process was is used
 * again late, so that a request that was on its way to it finds it dead. Called with the lock held
 * unless said otherwise. SPDX-License-Identifier: MIT */
#include "monitors/procmgr/procmgr.h"

#define LEAST_KEPT 32 /* of what is free before one is used again */

struct mon_lock procs_lock;
static struct family *families;
static struct process *free_first, **free_last = &free_first;
static unsigned free_count;

uint64_t process_hash(uint64_t ref)
{
    struct fk_ref_state state = {0};
    return fk_ref_get_state(ref, fk_at(&state), 0) || state.type == FK_DEBUG_KINDS ? 0 : state.hash;
}

bool process_same(uint64_t ref, uint64_t other)
{
    return fk_ref_compare(ref, other) == FK_OK;
}

/* ---- Parent, for all but process 1 ---- */

static long op_start(struct mon_request *request, struct parent_start_args *args)
{
    struct process *process = request->self;
    bool good = process->text && process->text_bytes <= args->text_room;
    if (good)
        memcpy(args->text, process->text, process->text_bytes);
    args->text_bytes = process->text_bytes;
    args->args = process->args;
    args->budget = process->family->share;
    return good ? 0 : -PROTO_TOO_LONG;
}

static long op_get(struct mon_request *request, struct parent_get_args *args)
{
    args->got = process_grant(request->self, args->name);
    return args->got ? 0 : -PROTO_NOT_FOUND;
}

static long op_exit(struct mon_request *request, struct parent_exit_args *args)
{
    request->silent = true;
    process_end(request->self, (int)(args->status & 0xff));
    return 0;
}

static const struct parent_ops parent_ops = {.start = op_start, .get = op_get, .exit = op_exit};

uint64_t process_grant(struct process *process, uint64_t name)
{
    struct mon_child *child = process->family->child;
    switch (name) {
    case PARENT_SPACE:
        return process->body.space_ref;
    case PARENT_MEMPOOL:
        return process->body.pool && !process->nester ? process->body.pool
                                                      : fk_at(&process->memory_port.ref);
    case PARENT_PROCESS:
        return fk_at(&process->port.ref);
    case PARENT_INPUT:
    case PARENT_OUTPUT:
    case PARENT_ERRORS:
        return descriptor_standard(process, name - PARENT_INPUT);
    default:
        return name < PARENT_NAMES ? child->grant[name] : 0;
    }
}

/* Process 1 is told by the nester library. */
long process_text(struct process *process, const char *text, uint64_t bytes, uint64_t args)
{
    char *copy = malloc(bytes + 1);
    struct mon_child *child = process->family->child;
    if (!copy)
        return -PROTO_NO_MEMORY;
    memcpy(copy, text, bytes);
    if (process->pid == 1) {
        free(child->text);
        child->text = copy;
        child->text_bytes = bytes;
        child->args = (unsigned)args;
        return 0;
    }
    free(process->text);
    process->text = copy;
    process->text_bytes = bytes;
    process->args = args;
    return 0;
}

/* ---- making ---- */

static struct process *take_free(void)
{
    struct process *process = free_first;
    if (free_count < LEAST_KEPT)
        return calloc(1, sizeof(*process));
    free_first = process->next;
    if (!free_first)
        free_last = &free_first;
    free_count--;
    memset(process, 0, sizeof(*process));
    return process;
}

static long open_ports(struct process *process)
{
    struct mon_port *const port[] = {&process->port, &process->memory_port, &process->parent_port,
                                     &process->keeper_port};
    process->port.protocol = PROTO_process;
    process->port.ops = &process_ops;
    process->memory_port.protocol = PROTO_mempool;
    process->memory_port.filter = pools_own_request;
    process->parent_port.protocol = PROTO_parent;
    process->parent_port.ops = &parent_ops;
    process->keeper_port.fault = signal_keeper;
    for (; process->ports < (process->pid == 1 ? 2 : 4); process->ports++) {
        port[process->ports]->self = process;
        long outcome = mon_port_open(&mon_server, port[process->ports]);
        if (outcome)
            return outcome;
    }
    return 0;
}

static void close_ports(struct process *process)
{
    struct mon_port *const port[] = {&process->port, &process->memory_port, &process->parent_port,
                                     &process->keeper_port};
    while (process->ports)
        mon_port_close(port[--process->ports]);
}

static long open_sleep(struct process *process)
{
    if (fk_mutex_create(fk_at(&process->mutex)))
        return -PROTO_NO_OBJECTS;
    if (!fk_cond_create(fk_at(&process->cond)))
        return 0;
    fk_mutex_destroy(fk_at(&process->mutex));
    return -PROTO_NO_OBJECTS;
}

static struct process *make(struct family *family, long *outcome)
{
    struct process *process = take_free();
    *outcome = -PROTO_NO_MEMORY;
    if (!process)
        return NULL;
    process->family = family;
    process->pid = ++family->last_pid;
    process->next = family->processes;
    family->processes = process;
    family->count++;
    *outcome = open_sleep(process);
    process->can_sleep = !*outcome;
    if (!*outcome)
        *outcome = open_ports(process);
    if (!*outcome)
        return process;
    process_abandon(process);
    return NULL;
}

/* Behind its arguments stands what is below it; "" = nothing. */
static const char *nest_of(const struct mon_child *child)
{
    const char *at = child->text, *end = at + child->text_bytes;
    for (unsigned i = 0; i < child->args && at < end; i++)
        at += strlen(at) + 1;
    return at < end ? at : "";
}

/* Whether there is one program at the end of a nest: a bracket is its last part. */
static bool is_chain(const char *nest)
{
    struct nest_part part;
    while (*nest && nest[strspn(nest, " ")] != '[') {
        nest_first(nest, &part);
        nest = part.rest;
    }
    return !*nest;
}

long process_first(struct mon_child *child)
{
    long outcome;
    struct family *family = calloc(1, sizeof(*family));
    if (!family)
        return -PROTO_NO_MEMORY;
    family->child = child;
    family->share = share;
    child->self = family;
    struct process *process = make(family, &outcome);
    if (!process)
        return outcome;
    outcome = frames_open(&family->frames, child->pool);
    process->parent = process;
    process->nester = *nest_of(child);
    process->alone = is_chain(nest_of(child));
    process->parent_ref = fk_at(&child->parent.ref);
    process->keeper_ref = fk_at(&child->keeper.ref);
    process->body = (struct body){
        .space = fk_at(&child->space), .space_ref = fk_at(&child->space_ref), .foreign = true};
    strlcpy(process->name, child->name, sizeof(process->name));
    if (!outcome)
        outcome = body_pool(process, &process->body);
    if (!outcome)
        descriptors_first(process);
    family->next = families;
    families = family;
    child->grant[PARENT_MEMPOOL] = process_grant(process, PARENT_MEMPOOL);
    child->grant[PARENT_PROCESS] = fk_at(&process->port.ref);
    return outcome;
}

struct process *process_new(struct process *parent, long *outcome)
{
    struct family *family = parent->family;
    *outcome = -PROTO_TOO_MANY;
    if (family->count >= processes_most)
        return NULL;
    struct process *process = make(family, outcome);
    if (!process)
        return NULL;
    process->parent = parent;
    process->parent_ref = fk_at(&process->parent_port.ref);
    process->keeper_ref = fk_at(&process->keeper_port.ref);
    memcpy(process->name, parent->name, sizeof(process->name));
    memcpy(process->handler, parent->handler, sizeof(process->handler));
    *outcome = descriptors_inherit(parent, process);
    if (!*outcome)
        return process;
    process_abandon(process);
    return NULL;
}

/* ---- finding ---- */

struct process *process_find(const struct family *family, uint64_t pid)
{
    struct process *process = family->processes;
    while (process && process->pid != pid)
        process = process->next;
    return process;
}

struct process *process_child_ended(struct process *parent, uint64_t pid, bool *any)
{
    *any = false;
    for (struct process *p = parent->family->processes; p; p = p->next) {
        if (p->parent != parent || p == parent || (pid && p->pid != pid))
            continue;
        *any = true;
        if (p->dead)
            return p;
    }
    return NULL;
}

/* ---- ends ---- */

static void release(struct process *process)
{
    if (process->can_sleep) {
        fk_cond_destroy(fk_at(&process->cond));
        fk_mutex_destroy(fk_at(&process->mutex));
    }
    *free_last = process;
    free_last = &process->next;
    free_count++;
}

static void strip(struct process *process)
{
    process->dead = true;
    body_end(process, &process->body);
    descriptors_close(process);
    close_ports(process);
    free(process->text);
    process->text = NULL;
    process_wake(process);
}

void process_reap(struct process *process)
{
    struct process **at = &process->family->processes;
    while (*at != process)
        at = &(*at)->next;
    *at = process->next;
    process->family->count--;
    process->next = NULL;
    process->reaped = true;
    if (!process->sleepers)
        release(process);
}

void process_abandon(struct process *process)
{
    if (process->pid == process->family->last_pid)
        process->family->last_pid--; /* nobody has heard of it */
    strip(process);
    process_reap(process);
}

static void orphan_children(struct process *process)
{
    struct process *first = process_find(process->family, 1);
    for (struct process *p = process->family->processes; p; p = p->next)
        if (p->parent == process) {
            p->parent = first;
            if (p->dead)
                process_wake(first);
        }
}

void process_end(struct process *process, int status)
{
    if (process->dead || process->family->ended)
        return;
    if (process->pid == 1) {
        process->family->ended = true;
        mon_child_end(process->family->child, status); /* comes back by process_family_end */
        return;
    }
    process->status = status;
    strip(process);
    orphan_children(process);
    process_wake(process->parent);
    signal_send(process->parent, SIGNAL_CHLD);
}

/* The family itself stays: requests may be on their way. */
void process_family_end(struct mon_child *child)
{
    struct family *family = child->self;
    if (!family)
        return;
    family->ended = true;
    body_claim(family);
    while (family->processes) {
        struct process *process = family->processes;
        if (!process->dead)
            strip(process);
        process_reap(process);
    }
    frames_close(&family->frames);
}

/* ---- waiting ---- */

bool process_awake(struct process *process)
{
    bool dead = process->dead;
    if (!--process->sleepers && process->reaped)
        release(process);
    return !dead;
}

long process_sleep(struct process *process)
{
    uint64_t wakes = process->wakes, interrupts = process->interrupts;
    if (process->dead)
        return -PROTO_GONE;
    if (!threads_enough())
        return -PROTO_NO_OBJECTS;
    process->sleepers++;
    fk_mutex_lock(fk_at(&process->mutex));
    mon_unlock(&procs_lock);
    while (process->wakes == wakes)
        fk_cond_wait(fk_at(&process->cond), fk_at(&process->mutex));
    fk_mutex_unlock(fk_at(&process->mutex));
    mon_lock(&procs_lock);
    threads_back();
    bool interrupted = process->interrupts != interrupts;
    return !process_awake(process) ? -PROTO_GONE : interrupted ? -PROTO_INTERRUPTED : 0;
}

void process_wake(struct process *process)
{
    if (!process->sleepers)
        return;
    fk_mutex_lock(fk_at(&process->mutex));
    process->wakes++;
    fk_cond_broadcast(fk_at(&process->cond));
    fk_mutex_unlock(fk_at(&process->mutex));
}

bool process_each_pending(bool (*visit)(struct process *process))
{
    bool left = false;
    for (struct family *family = families; family; family = family->next)
        for (struct process *p = family->processes; p; p = p->next)
            left = (p->pending && !p->dead && visit(p)) || left;
    return left;
}

uint64_t process_alarms(uint64_t now)
{
    uint64_t next = FK_FOREVER >> 1;
    for (struct family *family = families; family; family = family->next)
        for (struct process *p = family->processes; p && !family->ended; p = p->next) {
            bool due = p->alarm && p->alarm <= now && !p->dead;
            if (due) {
                p->alarm = 0;
                signal_send(p, SIGNAL_ALRM);
            }
            if (p->alarm && !p->dead && p->alarm < next)
                next = p->alarm;
        }
    return next;
}

void process_interrupt(struct family *family)
{
    for (struct process *p = family->processes; p && !family->ended; p = p->next)
        signal_send(p, SIGNAL_INT);
}

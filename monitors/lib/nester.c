/* monitors/lib/nester.c -- the life of a nester: what its children are granted, their requests to
 * the Parent port, their faults and their ends. One thread builds and serves; with ops->threads,
 * that many serve and the first one only builds and waits. SPDX-License-Identifier: MIT */
#include "monitors/lib/nester_private.h"

struct mon_server mon_server;
static const struct mon_ops *ops;
static struct mon_lock ends; /* over `living` */
static struct fk_object all_ended_mutex, all_ended;
static unsigned living;

void mon_nester_lock(void)
{
    if (ops->lock)
        mon_lock(ops->lock);
}

void mon_nester_unlock(void)
{
    if (ops->lock)
        mon_unlock(ops->lock);
}

/* ---- Parent ---- */

static long parent_op_start(struct mon_request *request, struct parent_start_args *args)
{
    struct mon_child *child = request->self;
    if (child->text_bytes > args->text_room)
        return -PROTO_TOO_LONG;
    args->text = child->text;
    args->text_bytes = child->text_bytes;
    args->args = child->args;
    args->budget = child->budget;
    return 0;
}

static long parent_op_get(struct mon_request *request, struct parent_get_args *args)
{
    struct mon_child *child = request->self;
    if (args->name >= PARENT_NAMES || !child->grant[args->name])
        return -PROTO_NOT_FOUND;
    args->got = child->grant[args->name];
    return 0;
}

void mon_child_end(struct mon_child *child, int status)
{
    if (child->dead)
        return;
    mon_child_kill(child, status);
    mon_lock(&ends);
    bool last = !--living;
    mon_unlock(&ends);
    if (!last)
        return;
    mon_server.stop = true;
    if (!ops->threads)
        return;
    fk_mutex_lock(fk_at(&all_ended_mutex));
    fk_cond_broadcast(fk_at(&all_ended));
    fk_mutex_unlock(fk_at(&all_ended_mutex));
}

static long parent_op_exit(struct mon_request *request, struct parent_exit_args *args)
{
    request->silent = true;
    mon_nester_lock();
    mon_child_end(request->self, (int)(args->status & 0xff));
    mon_nester_unlock();
    return 0;
}

const struct parent_ops mon_parent_ops = {
    .start = parent_op_start, .get = parent_op_get, .exit = parent_op_exit};

/* ---- faults ---- */

static void describe(const struct mon_child *child, const struct fk_fault *fault)
{
    const char *access = fault->access & FK_WRITE     ? "write"
                         : fault->access & FK_EXECUTE ? "execute"
                                                      : "read";
    if (fault->cause == FK_TRAP_PAGE_FAULT)
        fprintf(stderr, "%s: %s ended: no memory to %s at %#lx, instruction %#lx\n", mon.argv[0],
                child->name, access, fault->address, fault->rip);
    else if (fault->cause >= FK_TRAP_INSANITY && fault->cause < FK_TRAP_INTERRUPT)
        fprintf(stderr, "%s: %s ended: misused a kernel call (insanity %lu), instruction %#lx\n",
                mon.argv[0], child->name, fault->cause - FK_TRAP_INSANITY, fault->rip);
    else
        fprintf(stderr, "%s: %s ended: exception %lu, instruction %#lx\n", mon.argv[0], child->name,
                fault->cause, fault->rip);
}

void mon_child_fault(struct mon_request *request)
{
    struct mon_child *child = request->self;
    const struct fk_fault fault = {request->word[0], request->word[1], request->word[2],
                                   request->word[3], request->word[4], request->word[5]};
    mon_nester_lock();
    request->outs = 0;
    request->silent = !ops->fault || !ops->fault(child, &fault);
    if (request->silent && !child->dead) {
        describe(child, &fault);
        mon_child_end(child, MON_KILLED + (int)(fault.cause & 0xff));
    }
    mon_nester_unlock();
}

/* ---- what it gets ---- */

static long take(struct mon_child *child, enum parent_name name, enum proto_what protocol,
                 const void *table)
{
    if (!table)
        return 0;
    struct mon_port *port = calloc(1, sizeof(*port));
    if (!port)
        return -PROTO_NO_MEMORY;
    *port = (struct mon_port){
        .protocol = protocol, .ops = table, .forward = child->grant[name], .self = child};
    long outcome = mon_port_open(&mon_server, port);
    if (outcome) {
        free(port);
        return outcome;
    }
    child->taken[name] = port;
    child->grant[name] = fk_at(&port->ref);
    return 0;
}

long mon_nester_grant(struct mon_child *child)
{
    long outcome = take(child, PARENT_PROCESS, PROTO_process, ops->process);
    if (!outcome)
        outcome = take(child, PARENT_MEMPOOL, PROTO_mempool, ops->mempool);
    if (!outcome)
        outcome = take(child, PARENT_FILESYSTEM, PROTO_filesystem, ops->filesystem);
    if (!outcome)
        outcome = take(child, PARENT_CONSOLE, PROTO_console, ops->console);
    if (!outcome)
        outcome = take(child, PARENT_CLOCK, PROTO_clock, ops->clock);
    if (!outcome)
        outcome = take(child, PARENT_SCHEDULER, PROTO_scheduler, ops->scheduler);
    if (!outcome && ops->prepare)
        outcome = ops->prepare(child);
    return outcome;
}

long mon_nester_load(struct mon_child *child)
{
    return ops->load ? ops->load(child) : -PROTO_UNKNOWN;
}

void mon_nester_started(struct mon_child *child)
{
    if (ops->started)
        ops->started(child);
}

/* With threads that serve, a child is loaded through what it is granted; without them that would be
 * to ask oneself, so what is below its grants is used. */
uint64_t mon_nester_loads(const struct mon_child *child, enum parent_name name)
{
    if (ops->threads)
        return child->grant[name];
    if (name == PARENT_MEMPOOL)
        return child->pool;
    return child->group ? child->group : mon.ref[PARENT_SCHEDULER];
}

void mon_nester_ended(struct mon_child *child)
{
    if (ops->ended)
        ops->ended(child);
    for (unsigned name = 0; name < PARENT_NAMES; name++) {
        if (!child->taken[name])
            continue;
        mon_port_close(child->taken[name]);
        free(child->taken[name]);
        child->taken[name] = NULL;
    }
}

/* ---- the whole ---- */

static long open_all(void)
{
    long outcome = mon_server_open(&mon_server);
    if (!outcome && ops->lock)
        outcome = mon_server_lock(&mon_server, ops->lock, NULL);
    if (!outcome)
        outcome = mon_lock_open(&ends);
    if (!outcome && (fk_mutex_create(fk_at(&all_ended_mutex)) || fk_cond_create(fk_at(&all_ended))))
        outcome = -PROTO_NO_OBJECTS;
    if (!outcome && mon_serve_threads(&mon_server, ops->threads) != ops->threads)
        outcome = -PROTO_NO_OBJECTS;
    return outcome;
}

/* Siblings share evenly what there is, but for a reserve, so that none can take what another needs;
 * a single child gets no limits but those that options set. */
static struct mon_limits limits_of(unsigned siblings)
{
    struct mon_limits limits = {.memory = mon_option_number("memory", 0),
                                .objects = mon_option_number("objects", 0),
                                .weight = ops->group,
                                .cpu = mon_option_number("cpu", 0),
                                .files = mon_option_number("files", 0)};
    uint64_t limit, used;
    if (limits.cpu > 1000)
        mon_fatal("cpu=%lu is out of range; write thousandths of the CPU, 1 to 1000", limits.cpu);
    if (siblings == 1)
        return limits;
    limits.weight = 1;
    if (!limits.objects && mon.budget > mon_reserve)
        limits.objects = (mon.budget - mon_reserve) / siblings;
    if (!limits.memory && !mempool_stat(mon.ref[PARENT_MEMPOOL], &limit, &used))
        limits.memory = ((limit - used) / 8 * 7 / siblings) & ~(FK_PAGE - 1ull);
    if (!limits.files && mon.ref[PARENT_FILESYSTEM] &&
        !filesystem_space(mon.ref[PARENT_FILESYSTEM], &limit, &used))
        limits.files = (limit - used) / siblings;
    return limits;
}

static void start_children(unsigned siblings)
{
    struct mon_limits limits = limits_of(siblings);
    char *nest = malloc(NEST_MAX);
    if (!nest)
        mon_fatal("out of memory");
    living = 1; /* this function itself, so that nobody thinks all are done */
    for (unsigned i = 0; i < siblings; i++) {
        if (!nest_sibling(mon.nest, i, nest, NEST_MAX))
            break;
        living++;
        if (!mon_child_start(nest, &limits))
            living--;
    }
    free(nest);
}

static void wait_for_end(void)
{
    mon_lock(&ends);
    bool none = !--living;
    mon_unlock(&ends);
    if (none)
        return;
    if (!ops->threads) {
        mon_serve(&mon_server);
        return;
    }
    fk_mutex_lock(fk_at(&all_ended_mutex));
    while (!mon_server.stop)
        fk_cond_wait(fk_at(&all_ended), fk_at(&all_ended_mutex));
    fk_mutex_unlock(fk_at(&all_ended_mutex));
}

int mon_run(const struct mon_ops *the_ops)
{
    struct nest_error error;
    int status = 0;
    ops = the_ops;
    mon_options(NULL);
    if (!*mon.nest)
        mon_fatal("nothing to run below it; write %s/PROGRAM", mon.argv[0]);
    if (!nest_check(mon.nest, &error))
        mon_fatal("the nest is wrong at character %zu: %s", error.at + 1, error.text);
    unsigned siblings = nest_siblings(mon.nest);
    long outcome = open_all();
    if (!outcome && mon.parent) /* the root has done so */
        outcome = mon_watch_open();
    if (outcome)
        mon_fatal("cannot begin: %s", strerror((int)-outcome));
    mon_watch_begin(siblings > 1);
    mon_guard();
    start_children(siblings);
    wait_for_end();
    for (struct mon_child *child = mon_children; child; child = child->next)
        if (child->status)
            status = child->status > 0xff ? 128 + (child->status & 0x7f) : child->status;
    return status;
}

/* monitors/pager/main.c -- the pager's options, its children's pools, its end. It interposes on
 * MemPool only: memory that a child allocates is a region of virtual pages, whose keeper is here;
 * and on Process.fork, below a process manager, for the copy needs a store of its own. Three
 * threads: one builds the children and waits, one serves Parent and MemPool, and one serves faults
 * and nothing else. The last waits for nobody below, only for the store above; the other two may,
 * like any program, wait for memory of their clients, which the last one brings.
 * SPDX-License-Identifier: MIT */
#include "monitors/pager/pager.h"

#define LOST            137 /* exit status of a child that was ended for want of frames */
#define LEAST           5   /* frames: hello needs so many */
#define PROCESS_THREADS 4   /* below a process manager, whose requests may wait */

static struct mon_store store;
static struct mon_server faults, processes;
static struct mon_lock pools;
static struct block *free_blocks; /* kept for ever, ports and all: a fault may be on its way to one
                                     that has gone, and the next one need not make a port */

/* ---- a block's keeper ---- */

struct fk_fault fault_at_hand;

static void block_fault(struct mon_request *request)
{
    fault_at_hand = (struct fk_fault){.hash = request->word[3], .rip = request->word[4]};
    page_fault(request->self, request->word[1]);
    request->outs = 0;
}

static struct block *block_new(void)
{
    struct block *block = free_blocks;
    if (block) {
        free_blocks = block->free;
        return block;
    }
    block = calloc(1, sizeof(*block));
    if (!block)
        return NULL;
    block->port = (struct mon_port){.self = block, .fault = block_fault};
    if (!mon_port_open(&faults, &block->port))
        return block;
    free(block);
    return NULL;
}

static void block_free(struct block *block)
{
    block->free = free_blocks;
    free_blocks = block;
}

static long taken(struct mon_store *from, struct mon_block *region)
{
    struct block *block = block_new();
    struct mon_pool *top = region->pool;
    uint32_t first = (uint32_t)((region->start - from->frames.start) / FK_PAGE);
    if (!block)
        return -PROTO_NO_MEMORY;
    long outcome = pages_reserve(first, (uint32_t)region->pages);
    if (outcome) {
        block_free(block);
        return outcome;
    }
    block->block = region;
    block->first = first;
    block->pages = (uint32_t)region->pages;
    while (top->parent != &from->root)
        top = top->parent;
    block->holder = top->self;
    region->self = block;
    region->keeper = fk_at(&block->port.ref);
    pages_taken(block);
    return 0;
}

static void given(struct mon_store *from, struct mon_block *region)
{
    struct block *block = region->self;
    (void)from;
    pages_given(block);
    block_free(block);
}

static long order(struct mon_store *from, struct mon_block *region, const uint32_t *pages,
                  uint64_t count)
{
    (void)from;
    return pages_order(region->self, pages, (uint32_t)count);
}

/* ---- children ---- */

/* The store is outside: whoever copies this pager cannot copy that. */
static long op_fork(struct mon_request *request, struct process_fork_args *args)
{
    (void)request;
    return pages_fork(args->thread, &args->pid);
}

static const struct process_ops process = {.fork = op_fork};

/* Threads of their own: others of its requests may wait. */
static long grant_process(struct mon_child *child, struct mon_port *port)
{
    if (!child->grant[PARENT_PROCESS])
        return 0;
    *port = (struct mon_port){.protocol = PROTO_process,
                              .ops = &process,
                              .forward = child->grant[PARENT_PROCESS],
                              .self = child};
    child->grant[PARENT_PROCESS] = fk_at(&port->ref);
    return mon_port_open(&processes, port);
}

/* Each has a pool of its own, so that all it had goes with it. The root pool begins with the first,
 * when mon_run has opened the server. */
static long prepare(struct mon_child *child)
{
    long outcome = 0;
    if (!store.server)
        outcome = mon_store_open(&store, &mon_server, store.frames.pages * FK_PAGE);
    if (outcome)
        return outcome;
    struct holder *holder = calloc(1, sizeof(*holder));
    if (!holder)
        return -PROTO_NO_MEMORY;
    mon_lock(&pools);
    holder->child = child;
    holder->pool = mon_pool_sub(&store.root, 0, &outcome);
    if (holder->pool)
        holder->pool->self = holder;
    mon_unlock(&pools);
    if (!holder->pool)
        return outcome;
    child->self = holder;
    child->grant[PARENT_MEMPOOL] = fk_at(&holder->pool->port.ref);
    return grant_process(child, &holder->process);
}

/* The holder stays: a fault may be about to look at it. */
static void ended(struct mon_child *child)
{
    struct holder *holder = child->self;
    if (!holder)
        return;
    mon_lock(&pools);
    mon_pool_end(holder->pool);
    mon_unlock(&pools);
    child->self = NULL;
}

/* In the child's name. Nobody waits for the answer, but for the server, so not the thread of
 * faults, for which the server may be waiting. */
static void send_exit(void *of)
{
    struct holder *holder = of;
    mon_guard(); /* it may have ended by itself meanwhile */
    struct fk_ipc ipc = {
        .dest = fk_at(&holder->child->parent.ref), .tag = 2, .word = {PROTO_parent_exit, LOST}};
    fk_ipc_send(&ipc);
}

void holder_end(struct holder *holder)
{
    if (holder->ending)
        return;
    holder->ending = true;
    const char *name = holder->child->name;
    if (holder->needs)
        fprintf(stderr,
                "%s: %s ended: it cannot go on with so few frames; run it with frames=%u or more\n",
                mon.argv[0], name, holder->needs);
    else
        fprintf(stderr, "%s: %s ended: all frames hold kernel objects; run it with more frames\n",
                mon.argv[0], name);
    holder->leaving = !mon_thread(send_exit, holder, 0);
}

/* Until it has gone it may meet with what is not there any more: that is not why it ends. */
static bool fault(struct mon_child *child, const struct fk_fault *fault)
{
    const struct holder *holder = child->self;
    (void)fault;
    return holder && holder->leaving;
}

/* ---- options ---- */

static const struct mon_option_text texts[] = {
    {"frames=64", "pages in memory at a time"},
    {"policy=clock", "which goes next: fifo, clock, lru or order"},
    {"store=FILE", "where the others are, a new file; else one without a name"},
    {"size=64m", "all memory of the subtree"},
    {"scan=N", "evictions between two looks at what was used"},
    {"replay=1", "serve each fault twice (a test)"},
    {"stats=1", "counts at the end"},
    {0},
};

static void read_options(struct options *options)
{
    mon_options(texts);
    const char *name = mon_option("policy");
    uint64_t frames = mon_option_number("frames", 64);
    uint64_t size = mon_option_number("size", 64 * 1024 * 1024);
    options->policy = policy_find(name ? name : "clock");
    if (!options->policy)
        mon_fatal("policy=%s is none that it knows; write fifo, clock, lru or order", name);
    if (frames < LEAST || frames > 1024 * 1024)
        mon_fatal("frames=%lu cannot work; write a number from %d to 1048576", frames, LEAST);
    if (size / FK_PAGE < frames || size > 1ull << 40)
        mon_fatal("size=%lu cannot work; write at least frames times 4096, and at most 1024g",
                  size);
    options->frames = (uint32_t)frames;
    options->pages = (uint32_t)(size / FK_PAGE);
    options->scan = (uint32_t)mon_option_number("scan", 1 + frames / 16);
    if (!options->scan)
        mon_fatal("scan=0 cannot work; write how many pages may go between two looks, at least 1");
    options->replay = mon_option_number("replay", 0) != 0;
    options->store = mon_option("store");
}

static void print_statistics(void)
{
    const struct statistics *s = &statistics;
    fprintf(stderr,
            "pager: %lu faults, %lu zeroed, %lu read, %lu evicted, %lu written, %lu kept for their "
            "objects, %lu asked twice, %lu looks\n",
            s->faults, s->zeroed, s->read, s->evicted, s->written, s->pinned, s->again, s->looks);
}

static void open_all(const struct options *options)
{
    long outcome = store_open(options->store);
    if (outcome)
        mon_fatal("store %s: %s; choose another name with store=FILE",
                  options->store ? options->store : "/pager.N", strerror((int)-outcome));
    outcome = pages_open(options);
    if (outcome)
        mon_fatal("%u frames cannot be had: %s; run it with fewer", options->frames,
                  strerror((int)-outcome));
    size_t bitmap = (options->pages + 63) / 64 * 8;
    mon_frames_open(&store.frames, pages_virtual(), options->pages, mon_pages(bitmap));
    store.zeroed = true;
    store.taken = taken;
    store.given = given;
    store.order = order;
    store.lock = &pools;
    outcome = mon_lock_open(&pools);
    if (!outcome)
        outcome = mon_server_open(&faults);
    if (!outcome && mon_serve_threads(&faults, 1) != 1)
        outcome = -PROTO_NO_OBJECTS;
    if (!outcome && mon.ref[PARENT_PROCESS]) {
        outcome = mon_server_open(&processes);
        if (!outcome && mon_serve_threads(&processes, PROCESS_THREADS) != PROCESS_THREADS)
            outcome = -PROTO_NO_OBJECTS;
    }
    if (outcome)
        mon_fatal("cannot begin: %s", strerror((int)-outcome));
}

static const struct mon_ops ops = {
    .prepare = prepare, .ended = ended, .fault = fault, .threads = 1};

int main(void)
{
    struct options options;
    mon_reserve = 256 * 1024; /* regions and keepers of all that the subtree allocates */
    read_options(&options);
    open_all(&options);
    int status = mon_run(&ops);
    store_close();
    if (mon_option_number("stats", 0))
        print_statistics();
    return status;
}

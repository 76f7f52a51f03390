/* monitors/ckpt/main.c -- options, the child and its memory, and the thread that makes checkpoints.
 * Three threads: one builds the child and waits, one serves, one sleeps until a checkpoint is due.
 * SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "monitors/ckpt/ckpt.h"

#define US       1000ull
#define PATIENCE 2000000000ull /* nanoseconds that a checkpoint may be late */
#define TRIES    16
#define MOVED    0 /* exit status of a child that was saved and ended */

struct mon_store store;
struct mon_child *the_child;
static struct mon_lock pools;
static struct ckpt ckpt;
static const char *to_path, *from_path;
static uint64_t at, every, stop, begun;
static uint64_t region;     /* reference to the memory of the store */
static uint64_t own_number; /* of this process, if it is one */

static long taken(struct mon_store *from, struct mon_block *block)
{
    image_fresh((block->start - from->frames.start) / FK_PAGE, block->pages);
    return 0;
}

/* ---- saving ---- */

/* In the child's name, as if it had said so itself. */
static void end_child(void)
{
    struct fk_ipc ipc = {
        .dest = fk_at(&the_child->parent.ref), .tag = 2, .word = {PROTO_parent_exit, MOVED}};
    fk_ipc_send(&ipc);
}

static const char ended_meanwhile[] = "the child has ended";

/* Until all threads stand where they can be saved. The pauses differ, so that they do not keep time
 * with what the subtree does. */
static const char *stop_somewhere(void)
{
    const char *why = NULL;
    uint64_t until = (uint64_t)fk_clock_read() + PATIENCE;
    for (unsigned i = 0; (uint64_t)fk_clock_read() < until; i++) {
        if (the_child->dead)
            return ended_meanwhile;
        bool stopped = stop_all(&ckpt, &why);
        if (stopped && !the_child->dead)
            return NULL;
        if (stopped) { /* parts of it are gone */
            start_all(&ckpt);
            continue;
        }
        if (why)
            return why;
        fk_clock_wait((uint64_t)fk_clock_read() + (10 + i * 7 % 1000) * US);
    }
    return "a thread waits for a server outside all the time";
}

/* With `pools` held and all stopped if it answers NULL. What is half gone, in the middle of a call
 * that ends it, has no name; a moment later it is not there. */
static const char *take(void)
{
    const char *wrong = NULL;
    for (unsigned i = 0; i < TRIES; i++) {
        const char *not_now = stop_somewhere();
        if (not_now)
            return not_now;
        mon_lock(&pools);
        wrong = pickle(&ckpt);
        if (!wrong)
            return NULL;
        mon_unlock(&pools);
        start_all(&ckpt);
        fk_clock_wait((uint64_t)fk_clock_read() + 1000 * US);
    }
    return wrong;
}

static uint64_t region_hash(void)
{
    struct fk_ref_state state = {0};
    fk_ref_get_state(region, fk_at(&state), 0);
    return state.hash;
}

/* A process manager above may have moved all memory, as it does before it copies a process: then
 * the marks of what was written do not tell. */
static void look_for_move(void)
{
    static uint64_t known;
    uint64_t hash = region_hash();
    if (known && known != hash)
        image_fresh(0, store.frames.pages);
    known = hash;
}

static uint64_t number(void)
{
    uint64_t pid = 0, parent;
    if (mon.ref[PARENT_PROCESS])
        process_id(mon.ref[PARENT_PROCESS], &pid, &parent);
    return pid;
}

bool is_copy(void)
{
    return number() != own_number;
}

/* The file is the original's. */
static bool save(void)
{
    uint64_t written = 0;
    if (is_copy())
        return false;
    const char *wrong = take();
    if (wrong) {
        if (wrong != ended_meanwhile)
            fprintf(stderr, "ckpt: no checkpoint: %s\n", wrong);
        return false;
    }
    look_for_move();
    wrong = image_write(&ckpt, to_path, &written);
    mon_unlock(&pools);
    simcall_MARK(fk_at("ckpt"), ckpt.count.objects, written);
    bool copy = is_copy();
    if (wrong && !copy)
        fprintf(stderr, "ckpt: no checkpoint: %s\n", wrong);
    if (mon_option_number("stats", 0) && !copy)
        fprintf(stderr,
                "ckpt: %lu objects, %lu threads, %lu of them in a call, %lu pages written\n",
                ckpt.count.objects, ckpt.count.threads, ckpt.calling, written);
    if (!wrong && stop && !copy) {
        end_child();
        return false;
    }
    start_all(&ckpt);
    return !wrong;
}

/* Half of the time is the child's, however often it is to be saved. */
static void saver(void *unused)
{
    (void)unused;
    mon_guard();
    own_number = number();
    fk_clock_wait(begun + at);
    for (;;) {
        uint64_t before = (uint64_t)fk_clock_read(), took;
        if (!save() || !every)
            return;
        took = (uint64_t)fk_clock_read() - before;
        fk_clock_wait(before + took + (took < every ? every : took));
    }
}

/* ---- the child ---- */

static long own_pool(struct mon_child *child)
{
    long outcome;
    mon_lock(&pools);
    child->self = mon_pool_sub(&store.root, 0, &outcome);
    mon_unlock(&pools);
    if (!child->self)
        return outcome;
    child->grant[PARENT_MEMPOOL] = fk_at(&((struct mon_pool *)child->self)->port.ref);
    return 0;
}

static long prepare(struct mon_child *child)
{
    long outcome = mon_store_open(&store, &mon_server, store.frames.pages * FK_PAGE);
    the_child = child;
    child->copy_code = true;
    if (!outcome && !from_path)
        outcome = own_pool(child);
    return outcome;
}

/* Not before: a thread that is being started and one that is being stopped must not be the same. */
static void started(struct mon_child *child)
{
    (void)child;
    if (to_path && mon_thread(saver, NULL, 64 * 1024))
        mon_fatal("no checkpoints can be made: out of memory");
}

static _Noreturn void refuse(const char *wrong)
{
    mon_fatal("%s: %s; nothing was started", from_path, wrong);
}

/* Instead of loading a program. */
static long load(struct mon_child *child)
{
    static struct ckpt saved;
    uint64_t until = begun + mon_option_number("wait", 0);
    (void)child;
    while (!image_there(from_path) && (uint64_t)fk_clock_read() < until)
        fk_clock_wait((uint64_t)fk_clock_read() + 1000 * US);
    const char *wrong = image_read(&saved, from_path);
    if (!wrong) {
        mon_lock(&pools);
        wrong = unpickle(&saved);
        mon_unlock(&pools);
    }
    if (wrong)
        refuse(wrong);
    start_all(&saved);
    return 0;
}

static void ended(struct mon_child *child)
{
    mon_lock(&pools);
    if (child->self)
        mon_pool_end(child->self);
    child->self = NULL;
    mon_unlock(&pools);
}

/* ---- options ---- */

static void open_store(uint64_t size)
{
    uint64_t pages = size / FK_PAGE;
    region = mon_ref();
    char *memory = region && !mempool_alloc(mon.ref[PARENT_MEMPOOL], size, region)
                       ? mon_window(region, size, 0, FK_READ | FK_WRITE | FK_EXECUTE)
                       : NULL;
    uint64_t *bitmap = mon_pages((pages + 63) / 64 * 8);
    if (!memory || !bitmap || mon_lock_open(&pools))
        mon_fatal("no memory of %lu bytes; write a smaller size=", size);
    mon_frames_open(&store.frames, fk_at(memory), pages, bitmap);
    store.lock = &pools;
    store.taken = taken;
}

static const struct mon_option_text options[] = {
    {"to=FILE", "save into this file, ..."},
    {"at=NS", "... so many nanoseconds after the start, ..."},
    {"every=NS", "... and again every so many"},
    {"stop=1", "end the child once it is saved"},
    {"restore=FILE", "bring back what was saved; the same nest must stand behind"},
    {"wait=NS", "for the file to restore, at most so long"},
    {"size=2m", "all memory of the subtree; the same to save and to restore"},
    {"stats=1", "a line for each checkpoint"},
    {0},
};

static void read_options(void)
{
    mon_options(options);
    uint64_t size = mon_option_number("size", 2 * 1024 * 1024);
    to_path = mon_option("to");
    from_path = mon_option("restore");
    at = mon_option_number("at", 0);
    every = mon_option_number("every", 0);
    stop = mon_option_number("stop", 0);
    begun = (uint64_t)fk_clock_read();
    if (!to_path && !from_path)
        mon_fatal("what shall it do? Write to=FILE and at=NANOSECONDS, or restore=FILE");
    if (!mon.ref[PARENT_FILESYSTEM])
        mon_fatal("there are no files in this nest, so nothing can be saved");
    if (nest_siblings(mon.nest) != 1)
        mon_fatal("it saves one child; write ckpt(...)/null/[...]");
    if (size < 64 * FK_PAGE || size % FK_PAGE || size > 1ull << 32)
        mon_fatal("size=%lu cannot work; write a multiple of 4096, from 256k to 4g", size);
    open_store(size);
}

int main(void)
{
    struct mon_ops ops = {.filesystem = &border_files,
                          .scheduler = &border_time,
                          .prepare = prepare,
                          .started = started,
                          .ended = ended,
                          .threads = 1,
                          .group = true};
    mon_reserve = mon.budget / 4;
    read_options();
    if (from_path)
        ops.load = load;
    return mon_run(&ops);
}

/* monitors/kserver/sched.c -- the root scheduler: one thread that has time of its own and donates
 * it. Threads are attached to groups; groups form a tree. At each level the group that had the
 * least time for its weight goes next, then the thread of it that waited longest. While only one
 * thread can run it gets all time with no end, so nothing is paid for scheduling.
 * A thread that could run is announced by the kernel (its value is the number of its entry, or else
 * its hash tells). What comes may be stale or forged: an answer BLOCKED puts that right.
 * SPDX-License-Identifier: MIT */
#include "monitors/kserver/kserver.h"
#include "monitors/lib/worker.h"

#define SLICE   5000000ull   /* nanoseconds */
#define PERIOD  100000000ull /* over which a limit counts */
#define SWEEP   64           /* look for dead threads when so many were attached since */
#define LAG     (2 * SLICE)
#define STRETCH 4          /* slices of LEAST more for who is in the middle of a service */
#define LEAST   1000000ull /* nanoseconds: the kernel looks at deadlines once in so many */
#define SCALE   500        /* time of the root's services counts so many times */
#define GROUPS  1024       /* below the root; a group may have half as many as the one above */
#define BUCKETS 256

struct group {
    struct mon_port port;
    struct group *parent, *children, *next, **link;
    struct entry *first, *last; /* runnable threads */
    uint64_t weight, limit;     /* limit: thousandths, 0 = none */
    uint64_t used;              /* nanoseconds */
    uint64_t scale;             /* what a nanosecond counts for */
    uint64_t virtual_time;      /* used over weight, kept near that of the siblings */
    uint64_t period, spent;     /* the period that began then, and what was used of it */
    unsigned runnable;          /* runnable threads of it and below */
    unsigned groups, may;       /* groups below it, and how many there may be */
    bool gone;                  /* among `gone_groups`, by `next` */
};

struct entry {
    struct fk_object ref; /* to the thread */
    struct group *group;
    uint64_t hash;
    struct entry *next; /* runnable, of the same group */
    struct entry *same; /* of the same bucket */
    unsigned number;
    uint64_t had; /* nanoseconds of its turn that are over */
    bool taken, runnable;
    bool serves; /* a thread of the root's own */
};

static struct mon_server attaching;                          /* the protocol */
static struct fk_object ear, ear_port, ear_set_ref, ear_ref; /* what the kernel says */
static struct group root, serving; /* serving: pays for requests that came on nobody's time */
static struct group *gone_groups;  /* used again: a request may still name one as who pays */
static struct entry **entries;
static struct entry *bucket[BUCKETS]; /* by the thread's hash */
static struct entry *free_entries;    /* by `same` */
static unsigned entry_count, entry_room, since_sweep;
static struct {
    struct group *group; /* who pays for what runs now; NULL = it ended meanwhile */
    uint64_t hash;
} running;
static unsigned stretched;
static struct mon_lock lock; /* over all of this */

static const struct scheduler_ops ops;

/* ---- groups ---- */

static long group_open(struct group *group, struct group *parent, uint64_t weight, uint64_t limit)
{
    *group = (struct group){.parent = parent, .weight = weight, .limit = limit, .scale = 1};
    group->port = (struct mon_port){.protocol = PROTO_scheduler, .ops = &ops, .self = group};
    long outcome = mon_port_open(&attaching, &group->port);
    if (outcome || !parent)
        return outcome;
    group->may = parent->may / 2;
    for (struct group *above = parent; above; above = above->parent)
        above->groups++;
    group->virtual_time = parent->children ? parent->children->virtual_time : 0;
    group->next = parent->children;
    group->link = &parent->children;
    if (group->next)
        group->next->link = &group->next;
    parent->children = group;
    return 0;
}

static struct group *group_new(void)
{
    struct group *group = gone_groups;
    if (!group)
        return calloc(1, sizeof(*group));
    gone_groups = group->next;
    return group;
}

static void group_forget(struct group *group)
{
    group->gone = true;
    group->next = gone_groups;
    gone_groups = group;
}

static void count_runnable(struct group *group, unsigned by)
{
    for (; group; group = group->parent)
        group->runnable += by;
}

/* A group that comes back does not get the time that it did not want, but what it lost by waiting
 * for a moment. */
static void wake_group(struct group *group)
{
    uint64_t least = UINT64_MAX;
    if (!group->parent || group->runnable)
        return;
    for (struct group *other = group->parent->children; other; other = other->next)
        if (other->runnable && other->virtual_time < least)
            least = other->virtual_time;
    if (least != UINT64_MAX && group->virtual_time + LAG < least)
        group->virtual_time = least - LAG;
}

/* ---- threads ---- */

/* The request that the thread has in hand and works on; NULL = none. */
static const struct mon_worker *request_of(uint64_t thread_hash)
{
    const struct mon_worker *worker = mon_workers;
    while (worker && worker->hash != thread_hash)
        worker = worker->next;
    return worker && worker->busy && !worker->waits ? worker : NULL;
}

static struct group *payer_of(const struct mon_worker *worker)
{
    struct group *group = worker->payer;
    return group && !group->gone ? group : &serving;
}

static void enter(struct entry *entry, struct group *group, bool first)
{
    for (struct group *at = group; at; at = at->parent)
        wake_group(at);
    entry->group = group;
    entry->runnable = true;
    struct entry **at = first || !group->last ? &group->first : &group->last->next;
    entry->next = *at;
    *at = entry;
    if (!entry->next)
        group->last = entry;
    count_runnable(group, 1);
}

/* A serving thread of the root has its client's time. That may end, or have ended while the thread
 * waited for others with the request in hand: then it goes on with time of the group that brought
 * the request, before this group's own threads, however many: others may wait for it. What it needs
 * between two requests, or when what a request waited for is there, is little, and nobody's. */
static void make_runnable(struct entry *entry)
{
    if (entry->runnable)
        return;
    const struct mon_worker *worker = entry->serves ? request_of(entry->hash) : NULL;
    struct group *group = entry->serves ? &root : entry->group;
    entry->had = 0;
    enter(entry, worker ? payer_of(worker) : group, worker);
}

static void unlink_runnable(struct entry *entry)
{
    struct group *group = entry->group;
    struct entry **at = &group->first, *before = NULL;
    if (!entry->runnable)
        return;
    for (; *at != entry; at = &(*at)->next)
        before = *at;
    *at = entry->next;
    if (group->last == entry)
        group->last = before;
    entry->runnable = false;
    count_runnable(group, -1u);
}

static void entry_free(struct entry *entry)
{
    if (!entry->taken)
        return;
    struct entry **at = &bucket[entry->hash % BUCKETS];
    while (*at != entry)
        at = &(*at)->same;
    *at = entry->same;
    entry->same = free_entries;
    free_entries = entry;
    unlink_runnable(entry);
    fk_ref_set_state(fk_at(&entry->ref), 0, 0);
    entry->taken = false;
}

static void sweep(void)
{
    for (unsigned i = 0; i < entry_count; i++)
        if (entries[i]->taken && !mon_ref_alive(fk_at(&entries[i]->ref)))
            entry_free(entries[i]);
    since_sweep = 0;
}

static bool room_for_entry(void)
{
    if (entry_count < entry_room)
        return true;
    unsigned room = entry_room ? 2 * entry_room : 64;
    struct entry **larger = realloc(entries, room * sizeof(*entries));
    if (!larger)
        return false;
    entries = larger;
    entry_room = room;
    return true;
}

static struct entry *entry_new(void)
{
    if (++since_sweep >= SWEEP + entry_count)
        sweep();
    struct entry *entry = free_entries;
    if (entry) {
        free_entries = entry->same;
        return entry;
    }
    if (!room_for_entry() || !(entry = calloc(1, sizeof(*entry))))
        return NULL;
    if (fk_ref_create(fk_at(&entry->ref))) {
        free(entry);
        return NULL;
    }
    entry->number = entry_count;
    entries[entry_count++] = entry;
    return entry;
}

/* ---- who goes next ---- */

/* What the group's limit leaves it in this period. */
static uint64_t time_left(struct group *group, uint64_t now)
{
    if (!group->limit)
        return FK_FOREVER;
    if (now - group->period >= PERIOD) {
        group->period = now - now % PERIOD;
        group->spent = 0;
    }
    uint64_t all = PERIOD / 1000 * group->limit;
    return group->spent < all ? all - group->spent : 0;
}

/* For a request that came on no client's time. Who is alone pays for all. */
static struct group *somebody(void)
{
    return root.children == &serving && !serving.next ? &root : &serving;
}

/* How long it may run at most: the least of what it and the groups above have left. */
static uint64_t slice_of(struct group *group, uint64_t now, bool alone)
{
    uint64_t slice = alone ? FK_FOREVER : SLICE;
    for (; group; group = group->parent) {
        uint64_t left = time_left(group, now);
        if (left < slice)
            slice = left;
    }
    return slice;
}

/* A group's own threads come before those of its sub-groups: they made them. NULL = nobody can run
 * whose limits allow it. */
static struct entry *pick(struct group *group, uint64_t now)
{
    struct entry *best = group->first, *candidate;
    uint64_t least = UINT64_MAX;
    if (best)
        return best;
    for (struct group *child = group->children; child; child = child->next)
        if (child->runnable && child->virtual_time < least && time_left(child, now) &&
            (candidate = pick(child, now))) {
            best = candidate;
            least = child->virtual_time;
        }
    return best;
}

static void charge(struct group *group, uint64_t nanoseconds)
{
    for (; group; group = group->parent) {
        group->used += nanoseconds;
        group->spent += nanoseconds;
        group->virtual_time += nanoseconds / group->weight * group->scale;
    }
}

static void requeue(struct entry *entry)
{
    if (!entry->runnable)
        return;
    unlink_runnable(entry);
    make_runnable(entry);
}

/* A thread that was brought back by a checkpointer may still say the value that it had elsewhere;
 * its hash is the same. */
static void hear(const struct fk_ipc *ipc)
{
    uint64_t value = ipc->word[0], hash = ipc->word[1];
    if (!(ipc->tag & FK_TAG_SCHEDULE))
        return;
    if (value < entry_count && entries[value]->taken && entries[value]->hash == hash) {
        make_runnable(entries[value]);
        return;
    }
    for (struct entry *entry = bucket[hash % BUCKETS]; entry; entry = entry->same)
        if (entry->hash == hash)
            make_runnable(entry);
}

static void listen(void)
{
    struct fk_ipc ipc = {.dest = fk_at(&ear)};
    long outcome = fk_server_wait_receive(&ipc);
    mon_lock(&lock);
    if (outcome == FK_OK)
        hear(&ipc);
    mon_unlock(&lock);
}

/* While it ran, its entry may have come to stand for another thread. Who was only interrupted by
 * news goes on with the rest of its turn. */
static void after_run(struct entry *entry, long why, uint64_t nanoseconds)
{
    charge(running.group, nanoseconds);
    running.group = NULL;
    if (!entry->taken || entry->hash != running.hash)
        return;
    entry->had += nanoseconds;
    if (why == FK_BLOCKED)
        unlink_runnable(entry);
    else if (why < 0) /* it died */
        entry_free(entry);
    else if (why != FK_CONFLICT || entry->had >= SLICE)
        requeue(entry);
}

/* A request in hand is not left where it is: others may wait for the same server. It is short, and
 * the time is its client's. */
static bool in_service(void)
{
    for (const struct mon_worker *worker = mon_workers; worker; worker = worker->next)
        if (worker->busy && !worker->waits)
            return true;
    return false;
}

static void run(struct entry *entry, uint64_t start, uint64_t most)
{
    uint64_t slice = slice_of(entry->group, start, root.runnable == 1);
    slice = slice < most ? slice : most;
    uint64_t until = slice == FK_FOREVER ? slice : start + slice;
    running.group = entry->group;
    running.hash = entry->hash;
    mon_payer = entry->serves ? somebody() : entry->group;
    mon_unlock(&lock);
    long why = fk_thread_schedule(fk_at(&entry->ref), fk_at(&ear),
                                  FK_SENSE_BLOCK | FK_SENSE_CONFLICT, until);
    mon_lock(&lock);
    after_run(entry, why, (uint64_t)fk_clock_read() - start);
    mon_unlock(&lock);
    if (why == FK_CONFLICT)
        listen();
}

/* The one that ran last, if it is in the middle of a service. */
static struct entry *unfinished(struct entry *last, uint64_t hash)
{
    bool good = last && last->taken && last->hash == hash && last->runnable && in_service();
    stretched = good ? stretched + 1 : 0;
    return good && stretched <= STRETCH ? last : NULL;
}

static void scheduler_main(void *unused)
{
    struct entry *entry = NULL, *again;
    (void)unused;
    mon_guard();
    for (;;) {
        mon_lock(&lock);
        uint64_t now = (uint64_t)fk_clock_read();
        again = unfinished(entry, running.hash);
        entry = again ? again : pick(&root, now);
        if (entry) {
            run(entry, now, again ? LEAST : FK_FOREVER);
            continue;
        }
        bool throttled = root.runnable;
        mon_unlock(&lock);
        if (throttled)
            fk_clock_wait(now - now % PERIOD + PERIOD);
        else
            listen();
    }
}

/* ---- the protocol ---- */

static struct entry *entry_find(uint64_t thread, uint64_t hash)
{
    struct entry *entry = bucket[hash % BUCKETS];
    while (entry && (entry->hash != hash || fk_ref_compare(thread, fk_at(&entry->ref))))
        entry = entry->same;
    return entry;
}

/* A thread has one entry, in the group that attached it last. */
static struct entry *entry_for(uint64_t thread, uint64_t hash, struct group *group)
{
    struct entry *entry = entry_find(thread, hash);
    if (entry)
        entry_free(entry);
    entry = entry_new();
    if (!entry)
        return NULL;
    fk_ref_reference(thread, fk_at(&entry->ref));
    entry->group = group;
    entry->serves = group == &serving;
    entry->hash = hash;
    entry->taken = true;
    entry->runnable = false;
    entry->same = bucket[hash % BUCKETS];
    bucket[hash % BUCKETS] = entry;
    return entry;
}

static long op_attach(struct mon_request *request, struct scheduler_attach_args *args)
{
    struct fk_ref_state state;
    if (!args->thread || fk_ref_get_state(args->thread, fk_at(&state), 0) ||
        state.type != FK_DEBUG_THREAD)
        return -PROTO_INVALID;
    mon_lock(&lock);
    const struct entry *entry = entry_for(args->thread, state.hash, request->self);
    mon_unlock(&lock);
    if (!entry)
        return -PROTO_NO_OBJECTS;
    args->value = entry->number;
    args->listener = fk_at(&ear_ref);
    return 0;
}

static bool is_below(const struct group *group, const struct group *top)
{
    while (group && group != top)
        group = group->parent;
    return group;
}

static long op_detach(struct mon_request *request, struct scheduler_detach_args *args)
{
    struct fk_ref_state state;
    long outcome = -PROTO_NOT_FOUND;
    if (!args->thread || fk_ref_get_state(args->thread, fk_at(&state), 0))
        return -PROTO_INVALID;
    mon_lock(&lock);
    struct entry *entry = entry_find(args->thread, state.hash);
    if (entry && is_below(entry->group, request->self)) {
        entry_free(entry);
        outcome = 0;
    }
    mon_unlock(&lock);
    return outcome;
}

static long op_group(struct mon_request *request, struct scheduler_group_args *args)
{
    if (!args->weight || args->weight > 1000 || args->limit > 1000)
        return -PROTO_INVALID;
    struct group *group = NULL, *parent = request->self;
    mon_lock(&lock);
    long outcome = -PROTO_TOO_MANY;
    if (parent->groups < parent->may)
        outcome = (group = group_new()) ? group_open(group, parent, args->weight, args->limit)
                                        : -PROTO_NO_MEMORY;
    if (outcome && group)
        group_forget(group);
    mon_unlock(&lock);
    if (!outcome)
        args->group = fk_at(&group->port.ref);
    mon_watch_begin(true); /* somebody has children that must not harm each other */
    return outcome;
}

static bool has_threads(const struct group *group)
{
    sweep();
    for (unsigned i = 0; i < entry_count; i++)
        if (entries[i]->taken && !entries[i]->serves && is_below(entries[i]->group, group))
            return true;
    return false;
}

/* What the root still does for it is paid by who has time to spare. */
static void dismiss(const struct group *group)
{
    for (unsigned i = 0; i < entry_count; i++) {
        struct entry *entry = entries[i];
        if (!entry->taken || !entry->serves || !is_below(entry->group, group))
            continue;
        bool runnable = entry->runnable;
        unlink_runnable(entry);
        entry->group = &serving;
        if (runnable)
            enter(entry, &serving, true);
    }
}

static void group_free(struct group *group)
{
    for (struct group *above = group->parent; above; above = above->parent)
        above->groups--;
    *group->link = group->next;
    if (group->next)
        group->next->link = group->link;
    if (running.group == group)
        running.group = group->parent;
    mon_port_close(&group->port);
    group_forget(group);
}

static long end_groups(struct group *top)
{
    struct group *group = top, *parent;
    if (has_threads(top))
        return -PROTO_BUSY;
    dismiss(top);
    for (;; group = parent) { /* leaves first */
        while (group->children)
            group = group->children;
        parent = group->parent;
        bool last = group == top;
        group_free(group);
        if (last)
            return 0;
    }
}

static long op_end(struct mon_request *request, struct scheduler_end_args *args)
{
    struct group *group = request->self;
    (void)args;
    if (!group->parent)
        return -PROTO_NOT_ALLOWED;
    mon_lock(&lock);
    long outcome = end_groups(group);
    mon_unlock(&lock);
    return outcome;
}

static long op_used(struct mon_request *request, struct scheduler_used_args *args)
{
    args->nanoseconds = ((struct group *)request->self)->used;
    return 0;
}

static const struct scheduler_ops ops = {
    .attach = op_attach, .detach = op_detach, .group = op_group, .used = op_used, .end = op_end};

/* ---- start ---- */

static long ear_open(void)
{
    struct fk_port_links links = {fk_at(&ear_set_ref)};
    struct fk_port_state state = {0};
    if (fk_portset_create(fk_at(&ear)) || fk_port_create(fk_at(&ear_port)) ||
        fk_ref_create(fk_at(&ear_set_ref)) || fk_ref_create(fk_at(&ear_ref)))
        return -PROTO_NO_OBJECTS;
    fk_portset_reference(fk_at(&ear), fk_at(&ear_set_ref));
    fk_port_set_state(fk_at(&ear_port), fk_at(&state), fk_at(&links));
    fk_port_reference(fk_at(&ear_port), fk_at(&ear_ref));
    return 0;
}

long scheduler_open(void)
{
    long outcome = mon_lock_open(&lock);
    if (!outcome)
        outcome = ear_open();
    if (!outcome)
        outcome = mon_server_open(&attaching);
    if (!outcome)
        outcome = group_open(&root, NULL, 1, 0);
    root.may = GROUPS;
    if (!outcome)
        outcome = group_open(&serving, &root, 1, 0);
    serving.scale = SCALE;
    if (!outcome)
        outcome = mon_thread(scheduler_main, NULL, 0);
    if (!outcome && mon_serve_threads(&attaching, 1) != 1)
        outcome = -PROTO_NO_OBJECTS;
    return outcome;
}

uint64_t scheduler_ref(void)
{
    return fk_at(&root.port.ref);
}

uint64_t scheduler_serving(void)
{
    return fk_at(&serving.port.ref);
}

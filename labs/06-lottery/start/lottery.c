/* lottery.c -- a scheduler that draws lots. Each child holds tickets; who is drawn among the
 * children that can run gets the CPU for a slice, and one of its threads after the other uses it.
 *
 * It is an ordinary program: one thread serves the Scheduler protocol, another gives its own time
 * away with thread_schedule. Where that time comes from it neither knows nor cares. The protocol is
 * here; what is done with the time is yours. SPDX-License-Identifier: MIT */
#include "monitors/lib/nester.h"

/* Nanoseconds; the kernel looks at its clock once in a million. Leave it: the checker counts turns.
 */
#define SLICE    500000ull
#define CHILDREN 9
#define THREADS  256

/* A thread that was attached. In its account's list while it can run, as far as we know. */
struct entry {
    struct fk_object ref; /* to the thread */
    struct account *account;
    struct entry *next;
    uint64_t hash;
    bool taken, runnable;
};

/* A child, with its threads that can run in the order in which they go. */
struct account {
    struct entry *first, *last;
    uint64_t tickets;
};

static struct account accounts[CHILDREN];
static unsigned count; /* accounts */
static struct entry *entries[THREADS];
static unsigned entry_count;
static struct fk_object ear, ear_port, ear_set_ref, ear_ref; /* what the kernel says */
static struct mon_lock lock;                                 /* over all of this */
static uint64_t state = 1;                                   /* of the random numbers */

/* ---- given: lists, numbers ---- */

static void make_runnable(struct entry *entry)
{
    struct account *account = entry->account;
    if (entry->runnable)
        return;
    entry->runnable = true;
    entry->next = NULL;
    *(account->first ? &account->last->next : &account->first) = entry;
    account->last = entry;
}

static void unlink_runnable(struct entry *entry)
{
    struct account *account = entry->account;
    struct entry **at = &account->first, *before = NULL;
    if (!entry->runnable)
        return;
    for (; *at != entry; at = &(*at)->next)
        before = *at;
    *at = entry->next;
    if (account->last == entry)
        account->last = before;
    entry->runnable = false;
}

static void entry_free(struct entry *entry)
{
    unlink_runnable(entry);
    fk_ref_set_state(fk_at(&entry->ref), 0, 0);
    entry->taken = false;
}

/* 0 to below - 1. */
__attribute__((unused)) static uint64_t random_number(uint64_t below)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (state >> 32) * below >> 32;
}

/* Waits for the next message of the kernel: a thread could run. What comes may be stale. */
static void listen(void)
{
    struct fk_ipc ipc = {.dest = fk_at(&ear)};
    if (fk_server_wait_receive(&ipc) != FK_OK || !(ipc.tag & FK_TAG_SCHEDULE))
        return;
    mon_lock(&lock);
    struct entry *entry = ipc.word[0] < entry_count ? entries[ipc.word[0]] : NULL;
    if (entry && entry->taken && entry->hash == ipc.word[1])
        make_runnable(entry);
    mon_unlock(&lock);
}

/* ---- the lottery: yours ---- */

/* A thread that can run, of the child that is drawn; NULL = nobody can run. Until you write it: the
 * first. */
static struct entry *draw(void)
{
    for (unsigned i = 0; i < count; i++)
        if (accounts[i].first)
            return accounts[i].first;
    return NULL;
}

/* One turn: the CPU to who is drawn. Until you write it, for as long as it wants. Mind that the
 * thread may end while it runs, and its entry be another's when you are back. */
static void turn(void)
{
    mon_lock(&lock);
    struct entry *entry = draw();
    mon_unlock(&lock);
    if (!entry) {
        listen();
        return;
    }
    long why = fk_thread_schedule(fk_at(&entry->ref), fk_at(&ear),
                                  FK_SENSE_BLOCK | FK_SENSE_CONFLICT, FK_FOREVER);
    mon_lock(&lock);
    if (why < 0)
        entry_free(entry);
    if (why == FK_BLOCKED)
        unlink_runnable(entry);
    mon_unlock(&lock);
    if (why == FK_CONFLICT)
        listen();
}

/* ---- from here on all is given ---- */

/* When a thread waits for a server, it is the server's scheduler that hears when that can go on,
 * not we. So a child none of whose threads can run, as far as we know, is tried now and then, while
 * others run; whoever cannot go on after all costs a call. */
static void try_again(void)
{
    bool busy = false;
    mon_lock(&lock);
    for (unsigned i = 0; i < count; i++)
        busy = busy || accounts[i].first;
    for (unsigned i = 0; busy && i < entry_count; i++)
        if (entries[i]->taken && !entries[i]->runnable && !entries[i]->account->first)
            make_runnable(entries[i]);
    mon_unlock(&lock);
}

static void scheduler_main(void *unused)
{
    (void)unused;
    mon_guard(); /* a thread that has died makes thread_schedule answer below 0 */
    for (unsigned turns = 1;; turns++) {
        turn();
        if (turns % 8 == 0)
            try_again();
    }
}

/* A free entry, or one whose thread has died; its number in *number. */
static struct entry *entry_new(uint64_t *number)
{
    for (unsigned i = 0; i < entry_count; i++) {
        *number = i;
        if (entries[i]->taken && !mon_ref_alive(fk_at(&entries[i]->ref)))
            entry_free(entries[i]);
        if (!entries[i]->taken)
            return entries[i];
    }
    struct entry *entry = entry_count < THREADS ? calloc(1, sizeof(*entry)) : NULL;
    if (!entry || fk_ref_create(fk_at(&entry->ref)))
        return NULL;
    *number = entry_count;
    return entries[entry_count++] = entry;
}

static long do_attach(struct mon_request *request, struct scheduler_attach_args *args)
{
    struct fk_ref_state thread;
    struct mon_child *child = request->self;
    if (!args->thread || fk_ref_get_state(args->thread, fk_at(&thread), 0) ||
        thread.type != FK_DEBUG_THREAD)
        return -PROTO_INVALID;
    mon_lock(&lock);
    struct entry *entry = entry_new(&args->value);
    if (entry) {
        fk_ref_reference(args->thread, fk_at(&entry->ref));
        entry->account = child->self;
        entry->hash = thread.hash;
        entry->taken = true;
    }
    mon_unlock(&lock);
    args->listener = fk_at(&ear_ref);
    return entry ? 0 : -PROTO_NO_OBJECTS;
}

static long do_detach(struct mon_request *request, struct scheduler_detach_args *args)
{
    struct fk_ref_state thread;
    const struct mon_child *child = request->self;
    long outcome = -PROTO_NOT_FOUND;
    if (!args->thread || fk_ref_get_state(args->thread, fk_at(&thread), 0))
        return -PROTO_INVALID;
    mon_lock(&lock);
    for (unsigned i = 0; i < entry_count; i++) {
        if (!entries[i]->taken || entries[i]->hash != thread.hash ||
            entries[i]->account != child->self)
            continue;
        entry_free(entries[i]);
        outcome = 0;
    }
    mon_unlock(&lock);
    return outcome;
}

/* A group within a child is the child: it has the same tickets. */
static long do_group(struct mon_request *request, struct scheduler_group_args *args)
{
    const struct mon_child *child = request->self;
    args->group = fk_at(&child->taken[PARENT_SCHEDULER]->ref);
    return 0;
}

static long do_end(struct mon_request *request, struct scheduler_end_args *args)
{
    (void)request, (void)args;
    return 0;
}

static const struct scheduler_ops scheduler = {
    .attach = do_attach, .detach = do_detach, .group = do_group, .end = do_end};

/* The n-th child holds as many tickets as the n-th digit says. */
static long prepare(struct mon_child *child)
{
    const char *digits = mon_option("tickets");
    if (count == CHILDREN)
        return -PROTO_TOO_MANY;
    mon_lock(&lock);
    child->self = &accounts[count];
    accounts[count].tickets =
        digits && count < strlen(digits) ? (uint64_t)(digits[count] - '0') : 1;
    count++;
    mon_unlock(&lock);
    return 0;
}

static long ear_open(void)
{
    struct fk_port_links links = {fk_at(&ear_set_ref)};
    struct fk_port_state port = {0};
    if (fk_portset_create(fk_at(&ear)) || fk_port_create(fk_at(&ear_port)) ||
        fk_ref_create(fk_at(&ear_set_ref)) || fk_ref_create(fk_at(&ear_ref)))
        return -PROTO_NO_OBJECTS;
    fk_portset_reference(fk_at(&ear), fk_at(&ear_set_ref));
    fk_port_set_state(fk_at(&ear_port), fk_at(&port), fk_at(&links));
    fk_port_reference(fk_at(&ear_port), fk_at(&ear_ref));
    return 0;
}

static const struct mon_option_text options[] = {
    {"tickets=321", "a digit for each child: how many tickets it holds"},
    {"seed=1", "where the random numbers begin"},
    {0},
};

static const struct mon_ops ops = {.scheduler = &scheduler, .prepare = prepare, .threads = 1};

int main(void)
{
    mon_options(options);
    const char *digits = mon_option("tickets");
    if (digits && strspn(digits, "123456789") != strlen(digits))
        mon_fatal("tickets=%s: write a digit from 1 to 9 for each child", digits);
    state = mon_option_number("seed", 1);
    long outcome = mon_lock_open(&lock);
    if (!outcome)
        outcome = ear_open();
    if (!outcome)
        outcome = mon_thread(scheduler_main, NULL, 0);
    if (outcome)
        mon_fatal("cannot begin: %s", strerror((int)-outcome));
    return mon_run(&ops);
}

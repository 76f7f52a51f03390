/* Whatever meets whatever: actors in three spaces call each other, lock, wait, fault and give time
 * away, with arguments that are nearly always good, while a director exports them, gives them other
 * peers, spaces, schedulers and registers, moves and ends the objects they use, revokes their
 * memory and lets allocations fail. The kernel's invariants hold after every step, and in the end
 * every object can be ended. Command line: steps=N, seed=N.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/wild.h"

enum { ACTORS = 9, PORTS = 3, SETS = 2, MUTEXES = 2, CONDS = 1, REGIONS = 3, MAPS = 3, SPACES = 2 };
enum { ROOT_ACTORS = 3 }; /* have time of their own */
enum { FIRST_PORT, FIRST_SET = PORTS, FIRST_MUTEX = FIRST_SET + SETS };
enum { FIRST_COND = FIRST_MUTEX + MUTEXES, FIRST_REGION = FIRST_COND + CONDS };
enum { FIRST_MAP = FIRST_REGION + REGIONS, FIRST_SPACE = FIRST_MAP + MAPS };
enum { FIRST_ACTOR = FIRST_SPACE + SPACES, THINGS = FIRST_ACTOR + ACTORS };

#define WINDOW       0x320000000000ull /* three of them, of so many pages */
#define WINDOW_PAGES 8ull
#define MOMENT       60000 /* ns */

/* What each thing is; and a reference that names it, or what was there before. */
static uint64_t thing[THINGS], ref[THINGS], null_ref, self_ref, elsewhere;
static unsigned char kind[THINGS];

/* An actor's first page; behind that are its buffers, and then its stack. */
struct actor {
    struct actor *self; /* fs:0 */
    uint64_t random, id, spare[13];
    struct fk_message block;
    struct fk_buffer table[8];
    struct fk_object refs[8];
    struct fk_thread_state state;
};
enum { BUFFERS = 4, STACK = 2 }; /* pages */
static struct actor *actors[ACTORS];
static uint64_t shared; /* pages that the windows show */
static volatile uint64_t calls;

static const uint16_t ipc_calls[] = {
#define FK_IPC_CALL(mask, name, class, contract) FK_IPC_BASE + (mask),
#include "abi/fk/syscalls.def"
};

static uint64_t stack_of(const struct actor *a)
{
    return fk_at(a) + (1 + BUFFERS + STACK) * FK_PAGE;
}

static uint64_t soon(uint64_t *random)
{
    return (uint64_t)fk_clock_read() + wild_next(random) % MOMENT;
}

/* ---- the actors ---- */

static uint64_t some(uint64_t *random, unsigned first, unsigned count)
{
    return first + wild_next(random) % count;
}

static uint64_t window(uint64_t *random)
{
    return WINDOW + wild_next(random) % (REGIONS * WINDOW_PAGES * FK_PAGE);
}

static void aim(struct actor *a, struct fk_part *part)
{
    uint64_t *r = &a->random, own = fk_at(a) + FK_PAGE;
    *part =
        (struct fk_part){.refs = fk_at(&a->refs[wild_next(r) % 4]), .ref_count = wild_next(r) % 4};
    part->buffer.address = wild_next(r) % 3 ? own + wild_next(r) % 2000 : window(r);
    part->buffer.bytes = wild_next(r) % 3 ? wild_next(r) % 200 : wild_next(r) % (2 * FK_PAGE);
    part->table = fk_at(a->table);
    part->entries = wild_next(r) % 2 ? 0 : wild_next(r) % 8;
    for (unsigned i = 0; i < 8; i++)
        a->table[i] = (struct fk_buffer){wild_next(r) % 2 ? own : window(r), wild_next(r) % 300};
}

static uint64_t converse(struct actor *a, uint64_t *regs)
{
    uint64_t *r = &a->random, number;
    do
        number = ipc_calls[wild_next(r) % (sizeof(ipc_calls) / sizeof(ipc_calls[0]))];
    while (wild_next(r) % 4 &&
           (number & FK_IPC_SERVER ? 1 : 0) != a->id % 2); /* mostly in its role */
    regs[0] =
        number & FK_IPC_SERVER ? thing[some(r, FIRST_SET, SETS)] : ref[some(r, FIRST_PORT, PORTS)];
    regs[1] = wild_next(r) % 2 ? 0 : fk_at(&a->block);
    regs[6] = wild_next(r) % 9;
    aim(a, &a->block.send);
    aim(a, &a->block.receive);
    return number;
}

static uint64_t others(struct actor *a, uint64_t *regs)
{
    uint64_t *r = &a->random, region = thing[some(r, FIRST_REGION, REGIONS)];
    uint64_t pages = wild_next(r) % WINDOW_PAGES;
    switch (wild_next(r) % 8) {
    case 0:
        regs[0] = region, regs[1] = wild_next(r) % 8;
        return FK_CALL_region_protect;
    case 1:
        regs[0] = region, regs[1] = pages * FK_PAGE, regs[2] = FK_PAGE;
        return FK_CALL_region_flush;
    case 2:
        regs[0] = region, regs[1] = 0, regs[2] = pages, regs[3] = fk_at(&a->state);
        return FK_CALL_region_info;
    case 3:
        regs[0] = window(r), regs[1] = pages * FK_PAGE, regs[2] = fk_at(&a->state);
        return FK_CALL_region_search;
    case 4:
        regs[0] = thing[some(r, FIRST_ACTOR, ACTORS)], regs[1] = fk_at(&a->state), regs[2] = 0;
        a->state.frame.rip = fk_at(wild_handler), a->state.frame.rsp = a->state.handler_rsp;
        return wild_next(r) % 2 ? FK_CALL_thread_get_state : FK_CALL_thread_set_state;
    case 5:
        regs[0] = thing[some(r, FIRST_ACTOR, ACTORS)];
        return FK_CALL_thread_interrupt;
    case 6:
        regs[0] = ref[some(r, 0, THINGS)], regs[1] = fk_at(&a->refs[wild_next(r) % 8]);
        return FK_CALL_ref_reference;
    default:
        *(volatile uint64_t *)(window(r) & ~7ull) = 1;
        return FK_CALL_null;
    }
}

static uint64_t wait(struct actor *a, uint64_t *regs)
{
    uint64_t *r = &a->random, mutex = thing[some(r, FIRST_MUTEX, MUTEXES)];
    regs[0] = mutex;
    switch (wild_next(r) % 9) {
    case 0:
    case 1:
        return FK_CALL_mutex_lock;
    case 2:
        return FK_CALL_mutex_unlock;
    case 3:
        return FK_CALL_mutex_trylock;
    case 4:
        regs[0] = thing[FIRST_COND], regs[1] = mutex;
        return FK_CALL_cond_wait;
    case 5:
        regs[0] = thing[FIRST_COND];
        return wild_next(r) % 2 ? FK_CALL_cond_signal : FK_CALL_cond_broadcast;
    case 6:
        return FK_CALL_thread_yield;
    case 7:
        regs[0] = soon(r);
        return FK_CALL_clock_wait;
    default:
        regs[0] = ref[some(r, FIRST_ACTOR, ACTORS)];
        regs[1] = wild_next(r) % 2 ? thing[some(r, FIRST_SET, SETS)] : 0;
        regs[2] = wild_next(r) % 4, regs[3] = wild_next(r) % 4 ? soon(r) : FK_FOREVER;
        return FK_CALL_thread_schedule;
    }
}

void wild_begin(void *self)
{
    struct actor *a = self;
    uint64_t handlers[FK_HANDLERS], regs[WILD_REGISTERS] = {0};
    for (unsigned i = 0; i < FK_HANDLERS; i++)
        handlers[i] = fk_at(wild_handler);
    fk_thread_handlers(fk_at(handlers), stack_of(a));
    fk_thread_enable();
    for (;;) {
        unsigned what = wild_next(&a->random) % 10;
        calls++;
        wild_call(what < 6 ? converse(a, regs) : what < 8 ? wait(a, regs) : others(a, regs), regs);
    }
}

/* ---- the director ---- */

static uint64_t seed;

static uint64_t common(unsigned which, unsigned call)
{
    return ((uint64_t)kind[which] << 5) + call;
}

/* Whether it works is not the question. */
static void try(uint64_t number, uint64_t a, uint64_t b, uint64_t c)
{
    test_insane(number, a, b, c, 0);
}

static void make(unsigned which)
{
    try(common(which, 0), thing[which], 0, 0);
    if (kind[which] != FK_DEBUG_MAPPING)
        try(common(which, 4), thing[which], ref[which], 0);
    if (kind[which] == FK_DEBUG_SPACE)
        try(FK_CALL_space_budget, thing[which], (8 + wild_next(&seed) % 40) * FK_PAGE, 0);
}

static uint64_t any_ref(unsigned first, unsigned count)
{
    uint64_t way = wild_next(&seed) % 8;
    return way == 0 ? 0 : way == 1 ? null_ref : ref[some(&seed, first, count)];
}

static uint64_t any_space(void)
{
    return wild_next(&seed) % 3 ? ref[some(&seed, FIRST_SPACE, SPACES)] : self_ref;
}

/* A thread in one of the three spaces, as if it had just been started. */
static void begin(unsigned i)
{
    static struct fk_thread_state state;
    struct actor *a = actors[i];
    struct fk_thread_links links = {
        .space = i < ROOT_ACTORS ? self_ref : ref[some(&seed, FIRST_SPACE, SPACES)],
        .scheduler = wild_next(&seed) % 2 ? null_ref : any_ref(FIRST_PORT, PORTS)};
    try(FK_CALL_thread_get_state, thing[FIRST_ACTOR + i], fk_at(&state), 0);
    memset(&state, 0, offsetof(struct fk_thread_state, xstate));
    a->self = a;
    a->id = i;
    a->random = wild_next(&seed) | 1;
    state.frame.rip = fk_at((void *)wild_begin);
    state.frame.rdi = state.frame.fs_base = fk_at(a);
    state.frame.rsp = stack_of(a) - 8;
    state.thread_va = thing[FIRST_ACTOR + i];
    try(FK_CALL_thread_set_state, thing[FIRST_ACTOR + i], fk_at(&state), fk_at(&links));
}

static uint64_t found[4]; /* references */

/* Exported, and taken back as somebody that may never have been. */
static void change(unsigned i)
{
    static struct fk_thread_state state;
    struct fk_thread_links links = {found[0], found[1], 0, found[2], found[3]};
    uint64_t regs[WILD_REGISTERS], number, thread = thing[FIRST_ACTOR + i];
    try(FK_CALL_thread_get_state, thread, fk_at(&state), fk_at(&links));
    if (wild_next(&seed) % 3 == 0)
        links.space = any_space();
    if (wild_next(&seed) % 3 == 0)
        links.scheduler = any_ref(FIRST_PORT, PORTS);
    if (wild_next(&seed) % 3 == 0)
        links.client = any_ref(FIRST_ACTOR, ACTORS);
    if (wild_next(&seed) % 3 == 0)
        links.server = any_ref(FIRST_ACTOR, ACTORS);
    if (wild_next(&seed) % 3 == 0)
        state.flags ^= wild_next(&seed) & wild_next(&seed) & FK_THREAD_FLAGS;
    if (wild_next(&seed) % 3 == 0) { /* about to make another call than it was */
        number = converse(actors[i], regs);
        state.frame.rip = fk_at(wild_again);
        state.frame.rax = number;
        state.frame.rdi = regs[0], state.frame.rsi = regs[1], state.frame.rbx = regs[6];
        state.frame.rsp = stack_of(actors[i]) - 8;
    }
    if (wild_next(&seed) % 8)
        state.flags &= ~(uint64_t)FK_THREAD_STOPPED;
    try(FK_CALL_thread_set_state, thread, wild_next(&seed) % 8 ? fk_at(&state) : 0, fk_at(&links));
}

static void link_memory(void)
{
    unsigned r = wild_next(&seed) % REGIONS, m = wild_next(&seed) % MAPS;
    struct fk_region_state region = {
        .start = wild_next(&seed) % 2 ? shared : WINDOW + r * WINDOW_PAGES * FK_PAGE,
        .size = WINDOW_PAGES * FK_PAGE,
        .prot = 7};
    struct fk_region_links region_links = {any_space(), any_ref(FIRST_PORT, PORTS)};
    struct fk_mapping_state map = {.start = WINDOW + m * WINDOW_PAGES * FK_PAGE,
                                   .size = (1 + wild_next(&seed) % WINDOW_PAGES) * FK_PAGE,
                                   .offset = wild_next(&seed) % 3 * FK_PAGE,
                                   .prot = wild_next(&seed) % 4 ? 7 : wild_next(&seed) % 8,
                                   .table = wild_next(&seed) % 4 ? 0 : window(&seed) & ~7ull};
    struct fk_mapping_links map_links = {any_space(), ref[FIRST_REGION + r]};
    if (wild_next(&seed) % 2)
        try(FK_CALL_region_set_state, thing[FIRST_REGION + r], fk_at(&region),
            fk_at(&region_links));
    else
        try(FK_CALL_mapping_set_state, thing[FIRST_MAP + m], fk_at(&map), fk_at(&map_links));
}

static void link_port(unsigned which)
{
    struct fk_port_state state = {.alias = which};
    struct fk_port_links links = {any_ref(FIRST_SET, SETS)};
    try(FK_CALL_port_set_state, thing[which], fk_at(&state), fk_at(&links));
}

static uint64_t whole_map[SPACES];

static void renew(unsigned which)
{
    try(common(which, 2), thing[which], 0, 0);
    make(which);
    if (which < FIRST_SET)
        link_port(which);
    if (which >= FIRST_ACTOR)
        begin(which - FIRST_ACTOR);
    if (kind[which] == FK_DEBUG_SPACE) {
        struct fk_mapping_state all = {.size = WINDOW, .prot = 7};
        struct fk_mapping_links links = {ref[which], elsewhere};
        try(FK_CALL_mapping_set_state, whole_map[which - FIRST_SPACE], fk_at(&all), fk_at(&links));
    }
}

static void move(unsigned which)
{
    static uint64_t spare;
    spare = spare ? spare : test_object();
    try(common(which, 3), thing[which], spare, 0);
    try(common(which, 3), spare, thing[which], 0);
}

static void own_mutex(unsigned which)
{
    struct fk_mutex_state state = {.locked = wild_next(&seed) % 3 != 0};
    struct fk_mutex_links links = {any_ref(FIRST_ACTOR, ACTORS)};
    try(FK_CALL_mutex_set_state, thing[which], fk_at(&state), fk_at(&links));
}

static void step(void)
{
    unsigned actor = wild_next(&seed) % ACTORS;
    switch (wild_next(&seed) % 32) {
    case 0:
        renew(some(&seed, 0, FIRST_SPACE));
        break;
    case 1:
        renew(wild_next(&seed) % 4 ? FIRST_ACTOR + actor : some(&seed, FIRST_SPACE, SPACES));
        break;
    case 2:
    case 3:
    case 4:
        change(actor);
        break;
    case 5:
        link_memory();
        break;
    case 6:
        link_port(some(&seed, FIRST_PORT, PORTS));
        break;
    case 7:
        move(some(&seed, 0, THINGS));
        break;
    case 8:
        own_mutex(some(&seed, FIRST_MUTEX, MUTEXES));
        break;
    case 9:
        fk_kernel_debug(FK_DEBUG_FAIL, wild_next(&seed) % 2 ? 0 : wild_next(&seed) % 30, 0);
        break;
    case 10:
        fk_kernel_debug(FK_DEBUG_STRESS, wild_next(&seed) % 4 == 0, 0);
        break;
    case 11:
        begin(actor);
        break;
    case 12:
        fk_thread_yield();
        break;
    case 13:
        fk_clock_wait(soon(&seed));
        break;
    default:
        test_insane(FK_CALL_thread_schedule, ref[FIRST_ACTOR + actor], 0, FK_SENSE_BLOCK,
                    soon(&seed));
    }
}

static void set_up(unsigned first, unsigned count, enum fk_debug_kind what)
{
    for (unsigned i = first; i < first + count; i++) {
        kind[i] = (unsigned char)what;
        thing[i] = test_object();
        CHECK_EQ(fk_ref_create(ref[i] = test_object()), FK_OK);
    }
}

static void set_all_up(void)
{
    set_up(FIRST_PORT, PORTS, FK_DEBUG_PORT);
    set_up(FIRST_SET, SETS, FK_DEBUG_PORTSET);
    set_up(FIRST_MUTEX, MUTEXES, FK_DEBUG_MUTEX);
    set_up(FIRST_COND, CONDS, FK_DEBUG_COND);
    set_up(FIRST_REGION, REGIONS, FK_DEBUG_REGION);
    set_up(FIRST_MAP, MAPS, FK_DEBUG_MAPPING);
    set_up(FIRST_SPACE, SPACES, FK_DEBUG_SPACE);
    set_up(FIRST_ACTOR, ACTORS, FK_DEBUG_THREAD);
    for (unsigned i = 0; i < 4; i++)
        CHECK_EQ(fk_ref_create(found[i] = test_object()), FK_OK);
    for (unsigned i = 0; i < SPACES; i++)
        CHECK_EQ(fk_mapping_create(whole_map[i] = test_object()), FK_OK);
    for (unsigned i = 0; i < ACTORS; i++) {
        actors[i] = (struct actor *)test_pages(1 + BUFFERS + STACK);
        for (unsigned r = 0; r < 8; r++)
            CHECK_EQ(fk_ref_create(fk_at(&actors[i]->refs[r])), FK_OK);
    }
}

void test_run(void)
{
    uint64_t steps = wild_number("steps=", 20000), objects;
    seed = wild_number("seed=", 1) * 0x9e3779b97f4a7c15ull + 1;
    self_ref = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    elsewhere = test_ref(FK_DEBUG_REGION, test_region(self_ref, 0, WINDOW, 7, 0));
    CHECK_EQ(fk_ref_create(null_ref = test_object()), FK_OK);
    shared = test_pages(WINDOW_PAGES);
    set_all_up();
    try(FK_CALL_null, 0, 0, 0); /* what we need to handle exceptions is there from here on */
    objects = fk_kernel_debug(FK_DEBUG_OBJECTS, FK_DEBUG_KINDS, 0);
    for (unsigned i = THINGS; i-- > 0;)
        renew(i);
    for (uint64_t i = 0; i < steps; i++) {
        step();
        CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    }
    fk_kernel_debug(FK_DEBUG_STRESS, 0, 0);
    fk_kernel_debug(FK_DEBUG_FAIL, 0, 0);
    for (unsigned i = THINGS; i-- > 0;)
        try(common(i, 2), thing[i], 0, 0);
    CHECK_EQ(fk_settle(), FK_OK);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_OBJECTS, FK_DEBUG_KINDS, 0), objects);
    print("%u calls in %u steps\n", calls, steps);
}

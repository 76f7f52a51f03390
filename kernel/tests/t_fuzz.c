/* Hostile callers break nothing: threads in a child space make random calls with random, mostly
 * plausible arguments while others unmap their memory and reap their objects; the kernel's
 * invariants hold all along, the root's memory is untouched, and in the end nothing is leaked.
 * Command line: calls=N (thousands), seed=N, stress=1 (preempt wherever the kernel can).
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/wild.h"

#define FUZZERS     6
#define SPACES      2
#define ARENA       0x400000000000ull /* what a fuzzer sees: the code, this, the window, the counters */
#define WINDOW      0x410000000000ull /* the first pages of the arena again, on and off */
#define COUNTERS    0x420000000000ull
#define ARENA_PAGES 24
#define PLAY_PAGES  12 /* of the arena; the rest is stacks */
#define TURN_NS     1000000
#define DONATED_NS  200000

/* At the end of a fuzzer's stack, where a wild kernel call may well overwrite it: then the thread
 * is stuck until the root begins it again. */
struct fuzzer {
    struct fuzzer *self; /* fs:0 */
    uint64_t random;
    uint64_t id;
};

static const uint16_t calls[] = {
#define FK_CALL(number, name, args, class, params, contract) number,
#define FK_IPC_CALL(mask, name, class, contract)             FK_IPC_BASE + (mask),
#include "abi/fk/syscalls.def"
};

/* ---- the fuzzer: runs in a child space ---- */

static uint64_t next(struct fuzzer *f)
{
    return wild_next(&f->random);
}

static uint64_t play(struct fuzzer *f, uint64_t unit)
{
    return ARENA + next(f) % (PLAY_PAGES * FK_PAGE / unit) * unit;
}

static uint64_t random_value(struct fuzzer *f)
{
    switch (next(f) % 16) {
    case 0:
        return next(f);
    case 1:
        return next(f) % 16;
    case 2:
        return FK_USER_END - next(f) % 64;
    case 3:
        return 0xffff800000000000ull + next(f) % (1ull << 32);
    case 4:
        return ARENA + next(f) % (ARENA_PAGES * FK_PAGE);
    case 5:
        return next(f) % 64 * FK_PAGE;
    case 6:
        return play(f, FK_PAGE);
    case 7:
        return play(f, FK_PAGE) + FK_PAGE - next(f) % 64;
    case 8:
        return 0;
    case 9:
        return WINDOW + next(f) % (PLAY_PAGES * FK_PAGE) / 32 * 32;
    case 10:
        return play(f, 128);
    default:
        return play(f, FK_PAGE) + next(f) % 16 * FK_OBJECT_BYTES; /* where objects are */
    }
}

static void scribble(struct fuzzer *f)
{
    for (unsigned i = 0; i < 12; i++)
        *(volatile uint64_t *)play(f, 8) = random_value(f);
}

/* Calls that would only end the run, or stop it for good, are made with harmless arguments. */
static uint64_t tame(struct fuzzer *f, uint64_t number, uint64_t *registers)
{
    if (number == FK_CALL_clock_wait || number == FK_CALL_console_wait)
        registers[0] = next(f) % 2 ? 0 : 1;
    if (number == FK_CALL_thread_schedule)
        registers[3] = next(f) % 4 ? (uint64_t)fk_clock_read() + next(f) % DONATED_NS : 0;
    return number;
}

void wild_begin(void *self)
{
    struct fuzzer *f = self;
    uint64_t handlers[FK_HANDLERS], registers[WILD_REGISTERS];
    for (unsigned i = 0; i < FK_HANDLERS; i++)
        handlers[i] = fk_at(wild_handler);
    fk_thread_handlers(fk_at(handlers), fk_at(f) & ~15ull);
    fk_thread_enable();
    for (;;) {
        for (unsigned i = 0; i < WILD_REGISTERS; i++)
            registers[i] = random_value(f);
        registers[6] &= next(f) % 8 ? 15 : ~0ull; /* the tag */
        if (next(f) % 4 == 0)
            scribble(f);
        uint64_t number = calls[next(f) % (sizeof(calls) / sizeof(calls[0]))];
        ((volatile uint64_t *)COUNTERS)[f->id % FUZZERS]++;
        wild_call(tame(f, number, registers), registers);
    }
}

/* ---- the root: gives time, unmaps, reaps, checks ---- */

struct playground {
    uint64_t pages, space, space_ref, arena_region, arena_ref, window, port_ref;
};

static struct playground ground[SPACES];
static uint64_t threads[FUZZERS], thread_refs[FUZZERS], counters, seed;
static struct test_port keeper;

extern char program_end[];
static uint64_t program_region;

static void make_ground(struct playground *g)
{
    uint64_t self = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    if (!program_region)
        program_region = test_ref(
            FK_DEBUG_REGION,
            test_region(self, 0x400000, (fk_at(program_end) - 0x400000 + 4095) & ~4095ull, 5, 0));
    g->pages = test_pages(ARENA_PAGES);
    g->space = test_object();
    CHECK_EQ(fk_space_create(g->space), FK_OK);
    CHECK_EQ(fk_space_budget(g->space, 40 * FK_PAGE), FK_OK);
    g->space_ref = test_ref(FK_DEBUG_SPACE, g->space);
    g->arena_region = test_region(self, g->pages, ARENA_PAGES * FK_PAGE, 3, 0);
    g->arena_ref = test_ref(FK_DEBUG_REGION, g->arena_region);
    g->port_ref = keeper.ref;
    test_map(g->space_ref, program_region, 0x400000,
             (fk_at(program_end) - 0x400000 + 4095) & ~4095ull, 0, 5);
    test_map(g->space_ref, g->arena_ref, ARENA, ARENA_PAGES * FK_PAGE, 0, 3);
    test_map(g->space_ref, test_ref(FK_DEBUG_REGION, test_region(self, counters, FK_PAGE, 3, 0)),
             COUNTERS, FK_PAGE, 0, 3);
    g->window = test_map(g->space_ref, g->arena_ref, WINDOW, PLAY_PAGES * FK_PAGE, 0, 3);
}

/* Ends every object in the arena: this is how a parent takes its memory back. */
static void reap(struct playground *g)
{
    struct fk_found found;
    uint64_t at = g->pages, end = at + ARENA_PAGES * FK_PAGE;
    while (at < end && fk_region_search(at, end - at, fk_at(&found)) == FK_OK) {
        CHECK_EQ(fk_call4((found.type << 5) + 2, found.address, 0, 0, 0), FK_OK);
        at = found.address;
    }
}

/* One live object of each kind per page, at places where the fuzzers look; and some references that
 * get them further. */
static void plant(struct playground *g)
{
    for (uint64_t page = 0; page < PLAY_PAGES; page++) {
        uint64_t at = g->pages + page * FK_PAGE;
        for (uint64_t kind = 0; kind < FK_DEBUG_KINDS; kind++)
            CHECK_EQ(fk_call4(kind << 5, at + kind * FK_OBJECT_BYTES, 0, 0, 0), FK_OK);
        uint64_t refs = at + 9 * FK_OBJECT_BYTES, thread = thread_refs[page % FUZZERS];
        uint64_t from[] = {g->space_ref, g->arena_ref, g->port_ref, thread ? thread : g->space_ref};
        for (unsigned i = 0; i < 4; i++) {
            CHECK_EQ(fk_ref_create(refs + i * FK_OBJECT_BYTES), FK_OK);
            CHECK_EQ(fk_ref_reference(from[i], refs + i * FK_OBJECT_BYTES), FK_OK);
        }
        /* links between the planted ones: a port in its portset, references to them */
        uint64_t to[] = {FK_DEBUG_PORTSET, FK_DEBUG_PORT, FK_DEBUG_THREAD};
        for (unsigned i = 0; i < 3; i++) {
            uint64_t ref = refs + (4 + i) * FK_OBJECT_BYTES;
            if (ref + FK_OBJECT_BYTES > at + 16 * FK_OBJECT_BYTES)
                break;
            CHECK_EQ(fk_ref_create(ref), FK_OK);
            CHECK_EQ(fk_call4((to[i] << 5) + 4, at + to[i] * FK_OBJECT_BYTES, ref, 0, 0), FK_OK);
        }
        struct fk_port_state state = {.alias = page};
        struct fk_port_links links = {refs + 4 * FK_OBJECT_BYTES};
        CHECK_EQ(
            fk_port_set_state(at + FK_DEBUG_PORT * FK_OBJECT_BYTES, fk_at(&state), fk_at(&links)),
            FK_OK);
    }
}

static uint64_t random(void)
{
    return wild_next(&seed);
}

static void begin(unsigned id)
{
    static struct fk_thread_state state;
    struct playground *g = &ground[id % SPACES];
    uint64_t top = (PLAY_PAGES + (id / SPACES + 1) * 4) * FK_PAGE - 256;
    struct fuzzer *f = (struct fuzzer *)(g->pages + top);
    struct fk_thread_links links = {.space = g->space_ref};
    CHECK_EQ(fk_thread_get_state(threads[id], fk_at(&state), 0), FK_OK);
    memset(&state, 0, sizeof(state.frame) + 40);
    *f = (struct fuzzer){(struct fuzzer *)(ARENA + top), random() | 1, id};
    state.frame.rip = fk_at((void *)wild_begin);
    state.frame.rdi = ARENA + top;
    state.frame.rsp = ARENA + top - 8;
    state.frame.fs_base = ARENA + top;
    CHECK_EQ(fk_thread_set_state(threads[id], fk_at(&state), fk_at(&links)), FK_OK);
}

static uint64_t total(void)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < FUZZERS; i++)
        sum += ((volatile uint64_t *)counters)[i];
    return sum;
}

static void disturb(struct playground *g)
{
    struct fk_mapping_state state = {
        .start = WINDOW, .size = PLAY_PAGES * FK_PAGE, .prot = random() % 4};
    struct fk_mapping_links links = {g->space_ref, g->arena_ref};
    switch (random() % 4) {
    case 0:
        CHECK_EQ(fk_mapping_set_state(g->window, fk_at(&state), fk_at(&links)), FK_OK);
        break;
    case 1:
        CHECK_EQ(fk_region_flush(g->arena_region, 0, ARENA_PAGES * FK_PAGE), FK_OK);
        break;
    case 2:
        fk_kernel_debug(FK_DEBUG_FAIL, random() % 40, 0);
        break;
    case 3:
        fk_kernel_debug(FK_DEBUG_FAIL, 0, 0);
        break;
    }
}

#define CANARIES 64

static void canaries(uint64_t pages, bool check)
{
    for (uint64_t at = pages; at < pages + CANARIES * FK_PAGE; at += 8) {
        if (!check)
            *(uint64_t *)at = at * 0x9e3779b97f4a7c15ull;
        else if (*(uint64_t *)at != at * 0x9e3779b97f4a7c15ull)
            CHECK_EQ(at, 0);
    }
}

static void reap_all(void)
{
    fk_kernel_debug(FK_DEBUG_FAIL, 0, 0);
    for (unsigned i = 0; i < SPACES; i++)
        reap(&ground[i]);
}

void test_run(void)
{
    uint64_t before = test_pages(CANARIES), goal = wild_number("calls=", 20) * 1000;
    seed = wild_number("seed=", 1) * 0x9e3779b97f4a7c15ull + 1;
    counters = test_pages(1);
    keeper = test_port(0);
    for (unsigned i = 0; i < SPACES; i++)
        make_ground(&ground[i]);
    uint64_t after = test_pages(CANARIES);
    canaries(before, false);
    canaries(after, false);
    for (unsigned i = 0; i < FUZZERS; i++) {
        threads[i] = test_object();
        CHECK_EQ(fk_thread_create(threads[i]), FK_OK);
        thread_refs[i] = test_ref(FK_DEBUG_THREAD, threads[i]);
        begin(i);
    }
    uint64_t objects = fk_kernel_debug(FK_DEBUG_OBJECTS, FK_DEBUG_KINDS, 0), turns = 0;
    fk_kernel_debug(FK_DEBUG_STRESS, wild_number("stress=", 0), 0);
    for (; total() < goal; turns++) {
        if (turns % 64 == 0) {
            reap_all();
            CHECK_EQ(fk_kernel_debug(FK_DEBUG_OBJECTS, FK_DEBUG_KINDS, 0), objects);
            for (unsigned i = 0; i < SPACES; i++)
                plant(&ground[i]);
        }
        unsigned id = random() % FUZZERS;
        if (random() % 4 == 0)
            begin(id);
        long why = fk_thread_schedule(thread_refs[id], 0, FK_SENSE_BLOCK,
                                      (uint64_t)fk_clock_read() + TURN_NS);
        if (why == FK_BLOCKED && random() % 2)
            begin(id);
        disturb(&ground[random() % SPACES]);
        CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
    }
    reap_all();
    for (unsigned i = 0; i < FUZZERS; i++)
        CHECK_EQ(fk_thread_destroy(threads[i]), FK_OK);
    for (unsigned i = 0; i < SPACES; i++)
        CHECK_EQ(fk_space_destroy(ground[i].space), FK_OK);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_OBJECTS, FK_DEBUG_KINDS, 0), objects - FUZZERS - SPACES);
    canaries(before, true);
    canaries(after, true);
    print("%u calls in %u turns\n", total(), turns);
}

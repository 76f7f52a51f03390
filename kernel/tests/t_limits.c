/* Running out of kernel memory is an error to the one who ran out and to nobody else, however it
 * spoils its pages: budgets are split from parent to child and come back. SPDX-License-Identifier:
 * MIT */
#include "kernel/tests/test.h"

static uint64_t memory(void)
{
    return fk_kernel_debug(FK_DEBUG_MEMORY, 0, 0);
}

/* ---- a child that takes all it can ---- */

static volatile uint64_t made, ended;

static void glutton(uint64_t arena)
{
    for (uint64_t at = arena; at < arena + 16 * FK_PAGE; at += FK_OBJECT_BYTES) {
        long answer = fk_call4((uint64_t)(at / 32 % FK_DEBUG_KINDS) << 5, at, 0, 0, 0);
        CHECK(answer == FK_OK || answer == FK_NO_MEMORY);
        if (answer == FK_OK)
            made++;
        else
            ended++;
    }
    ended |= 1ull << 32;
    test_stop();
}

static void reap(uint64_t from, uint64_t size)
{
    struct fk_found found;
    uint64_t at = from;
    while (fk_region_search(at, from + size - at, fk_at(&found)) == FK_OK) {
        CHECK_EQ(fk_call4((found.type << 5) + 2, found.address, 0, 0, 0), FK_OK);
        at = found.address;
    }
}

static void quota(void)
{
    struct fk_space_state state;
    uint64_t arena = test_pages(16);
    uint64_t space = test_space(30 * FK_PAGE);
    uint64_t thread = test_thread_make(test_ref(FK_DEBUG_SPACE, space), fk_at((void *)glutton),
                                       test_pages(2) + 2 * FK_PAGE, arena);
    uint64_t ref = test_ref(FK_DEBUG_THREAD, thread);
    while (!(ended >> 32))
        fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, FK_FOREVER);
    CHECK(made > 50 && (uint32_t)ended > 50);
    CHECK_EQ(fk_space_get_state(space, fk_at(&state), 0), FK_OK);
    CHECK_EQ(state.budget, 30 * FK_PAGE);
    CHECK(state.used <= state.budget && state.budget - state.used < FK_PAGE);
    /* Our own budget is not touched: the same objects can be made here. */
    uint64_t own = test_pages(1);
    for (uint64_t kind = 0; kind < FK_DEBUG_KINDS; kind++)
        CHECK_EQ(fk_call4(kind << 5, own + kind * FK_OBJECT_BYTES, 0, 0, 0), FK_OK);
    reap(own, FK_PAGE);
    /* The space dies before what it paid for: the debts stay, then come back to us. */
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    CHECK_EQ(fk_space_destroy(space), FK_OK);
    uint64_t owed = memory();
    reap(arena, 16 * FK_PAGE);
    CHECK(memory() < owed);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
}

/* ---- a child that spoils as many pages as it can ---- */

#define ARENA   150 /* pages of object memory */
#define HOSTILE 60  /* pages of kernel memory, for its sister too */

static volatile uint64_t finished, thread_count;

static long make(uint64_t kind, uint64_t at)
{
    return fk_call4(kind << 5, at, 0, 0, 0);
}

static void unmake(uint64_t kind, uint64_t at)
{
    CHECK_EQ(fk_call4((kind << 5) + 2, at, 0, 0, 0), FK_OK);
}

/* As many as there is memory for. Answers behind the last one. */
static uint64_t fill(uint64_t kind, uint64_t at, uint64_t end)
{
    while (at < end && make(kind, at) == FK_OK)
        at += FK_OBJECT_BYTES;
    return at;
}

/* Of each kind all it can, and then only one in every page of them; the next kind takes what
 * is free then. */
static void spoil(uint64_t arena)
{
    uint64_t first = arena, end = arena + ARENA * FK_PAGE;
    for (uint64_t kind = 0; kind < FK_DEBUG_KINDS; kind++) {
        uint64_t last = fill(kind, first, end), in_page = kind == FK_DEBUG_THREAD ? 3 : 10;
        for (uint64_t at = first; at < last; at += FK_OBJECT_BYTES)
            if ((at - first) / FK_OBJECT_BYTES % in_page)
                unmake(kind, at);
        first = last;
    }
    finished = true;
    test_stop();
}

/* How many threads there is memory for. */
static uint64_t count_threads(uint64_t arena, uint64_t pages)
{
    uint64_t end = fill(FK_DEBUG_THREAD, arena, arena + pages * FK_PAGE);
    CHECK(end < arena + pages * FK_PAGE);
    for (uint64_t at = arena; at < end; at += FK_OBJECT_BYTES)
        unmake(FK_DEBUG_THREAD, at);
    return (end - arena) / FK_OBJECT_BYTES;
}

static void count(uint64_t arena)
{
    for (;;) {
        thread_count = count_threads(arena, 2);
        finished = true;
        fk_thread_yield();
    }
}

static uint64_t child(uint64_t space, void (*entry)(uint64_t), uint64_t argument)
{
    return test_thread_make(test_ref(FK_DEBUG_SPACE, space), fk_at((void *)entry),
                            test_pages(2) + 2 * FK_PAGE, argument);
}

static void run(uint64_t ref)
{
    finished = false;
    while (!finished)
        fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, FK_FOREVER);
}

static uint64_t free_pages(void)
{
    return fk_kernel_debug(FK_DEBUG_FREE_PAGES, 0, 0);
}

/* Neither its sister nor the root loses a page by it, and all comes back. */
static void spoiler(void)
{
    uint64_t hostile = test_space(HOSTILE * FK_PAGE), sister = test_space(HOSTILE * FK_PAGE);
    uint64_t bad = child(hostile, spoil, test_pages(ARENA));
    uint64_t good = test_ref(FK_DEBUG_THREAD, child(sister, count, test_pages(2)));
    uint64_t own = test_pages(100);
    run(good);
    uint64_t before = free_pages(), sisters = thread_count, mine = count_threads(own, 100);
    run(test_ref(FK_DEBUG_THREAD, bad));
    print("spoiled %u pages of %u\n", before - free_pages(), HOSTILE);
    CHECK(before - free_pages() <= HOSTILE);
    CHECK_EQ(count_threads(own, 100), mine);
    run(good);
    CHECK_EQ(thread_count, sisters);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
}

/* ---- spaces in spaces whose makers die first ---- */

#define LEVELS 24

static uint64_t inner[LEVELS];

static void nest(uint64_t level)
{
    uint64_t space = test_space((LEVELS - level) * 16 * FK_PAGE);
    inner[level] = child(space, level + 1 < LEVELS ? nest : count, level + 1);
    finished = true;
    test_stop();
}

/* Objects go in the order in which they were made: the last of all frees what all have paid for. */
static void orphans(void)
{
    uint64_t held = memory(), pages = free_pages(), first = test_object();
    uint64_t outermost = child(test_space(LEVELS * 20 * FK_PAGE), nest, 0);
    run(test_ref(FK_DEBUG_THREAD, outermost));
    for (uint64_t level = 0; level + 1 < LEVELS; level++)
        run(test_ref(FK_DEBUG_THREAD, inner[level]));
    CHECK(pages - free_pages() > LEVELS * 8);
    reap(first, test_object() - first);
    for (int i = 0; i < LEVELS / 8; i++) { /* a few at a time */
        CHECK_EQ(make(FK_DEBUG_COND, first), FK_OK);
        unmake(FK_DEBUG_COND, first);
    }
    CHECK(memory() == held && free_pages() == pages);
}

void test_run(void)
{
    quota();
    orphans();
    spoiler();
}

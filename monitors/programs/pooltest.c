/* monitors/programs/pooltest.c -- uses MemPool as its contract says, and tries what it forbids. It
 * prints what came out, which is the same whoever serves the pool. The memory that it asks for and
 * fills, `pages` (64), may be more than a pager has frames. With hold=N it does nothing but make a
 * kernel object in each of N pages. SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

static uint64_t pool, pages;

static char *region_new(uint64_t from, uint64_t bytes, uint64_t *region)
{
    *region = mon_ref();
    if (!*region || mempool_alloc(from, bytes, *region))
        return NULL;
    return mon_window(*region, bytes, 0, FK_READ | FK_WRITE);
}

static void say(const char *what, bool good)
{
    printf("%-50s %s\n", what, good ? "yes" : "NO");
}

static bool all_zero(const char *memory, uint64_t bytes)
{
    for (uint64_t i = 0; i < bytes; i++)
        if (memory[i])
            return false;
    return true;
}

/* What was written is there when it is read again, page by page, several times. */
static void keeps(void)
{
    uint64_t region, wrong = 0;
    uint64_t *memory = (uint64_t *)region_new(pool, pages * FK_PAGE, &region);
    if (!memory)
        mon_fatal("no memory for %lu pages", pages);
    say("new memory is zero", all_zero((char *)memory, pages * FK_PAGE));
    for (uint64_t round = 1; round <= 3; round++) {
        for (uint64_t i = 0; i < pages * 512; i += 64)
            memory[i] = i * round;
        for (uint64_t i = 0; i < pages * 512; i += 64)
            wrong += memory[i] != i * round;
    }
    say("memory keeps what is written", !wrong);
    mon_window_close(memory);
    say("a region can be given back", !mempool_free(pool, region));
    say("but once only", mempool_free(pool, region) != 0);
    memory = (uint64_t *)region_new(pool, pages * FK_PAGE, &region);
    say("memory that was used before is zero again",
        memory && all_zero((char *)memory, pages * FK_PAGE));
    mon_window_close(memory);
    mempool_free(pool, region);
}

/* A kernel object in each of some pages, while others are used. */
static void objects(void)
{
    uint64_t region, other;
    char *memory = region_new(pool, 4 * FK_PAGE, &region);
    char *more = region_new(pool, pages * FK_PAGE, &other);
    long alive = 0;
    if (!memory || !more)
        mon_fatal("no memory");
    for (unsigned i = 0; i < 4; i++)
        fk_mutex_create(fk_at(memory + i * FK_PAGE + 64));
    memset(more, 1, pages * FK_PAGE);
    for (unsigned i = 0; i < 4; i++)
        alive += !fk_mutex_lock(fk_at(memory + i * FK_PAGE + 64));
    say("objects live while memory is short", alive == 4);
    mon_window_close(memory);
    mempool_free(pool, region);
    memory = region_new(pool, 4 * FK_PAGE, &region);
    bool made = memory && !fk_mutex_create(fk_at(memory + 64));
    say("freed memory has no objects", made && !fk_mutex_trylock(fk_at(memory + 64)));
    fk_mutex_destroy(fk_at(memory + 64));
    mon_window_close(memory);
    mon_window_close(more);
    mempool_free(pool, region);
    mempool_free(pool, other);
}

static void sub_pools(void)
{
    uint64_t small = mon_ref(), below = mon_ref(), region, limit, used;
    say("a pool within the pool", !mempool_sub(pool, 10 * FK_PAGE, small));
    say("it has its limit", !mempool_stat(small, &limit, &used) && limit == 10 * FK_PAGE && !used);
    say("a region within the limit", region_new(small, 8 * FK_PAGE, &region) != NULL);
    say("no region beyond it", mempool_alloc(small, 3 * FK_PAGE, mon_ref()) == -PROTO_NO_MEMORY);
    say("no pool beyond it", mempool_sub(small, 3 * FK_PAGE, mon_ref()) == -PROTO_NO_MEMORY);
    say("a pool in the pool's pool", !mempool_sub(small, 0, below));
    say("regions of one are not another's", mempool_free(below, region) == -PROTO_NOT_FOUND);
    say("pools end", !mempool_destroy(small));
    say("with those within", mempool_stat(below, &limit, &used) != 0);
    say("and with their regions", !mon_ref_alive(region));
    say("and nothing else", !mempool_stat(pool, NULL, NULL));
}

static void too_much(void)
{
    say("not all memory of the world", mempool_alloc(pool, 1ull << 46, mon_ref()) != 0);
    say("not nothing", mempool_alloc(pool, 0, mon_ref()) != 0);
    say("no limit that large", mempool_sub(pool, ~0ull, mon_ref()) != 0);
    say("the memory of another's is not taken back",
        mempool_free(pool, mon.ref[PARENT_SPACE]) != 0);
}

static void hold(uint64_t count)
{
    uint64_t region;
    char *memory = region_new(pool, count * FK_PAGE, &region);
    for (uint64_t i = 0; memory && i < count; i++)
        if (fk_ref_create(fk_at(memory + i * FK_PAGE)))
            mon_fatal("no more kernel objects");
    printf("%lu pages hold an object each\n", count);
}

int main(void)
{
    pool = mon.ref[PARENT_MEMPOOL];
    pages = mon_option_number("pages", 64);
    mon_guard();
    if (mon_option("hold")) {
        hold(mon_option_number("hold", 0));
        return 0;
    }
    keeps();
    objects();
    sub_pools();
    too_much();
    return 0;
}

/* Running out of kernel memory is an error to the one who ran out and to nobody else: budgets are
 * split from parent to child and come back. SPDX-License-Identifier: MIT */
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

void test_run(void)
{
    quota();
}

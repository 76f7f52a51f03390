/* However wide or deep a parent builds, no call that revokes, and no page fault that must give back
 * page tables first, runs longer than 20,000 instructions between two preemption points; when a
 * call returns nothing is left of what it took away, and when it never returns, soon.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/stretch.h"

#define WIDE 400
#define AT   0x320000000000ull
#define STEP (2ull << 20) /* a page table for each */

static uint64_t self; /* reference to the root space */
static uint64_t page, region, ref, mapping[WIDE];

/* One page, seen through WIDE mappings in this space; all of them touched. */
static void build(void)
{
    page = test_pages(1);
    region = test_region(self, page, FK_PAGE, 7, 0);
    ref = test_ref(FK_DEBUG_REGION, region);
    for (uint64_t i = 0; i < WIDE; i++)
        mapping[i] = test_map(self, ref, AT + i * STEP, FK_PAGE, 0, 7);
}

static void touch(void)
{
    for (uint64_t i = 0; i < WIDE; i++)
        *(volatile uint64_t *)(AT + i * STEP) = i;
}

/* Whether the kernel would write there for us. */
static bool writable(uint64_t address)
{
    return test_insane(FK_CALL_thread_saved_state, address, 0, 0, 0) == 0;
}

static unsigned writable_count(void)
{
    unsigned count = 0;
    for (uint64_t i = 0; i < WIDE; i++)
        count += writable(AT + i * STEP);
    return count;
}

static void rights(void)
{
    struct fk_region_state state = {.start = page, .size = FK_PAGE, .prot = 7};
    static struct fk_page_info info;
    touch();
    MEASURE("flush", fk_region_flush(region, 0, FK_PAGE));
    touch();
    CHECK_EQ(writable_count(), WIDE);
    MEASURE("protect", fk_region_protect(region, FK_READ));
    CHECK_EQ(writable_count(), 0);
    MEASURE("set_state", fk_region_set_state(region, fk_at(&state), 0));
    touch();
    CHECK(fk_region_info(region, 0, 1, fk_at(&info)) > 0);
    touch();
    MEASURE("info", (fk_region_info(region, 0, 1, fk_at(&info)), FK_OK));
    CHECK(info.written);
    state.start += FK_PAGE; /* moved away under its mappings */
    MEASURE("set_state that moves", fk_region_set_state(region, fk_at(&state), 0));
    touch();
    CHECK_EQ(*(volatile uint64_t *)page, WIDE - 1);
}

/* The same below one mapping: root range -> window -> region -> WIDE mappings. */
static void below_mapping(void)
{
    uint64_t window = AT + WIDE * STEP, whole = test_region(self, page, 2 * FK_PAGE, 7, 0);
    uint64_t top = test_map(self, test_ref(FK_DEBUG_REGION, whole), window, FK_PAGE, 0, 7);
    struct fk_region_state lower = {.start = window, .size = FK_PAGE, .prot = 7};
    CHECK_EQ(fk_region_set_state(region, fk_at(&lower), 0), FK_OK);
    touch();
    struct fk_mapping_state state = {
        .start = window, .size = FK_PAGE, .offset = FK_PAGE, .prot = FK_READ};
    MEASURE("mapping_set_state", fk_mapping_set_state(top, fk_at(&state), 0));
    CHECK_EQ(writable_count(), 0);
    state.prot = 7;
    CHECK_EQ(fk_mapping_set_state(top, fk_at(&state), 0), FK_OK);
    touch();
    MEASURE("mapping_destroy", fk_mapping_destroy(top));
    CHECK_EQ(writable_count(), 0);
}

/* A space with very many regions and mappings. */
static void big_space(void)
{
    uint64_t space = test_object(), space_ref;
    CHECK_EQ(fk_space_create(space), FK_OK);
    space_ref = test_ref(FK_DEBUG_SPACE, space);
    struct fk_mapping_links links = {space_ref, ref};
    struct fk_region_state back = {.start = page, .size = FK_PAGE, .prot = 7};
    CHECK_EQ(fk_region_set_state(region, fk_at(&back), 0), FK_OK);
    for (uint64_t i = 0; i < WIDE; i++) {
        struct fk_mapping_state state = {.start = AT + i * STEP, .size = FK_PAGE, .prot = 7};
        CHECK_EQ(fk_mapping_set_state(mapping[i], fk_at(&state), fk_at(&links)), FK_OK);
        uint64_t seen = test_region(space_ref, AT + i * STEP, FK_PAGE, 7, 0);
        test_map(self, test_ref(FK_DEBUG_REGION, seen), AT + i * STEP, FK_PAGE, 0, 7);
    }
    touch();
    MEASURE("flush through a big space", fk_region_flush(region, 0, FK_PAGE));
    touch();
    CHECK_EQ(writable_count(), WIDE);
    MEASURE("space_destroy", fk_space_destroy(space));
    CHECK_EQ(writable_count(), 0);
}

/* What is dense, and what is empty and large. */
static void sizes(void)
{
    uint64_t pages = test_pages(512), at = 0x300000000000ull;
    uint64_t dense = test_region(self, pages, 512 * FK_PAGE, 7, 0);
    test_map(self, test_ref(FK_DEBUG_REGION, dense), at, 512 * FK_PAGE, 0, 7);
    for (uint64_t i = 0; i < 512; i++)
        *(volatile uint64_t *)(at + i * FK_PAGE) = i;
    MEASURE("flush of 512 dense pages", fk_region_flush(dense, 0, 512 * FK_PAGE));
    uint64_t all = test_region(self, 0, FK_USER_END, 7, 0);
    MEASURE("flush of everything", fk_region_flush(all, 0, FK_USER_END));
    MEASURE("region_destroy", fk_region_destroy(dense));
    CHECK(!writable(at));
}

/* A ring: a space that sees its own window in itself. */
static void ring(void)
{
    uint64_t own = test_region(self, 0x310000000000ull, FK_PAGE, 7, 0);
    uint64_t map = test_map(self, test_ref(FK_DEBUG_REGION, own), 0x310000000000ull, FK_PAGE, 0, 7);
    CHECK(!writable(0x310000000000ull));
    MEASURE("flush of a ring", fk_region_flush(own, 0, FK_PAGE));
    CHECK_EQ(fk_mapping_destroy(map), FK_OK);
}

/* Who revokes may be destroyed half-way: what he took away goes all the same. */
static void protector(uint64_t unused)
{
    (void)unused;
    fk_region_protect(region, FK_READ);
    test_stop();
}

static void abandoned(void)
{
    CHECK_EQ(fk_region_protect(region, 7), FK_OK);
    touch();
    fk_kernel_debug(FK_DEBUG_STRESS, 1, 0);
    uint64_t thread = test_thread(protector, 0);
    while (writable(AT + (WIDE - 1) * STEP))
        ;
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    fk_kernel_debug(FK_DEBUG_STRESS, 0, 0);
    CHECK(writable_count() > 0);
    for (unsigned ticks = 0; ticks < 4 * WIDE && writable_count(); ticks++)
        test_sleep(1); /* ends at a tick, and each goes on with the walk */
    CHECK_EQ(writable_count(), 0);
    CHECK_EQ(fk_region_protect(region, 7), FK_OK);
}

/* More page tables than its budget has room for: they are given back one at a time. */
static volatile bool touched;
static void toucher(uint64_t unused)
{
    (void)unused;
    touch();
    touched = true;
    test_stop();
}

static long run_to_end(uint64_t thread)
{
    while (fk_thread_schedule(thread, 0, FK_SENSE_BLOCK, FK_FOREVER) != FK_BLOCKED)
        ;
    return touched ? FK_OK : FK_BLOCKED;
}

static void poor_space(void)
{
    uint64_t space = test_ref(FK_DEBUG_SPACE, test_space(200 * FK_PAGE));
    uint64_t thread =
        test_thread_make(space, fk_at((void *)toucher), test_pages(2) + 2 * FK_PAGE, 0);
    MEASURE("page tables that a budget has no room for",
            run_to_end(test_ref(FK_DEBUG_THREAD, thread)));
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
}

void test_run(void)
{
    self = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    watch_start();
    build();
    abandoned();
    poor_space();
    rights();
    below_mapping();
    big_space();
    sizes();
    ring();
    MEASURE("region_destroy of a wide one", fk_region_destroy(region));
    CHECK_EQ(fk_settle(), FK_OK);
}

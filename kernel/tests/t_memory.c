/* Memory is what the hierarchy of mappings and regions says and nothing more: through chains of
 * depth 1 to 64, with rights taken away in the middle while in use, keepers that bring pages,
 * tables that move them, marks that tell which were written, and too little kernel memory for page
 * tables. SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

#define AT    0x300000000000ull
#define DEPTH 64
#define PAGES 16

static uint64_t self;

/* A space that only passes memory on: it needs no kernel memory of its own. */
static uint64_t bare_space(void)
{
    uint64_t space = test_object();
    CHECK_EQ(fk_space_create(space), FK_OK);
    return space;
}

/* Each space imports what the one before exports, the first what we do. Our window at AT comes from
 * the last. */
static uint64_t spaces[DEPTH + 1], regions[DEPTH + 1], mappings[DEPTH + 1];

static uint64_t chain(unsigned depth, uint64_t pages)
{
    regions[0] = test_region(self, pages, PAGES * FK_PAGE, 7, 0);
    for (unsigned i = 1; i <= depth; i++) {
        uint64_t before = test_ref(FK_DEBUG_REGION, regions[i - 1]);
        spaces[i] = bare_space();
        uint64_t space = test_ref(FK_DEBUG_SPACE, spaces[i]);
        mappings[i] = test_map(space, before, AT, PAGES * FK_PAGE, 0, 7);
        regions[i] = test_region(space, AT, PAGES * FK_PAGE, 7, 0);
    }
    return test_map(self, test_ref(FK_DEBUG_REGION, regions[depth]), AT, PAGES * FK_PAGE, 0, 7);
}

/* One of the regions may be gone already. */
static void unchain(unsigned depth, unsigned gone)
{
    for (unsigned i = 0; i <= depth; i++) {
        if (i != gone)
            CHECK_EQ(fk_region_destroy(regions[i]), FK_OK);
        if (i > 0)
            CHECK_EQ(fk_mapping_destroy(mappings[i]), FK_OK);
        if (i > 0)
            CHECK_EQ(fk_space_destroy(spaces[i]), FK_OK);
    }
}

static volatile uint64_t *window(unsigned page)
{
    return (volatile uint64_t *)(AT + page * FK_PAGE);
}

/* Touch a word; the fault's cause comes back when it cannot be touched. */
long test_touch(volatile uint64_t *at, uint64_t value, uint64_t write);
extern char test_touch_back[];

static long touch(volatile uint64_t *at, uint64_t value, bool write)
{
    uint64_t handler[FK_HANDLERS] = {fk_at(test_touch_back), 0, 0, 0};
    fk_thread_handlers(fk_at(handler), 0);
    fk_thread_enable();
    long cause = test_touch(at, value, write);
    fk_thread_disable();
    return cause;
}

static void depth(unsigned depth)
{
    uint64_t pages = test_pages(PAGES);
    uint64_t mapping = chain(depth, pages);
    for (unsigned i = 0; i < PAGES; i++) {
        *window(i) = depth * 1000 + i;
        CHECK_EQ(*(volatile uint64_t *)(pages + i * FK_PAGE), depth * 1000 + i);
    }
    /* Rights go away in the middle, and come back. */
    unsigned middle = depth / 2;
    CHECK_EQ(fk_region_protect(regions[middle], FK_READ), FK_OK);
    CHECK_EQ(touch(window(3), 1, false), 0);
    CHECK_EQ(touch(window(3), 1, true), FK_TRAP_PAGE_FAULT);
    CHECK_EQ(fk_region_protect(regions[middle], 0), FK_OK);
    CHECK_EQ(touch(window(4), 1, false), FK_TRAP_PAGE_FAULT);
    CHECK_EQ(fk_region_protect(regions[middle], 7), FK_OK);
    CHECK_EQ(touch(window(4), 5, true), 0);
    CHECK_EQ(*window(4), 5);
    CHECK_EQ(fk_region_flush(regions[0], 0, PAGES * FK_PAGE), FK_OK);
    CHECK_EQ(*window(4), 5);
    CHECK_EQ(fk_region_destroy(regions[middle]), FK_OK);
    CHECK_EQ(touch(window(4), 1, false), FK_TRAP_PAGE_FAULT);
    CHECK_EQ(fk_mapping_destroy(mapping), FK_OK);
    unchain(depth, middle);
}

/* ---- revocation while in use: a thread in a space of its own writes through the chain all the
 * time. Whichever link loses the right, the thread is at a fault before the call returns, and goes
 * on when the right is back ---- */

static volatile uint64_t *revoked_at;

static void writer(uint64_t unused)
{
    (void)unused;
    for (;;)
        ++*revoked_at;
}

/* It asks the keeper of its space, which is us; whether it wrote, the page itself says. */
static void revoke(unsigned depth)
{
    uint64_t pages = test_pages(PAGES), mapping = chain(depth, pages);
    volatile uint64_t *seen = (volatile uint64_t *)pages;
    struct test_port port = test_port(3);
    uint64_t space = test_space(64 * FK_PAGE);
    const struct fk_space_links links = {port.ref};
    const struct fk_space_state none = {0};
    CHECK_EQ(fk_space_set_state(space, fk_at(&none), fk_at(&links)), FK_OK);
    revoked_at = window(0);
    uint64_t thread = test_thread_make(test_ref(FK_DEBUG_SPACE, space), fk_at((void *)writer),
                                       test_pages(1) + FK_PAGE, 0);
    uint64_t ref = test_ref(FK_DEBUG_THREAD, thread);
    for (unsigned i = 0; i <= depth; i++) {
        uint64_t before = *seen;
        struct fk_ipc ipc = {.dest = port.portset};
        while (*seen == before)
            fk_thread_schedule(ref, 0, 0, (uint64_t)fk_clock_read() + 1000000);
        before = *seen;
        CHECK_EQ(i % 2 ? fk_region_protect(regions[i], 0) : fk_region_protect(regions[i], FK_READ),
                 FK_OK);
        CHECK_EQ(fk_thread_schedule(ref, port.portset, FK_SENSE_CONFLICT, FK_FOREVER), FK_CONFLICT);
        CHECK_EQ(*seen, before);
        CHECK_EQ(fk_server_wait_receive(&ipc), FK_OK);
        CHECK_EQ(ipc.word[0], FK_TRAP_PAGE_FAULT);
        CHECK_EQ(fk_region_protect(regions[i], 7), FK_OK);
        ipc.tag = 0;
        CHECK_EQ(fk_server_ack_send_disconnect(&ipc), FK_OK);
    }
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    CHECK_EQ(fk_mapping_destroy(mapping), FK_OK);
    unchain(depth, depth + 1);
}

/* A ring of mappings has no memory at its end. */
static void ring(void)
{
    uint64_t region = test_region(self, AT, PAGES * FK_PAGE, 7, 0);
    uint64_t mapping = test_map(self, test_ref(FK_DEBUG_REGION, region), AT, PAGES * FK_PAGE, 0, 7);
    CHECK_EQ(touch(window(0), 1, false), FK_TRAP_PAGE_FAULT);
    CHECK_EQ(fk_region_flush(region, 0, PAGES * FK_PAGE), FK_OK);
    CHECK_EQ(fk_mapping_destroy(mapping), FK_OK);
    CHECK_EQ(fk_region_destroy(region), FK_OK);
}

/* ---- a keeper with a table ---- */

#define WINDOW 0x310000000000ull
static uint64_t table[PAGES], pool_region, window_region, window_hash, frames;
static volatile uint64_t faults, last_offset, last_access;

static void keeper(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    for (;;) {
        CHECK_EQ(ipc.tag, 6 | FK_TAG_IDEMPOTENT | FK_TAG_FAULT);
        CHECK_EQ(ipc.word[5], window_hash);
        faults++;
        last_offset = ipc.word[1];
        last_access = ipc.word[2];
        uint64_t page = ipc.word[1] / FK_PAGE;
        CHECK(page < PAGES);
        /* first touch: read-only; a write then gets a page of its own (copy on write) */
        if (!table[page]) {
            table[page] = (page * FK_PAGE) | FK_READ;
        } else {
            memcpy((void *)(frames + (PAGES + page) * FK_PAGE), (void *)(frames + page * FK_PAGE),
                   FK_PAGE);
            table[page] = ((PAGES + page) * FK_PAGE) | FK_READ | FK_WRITE;
        }
        ipc.dest = portset;
        ipc.tag = 0;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

static void keepers(void)
{
    struct test_port port = test_port(1);
    frames = test_pages(2 * PAGES);
    pool_region = test_region(self, frames, 2 * PAGES * FK_PAGE, 7, 0);
    uint64_t map = test_object();
    struct fk_mapping_state state = {
        .start = WINDOW, .size = PAGES * FK_PAGE, .prot = 7, .table = fk_at(table)};
    struct fk_mapping_links links = {self, test_ref(FK_DEBUG_REGION, pool_region)};
    CHECK_EQ(fk_mapping_create(map), FK_OK);
    CHECK_EQ(fk_mapping_set_state(map, fk_at(&state), fk_at(&links)), FK_OK);
    window_region = test_region(self, WINDOW, PAGES * FK_PAGE, 7, port.ref);
    struct fk_region_state region;
    CHECK_EQ(fk_region_get_state(window_region, fk_at(&region), 0), FK_OK);
    window_hash = (uint32_t)region.hash;
    uint64_t mapping =
        test_map(self, test_ref(FK_DEBUG_REGION, window_region), AT, PAGES * FK_PAGE, 0, 7);
    uint64_t thread = test_thread(keeper, port.portset);
    for (unsigned i = 0; i < PAGES; i++)
        *(volatile uint64_t *)(frames + i * FK_PAGE) = 900 + i;
    CHECK_EQ(*window(5), 905);
    CHECK_EQ(faults, 1);
    CHECK_EQ(last_offset, 5 * FK_PAGE);
    CHECK_EQ(last_access, FK_READ);
    CHECK_EQ(*window(5), 905);
    CHECK_EQ(faults, 1);
    *window(5) = 6;
    CHECK_EQ(faults, 2);
    CHECK_EQ(last_access, FK_WRITE);
    CHECK_EQ(*(volatile uint64_t *)(frames + 5 * FK_PAGE), 905);
    CHECK_EQ(*(volatile uint64_t *)(frames + (PAGES + 5) * FK_PAGE), 6);
    *window(6) = 1; /* both at once */
    CHECK_EQ(faults, 4);
    /* Taking a page away: change the word, flush. */
    table[5] = 0;
    CHECK_EQ(fk_region_flush(window_region, 5 * FK_PAGE, FK_PAGE), FK_OK);
    CHECK_EQ(*window(5), 905);
    CHECK_EQ(faults, 5);
    /* Kernel calls fault on behalf of their caller as well. */
    struct fk_space_state *out = (void *)(AT + 7 * FK_PAGE);
    CHECK_EQ(fk_space_get_state(fk_at(&boot->space), fk_at(out), 0), FK_OK);
    CHECK_EQ(out->level, 1);
    CHECK_EQ(faults, 7);
    CHECK_EQ(fk_mapping_destroy(mapping), FK_OK);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
}

/* ---- which pages were used and written ---- */

static void marks(void)
{
    struct fk_page_info info[PAGES];
    uint64_t pages = test_pages(PAGES);
    uint64_t region = test_region(self, pages, PAGES * FK_PAGE, 7, 0);
    uint64_t map = test_map(self, test_ref(FK_DEBUG_REGION, region), AT, PAGES * FK_PAGE, 0, 7);
    for (unsigned i = 0; i < PAGES; i++)
        *window(i) = i;
    long epoch = fk_region_info(region, 0, PAGES, fk_at(info));
    for (unsigned i = 0; i < PAGES; i++)
        CHECK(info[i].written == epoch && info[i].used == epoch);
    *window(3) = 7;
    uint64_t sum = *window(9);
    CHECK_EQ(sum, 9);
    CHECK_EQ(fk_region_info(region, 0, PAGES, fk_at(info)), epoch + 1);
    for (unsigned i = 0; i < PAGES; i++) {
        CHECK_EQ(info[i].written > epoch, i == 3);
        CHECK_EQ(info[i].used > epoch, i == 3 || i == 9);
    }
    CHECK_EQ(fk_region_flush(region, 0, PAGES * FK_PAGE), FK_OK); /* marks survive a flush */
    CHECK_EQ(fk_region_info(region, 3 * FK_PAGE, 1, fk_at(info)), epoch + 2);
    CHECK_EQ(info[0].written, epoch + 1);
    CHECK_EQ(fk_mapping_destroy(map), FK_OK);
}

/* ---- a space whose page tables do not fit its budget still works, only slower ---- */

static volatile uint64_t walked;

static void walker(uint64_t base)
{
    for (unsigned round = 0; round < 3; round++)
        for (uint64_t i = 0; i < 64; i++)
            *(volatile uint64_t *)(base + i * (2ull << 20)) += 1; /* a page table each */
    walked = 1;
    test_stop();
}

static void thin_space(void)
{
    uint64_t space = test_space(24 * 4096), pages = test_pages(1);
    uint64_t region = test_ref(FK_DEBUG_REGION, test_region(self, pages, FK_PAGE, 7, 0));
    for (uint64_t i = 0; i < 64; i++)
        test_map(self, region, AT + i * (2ull << 20), FK_PAGE, 0, 7);
    *(volatile uint64_t *)pages = 0;
    uint64_t thread = test_thread_make(test_ref(FK_DEBUG_SPACE, space), fk_at((void *)walker),
                                       test_pages(1) + FK_PAGE, AT);
    /* It is not in the root space: it runs on what we donate. */
    uint64_t ref = test_ref(FK_DEBUG_THREAD, thread);
    while (!walked)
        fk_thread_schedule(ref, 0, FK_SENSE_BLOCK, FK_FOREVER);
    CHECK_EQ(*(volatile uint64_t *)pages, 3 * 64);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    CHECK_EQ(fk_space_destroy(space), FK_OK);
}

void test_run(void)
{
    self = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    for (unsigned i = 1; i <= DEPTH; i++)
        depth(i);
    revoke(1);
    revoke(DEPTH);
    ring();
    keepers();
    marks();
    thin_space();
}

/* Running out of kernel memory is an error to the one who ran out and to nobody else: budgets are
 * split from parent to child and come back; and whichever allocation fails, nothing leaks or
 * breaks. SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

static uint64_t memory(void)
{
    return fk_kernel_debug(FK_DEBUG_MEMORY, 0, 0);
}

static uint64_t objects(void)
{
    return fk_kernel_debug(FK_DEBUG_OBJECTS, FK_DEBUG_KINDS, 0);
}

/* ---- what a thread costs ---- */

/* An idle thread: 512 bytes and its extended state; 128 more when it handles its own exceptions. */
static void thread_price(void)
{
    static struct fk_thread_state state;
    uint64_t thread = test_object();
    CHECK_EQ(fk_thread_create(thread), FK_OK);
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK); /* the page tables are there now */
    uint64_t before = memory();
    CHECK_EQ(fk_thread_create(thread), FK_OK);
    CHECK(memory() - before <= 512 + FK_XSTATE_BYTES);
    uint64_t idle = memory();
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), 0), FK_OK);
    CHECK_EQ(memory(), idle);
    state.saved.rax = 5; /* as one who has handled something */
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_FAIL, 1, 0), 0);
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), 0), FK_NO_MEMORY);
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), 0), FK_OK);
    CHECK_EQ(memory(), idle + 128);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
    CHECK_EQ(memory(), before);
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

/* ---- every n-th allocation fails ---- */

static struct test_port service;
static uint64_t scratch, window_refs;

static void server(uint64_t portset)
{
    struct fk_ipc ipc = {.dest = portset};
    fk_server_wait_receive(&ipc);
    for (;;) {
        ipc.dest = portset;
        ipc.tag &= FK_TAG_WORDS;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

/* Makes a bit of everything and undoes it. Returns how many steps met NO_MEMORY. */
static unsigned scenario(void)
{
    unsigned failed = 0;
    struct fk_region_state rs = {.start = scratch, .size = 4 * FK_PAGE, .prot = 7};
    struct fk_mapping_state ms = {.start = 0x500000000000, .size = 4 * FK_PAGE, .prot = 7};
    struct fk_region_links rl = {window_refs, 0};
    struct fk_mapping_links ml = {window_refs, window_refs + 32};
    bool live[FK_DEBUG_KINDS];
    for (uint64_t kind = 0; kind < FK_DEBUG_KINDS; kind++) {
        long answer = fk_call4(kind << 5, scratch + kind * 32, 0, 0, 0);
        CHECK(answer == FK_OK || answer == FK_NO_MEMORY);
        live[kind] = answer == FK_OK;
        failed += !live[kind];
    }
    if (live[FK_DEBUG_REGION] && live[FK_DEBUG_MAPPING]) {
        CHECK_EQ(fk_region_set_state(scratch + FK_DEBUG_REGION * 32, fk_at(&rs), fk_at(&rl)),
                 FK_OK);
        CHECK_EQ(fk_region_reference(scratch + FK_DEBUG_REGION * 32, window_refs + 32), FK_OK);
        CHECK_EQ(fk_mapping_set_state(scratch + FK_DEBUG_MAPPING * 32, fk_at(&ms), fk_at(&ml)),
                 FK_OK);
        *(volatile uint64_t *)(0x500000000000 + 2 * FK_PAGE) = 1; /* page tables */
    }
    struct fk_ipc ipc = {.dest = service.ref, .tag = 1, .word = {9}};
    CHECK_EQ(fk_client_connect_send_over_receive(&ipc), FK_OK);
    for (uint64_t kind = 0; kind < FK_DEBUG_KINDS; kind++)
        if (live[kind])
            CHECK_EQ(fk_call4((kind << 5) + 2, scratch + kind * 32, 0, 0, 0), FK_OK);
    return failed;
}

static void injected(void)
{
    service = test_port(3);
    test_thread(server, service.portset);
    scratch = test_pages(4);
    window_refs = test_pages(1);
    CHECK_EQ(fk_ref_create(window_refs), FK_OK);
    CHECK_EQ(fk_ref_create(window_refs + 32), FK_OK);
    CHECK_EQ(fk_space_reference(fk_at(&boot->space), window_refs), FK_OK);
    CHECK_EQ(scenario(), 0);
    /* What the scenario leaves behind are page tables only: let it make them again each time. */
    uint64_t memory_before = memory(), objects_before = objects(), failures = 0;
    for (uint64_t n = 1; n < 40; n++) {
        fk_kernel_debug(FK_DEBUG_FAIL, n, 0);
        failures += scenario();
        fk_kernel_debug(FK_DEBUG_FAIL, 0, 0);
        CHECK_EQ(objects(), objects_before);
        CHECK_EQ(fk_kernel_debug(FK_DEBUG_CHECK, 0, 0), 0);
        CHECK_EQ(scenario(), 0);
        CHECK_EQ(memory(), memory_before);
    }
    CHECK(failures >= 9);
    print("%u allocations failed\n", failures);
}

void test_run(void)
{
    thread_price();
    quota();
    injected();
}

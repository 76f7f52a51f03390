/* kernel/tests/play_memory.c -- plays of regions and mappings: faults that a keeper resolves, in
 * programs and in messages, and walks over what derives from a region. SPDX-License-Identifier: MIT
 */
#include "kernel/tests/anywhere.h"

/* ---- memory: regions, mappings, faults that a keeper resolves ---- */

/* In the root space, so that the children see it as they see all of that. */
#define WINDOW 0x310000000000ull /* by a table */
#define VIEW   0x320000000000ull /* of the window, whose region has a keeper */
#define ALIAS  0x330000000000ull /* of the area, as space 1 exports it */
#define PAGES  4
static uint64_t table[PAGES] STAGE, window_region, area_region;

static void window_prepare(void)
{
    const struct fk_region_state range = {.start = area, .size = 8ull << 20, .prot = 7};
    const struct fk_region_links owner = {stage_space[1], 0};
    memset(table, 0, sizeof(table));
    if (window_region) { /* space 1 may be another one than last time */
        CHECK_EQ(fk_region_set_state(area_region, fk_at(&range), fk_at(&owner)), FK_OK);
        return;
    }
    uint64_t map = test_object(), root = stage_space[0];
    uint64_t frames = test_region(root, area, PAGES * FK_PAGE, 7, 0);
    struct fk_mapping_state state = {
        .start = WINDOW, .size = PAGES * FK_PAGE, .prot = 7, .table = fk_at(table)};
    struct fk_mapping_links links = {root, test_ref(FK_DEBUG_REGION, frames)};
    CHECK_EQ(fk_mapping_create(map), FK_OK);
    CHECK_EQ(fk_mapping_set_state(map, fk_at(&state), fk_at(&links)), FK_OK);
    window_region = test_region(root, WINDOW, PAGES * FK_PAGE, 7, stage.ref);
    test_map(root, test_ref(FK_DEBUG_REGION, window_region), VIEW, PAGES * FK_PAGE, 0, 7);
    area_region = test_region(stage_space[1], area, 8ull << 20, 7, 0);
    test_map(root, test_ref(FK_DEBUG_REGION, area_region), ALIAS, 8ull << 20, 0, 7);
}

void memory_prepare(void)
{
    window_prepare();
    CHECK_EQ(fk_cond_create(area + 2 * FK_PAGE + 64), FK_OK); /* to be found */
}

void keeper(uint64_t who)
{
    begin(who);
    struct fk_ipc ipc = {.dest = stage.portset};
    fk_server_wait_receive(&ipc);
    for (;;) {
        CHECK_EQ(ipc.tag & ~(uint64_t)FK_TAG_WORDS, FK_TAG_IDEMPOTENT | FK_TAG_FAULT);
        uint64_t page = ipc.word[1] / FK_PAGE;
        CHECK(page < PAGES);
        table[page] = (page * FK_PAGE) | 7; /* as often as it is asked */
        ipc.dest = stage.portset;
        ipc.tag = 0;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

static volatile uint64_t *word_of(uint64_t base, unsigned page)
{
    return (volatile uint64_t *)(base + page * FK_PAGE + 8);
}

void pager_client(uint64_t who)
{
    static struct fk_page_info info[PAGES];
    static struct fk_found found;
    begin(who);
    for (unsigned i = 0; i < PAGES; i++)
        *word_of(VIEW, i) = i + 70; /* by way of the keeper */
    table[1] = 0;
    note(who, (uint64_t)fk_region_flush(window_region, FK_PAGE, FK_PAGE));
    note(who, *word_of(VIEW, 1));
    table[1] = 0;
    note(who, (uint64_t)fk_region_flush(window_region, 0, PAGES * FK_PAGE));
    note(who, (uint64_t)fk_mutex_get_state(rebirth_mutex[0], fk_at(word_of(VIEW, 1)), 0));
    note(who, *word_of(ALIAS, 3));
    note(who, (uint64_t)fk_region_protect(area_region, FK_READ));
    note(who, *word_of(ALIAS, 2));
    note(who, (uint64_t)fk_region_protect(area_region, 7));
    *word_of(ALIAS, 2) = 99;
    note(who, fk_region_info(area_region, 0, PAGES, fk_at(info)) > 0);
    note(who, info[2].written > 0);
    note(who, (uint64_t)fk_region_search(area, 16 * FK_PAGE, fk_at(&found)));
    note(who, found.type);
    note(who, found.address - area);
    note(who, (uint64_t)fk_region_search(area + 3 * FK_PAGE, 16 * FK_PAGE, fk_at(&found)));
    end(who);
}

/* ---- faulting: messages from and to memory that a keeper has to bring ---- */

static struct test_port desk;

void faulting_prepare(void)
{
    static struct test_port made;
    if (!made.port)
        made = test_port(9);
    desk = made;
    window_prepare();
}

void faulting_client(uint64_t who)
{
    static struct fk_message block STAGE;
    begin(who);
    table[0] = table[1] = table[2] = 0;
    note(who, (uint64_t)fk_region_flush(window_region, 0, PAGES * FK_PAGE));
    block = (struct fk_message){.send = {{VIEW + 1000, play_bytes}, 0, 0, 0, 0},
                                .receive = {{VIEW + FK_PAGE + 1000, play_bytes}, 0, 0, 0, 0}};
    struct fk_ipc ipc = {desk.ref, fk_at(&block), 2, {1, 2}};
    note(who, (uint64_t)fk_client_connect_send_over_receive(&ipc));
    note_words(who, &ipc);
    table[0] = table[1] = table[2] = 0;
    note(who, (uint64_t)fk_region_flush(window_region, 0, PAGES * FK_PAGE));
    block = (struct fk_message){.send = {{VIEW + 1000, play_bytes}, 0, 0, 0, 0},
                                .receive = {{VIEW + FK_PAGE + 1000, play_bytes}, 0, 0, 0, 0}};
    ipc = (struct fk_ipc){desk.ref, fk_at(&block), 2, {3, 4}};
    note(who, (uint64_t)fk_ipc_call(&ipc));
    note_words(who, &ipc);
    note_some(who, (void *)(VIEW + FK_PAGE + 1000));
    end(who);
}

void faulting_server(uint64_t who)
{
    static struct fk_message block STAGE;
    begin(who);
    struct fk_ipc ipc = {.dest = desk.portset, .message = fk_at(&block)};
    block.receive = (struct fk_part){{VIEW + 2 * FK_PAGE, FK_PAGE}, 0, 0, 0, 0};
    fk_server_wait_receive(&ipc);
    for (;;) {
        block.send = (struct fk_part){{VIEW + 2 * FK_PAGE, play_bytes}, 0, 0, 0, 0};
        block.receive = (struct fk_part){{VIEW + 2 * FK_PAGE, FK_PAGE}, 0, 0, 0, 0};
        ipc.dest = desk.portset;
        ipc.tag &= FK_TAG_WORDS;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

/* ---- walks: one after the other, or one into the walk of another ---- */

#define VIEWS  80 /* mappings of one region: more than a walk passes at a stretch */
#define SIGHTS 0x350000000000ull
static uint64_t wide_region, wide_ref, void_space, void_ref; /* nobody lives there */
static volatile uint64_t walked STAGE;

static uint64_t wide_view(unsigned n)
{
    return area + FK_PAGE + n * FK_OBJECT_BYTES;
}

void walks_prepare(void)
{
    struct fk_region_state range = {.start = area, .size = FK_PAGE, .prot = 7};
    const struct fk_region_links owner = {stage_space[0], 0};
    walked = 0;
    if (!wide_ref) {
        wide_ref = make_refs(2, 0);
        void_ref = wide_ref + FK_OBJECT_BYTES;
    }
    void_space = area + 128;
    CHECK_EQ(fk_space_create(void_space), FK_OK);
    CHECK_EQ(fk_space_reference(void_space, void_ref), FK_OK);
    wide_region = area + 64;
    CHECK_EQ(fk_region_create(wide_region), FK_OK);
    CHECK_EQ(fk_region_set_state(wide_region, fk_at(&range), fk_at(&owner)), FK_OK);
    CHECK_EQ(fk_region_reference(wide_region, wide_ref), FK_OK);
    for (unsigned i = 0; i < VIEWS; i++) {
        const struct fk_mapping_state view = {
            .start = SIGHTS + i * FK_PAGE, .size = FK_PAGE, .prot = 7};
        const struct fk_mapping_links links = {i ? void_ref : stage_space[0], wide_ref};
        CHECK_EQ(fk_mapping_create(wide_view(i)), FK_OK);
        CHECK_EQ(fk_mapping_set_state(wide_view(i), fk_at(&view), fk_at(&links)), FK_OK);
    }
}

static void look(uint64_t who)
{
    note(who, *(volatile uint64_t *)(SIGHTS + FK_PAGE - 8));
}

void walks_first(uint64_t who)
{
    static struct fk_page_info info STAGE;
    begin(who);
    look(who);
    note(who, fk_region_info(wide_region, 0, 1, fk_at(&info)) > 0);
    info = (struct fk_page_info){0}; /* epochs count how often anybody asked */
    note(who, (uint64_t)fk_region_protect(wide_region, FK_READ | FK_WRITE));
    note(who, (uint64_t)fk_settle());
    look(who);
    __atomic_add_fetch(&walked, 1, __ATOMIC_SEQ_CST);
    end(who);
}

void walks_second(uint64_t who)
{
    begin(who);
    note(who, (uint64_t)fk_region_protect(wide_region, 7));
    look(who);
    struct fk_region_state range = {.start = area, .size = FK_PAGE, .prot = 7};
    note(who, (uint64_t)fk_region_set_state(wide_region, fk_at(&range), 0));
    __atomic_add_fetch(&walked, 1, __ATOMIC_SEQ_CST);
    end(who);
}

/* The last one takes all of it away. */
void walks_third(uint64_t who)
{
    static struct fk_found found STAGE;
    begin(who);
    note(who, (uint64_t)fk_region_flush(wide_region, 0, FK_PAGE));
    look(who);
    note(who, (uint64_t)fk_region_search(area + 2 * FK_PAGE, 66 * FK_PAGE, fk_at(&found)));
    while (walked < 2)
        gate();
    note(who, (uint64_t)fk_mapping_destroy(wide_view(VIEWS - 1)));
    note(who, (uint64_t)fk_region_destroy(wide_region));
    note(who, (uint64_t)fk_space_destroy(void_space));
    for (unsigned i = 0; i < VIEWS - 1; i++)
        CHECK_EQ(fk_mapping_destroy(wide_view(i)), FK_OK);
    end(who);
}

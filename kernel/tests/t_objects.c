/* Every kind of object can be created, named, moved and destroyed; a scribbled hint gains nothing;
 * nothing leaks; and a reference outlives its target without reaching it.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/test.h"

static long common(enum fk_debug_kind kind, unsigned operation, uint64_t a, uint64_t b, uint64_t c)
{
    return fk_call4(((uint64_t)kind << 5) + operation, a, b, c, 0);
}

enum { CREATE, CREATE_HASH, DESTROY, MOVE, REFERENCE, GET_STATE, SET_STATE };

static void life_of(enum fk_debug_kind kind)
{
    static uint64_t state[256];
    uint64_t at = test_object(), to = test_object(), ref = test_object(), copy = test_object();
    uint64_t before = fk_kernel_debug(FK_DEBUG_OBJECTS, kind, 0);
    CHECK_EQ(common(kind, CREATE_HASH, at, 0x1234 + kind, 0), FK_OK);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_OBJECTS, kind, 0), before + 1);
    CHECK_EQ(test_insane((kind << 5) + CREATE, at, 0, 0, 0), FK_INSANE_OBJECT_EXISTS);
    *(uint64_t *)at ^= 0x77; /* the hint */
    if (kind != FK_DEBUG_REF)
        CHECK_EQ(common(kind, GET_STATE, at, fk_at(state), 0), FK_OK);
    CHECK(kind == FK_DEBUG_REF || state[0] == 0x1234ull + kind);
    CHECK_EQ(common(kind, MOVE, at, to, 0), FK_OK);
    CHECK_EQ(test_insane((kind << 5) + GET_STATE, at, fk_at(state), 0, 0), FK_INSANE_NO_OBJECT);
    if (kind != FK_DEBUG_MAPPING && kind != FK_DEBUG_REF) {
        struct fk_ref_state found;
        CHECK_EQ(fk_ref_create(ref), FK_OK);
        CHECK_EQ(fk_ref_create(copy), FK_OK);
        CHECK_EQ(common(kind, REFERENCE, to, ref, 0), FK_OK);
        CHECK_EQ(fk_ref_reference(ref, copy), FK_OK);
        CHECK_EQ(fk_ref_compare(ref, copy), FK_OK);
        CHECK_EQ(fk_ref_get_state(ref, fk_at(&found), 0), FK_OK);
        CHECK_EQ(found.hash, 0x1234 + kind);
        CHECK_EQ(found.type, kind);
        CHECK_EQ(common(kind, DESTROY, to, 0, 0), FK_OK);
        CHECK_EQ(fk_ref_get_state(copy, fk_at(&found), 0), FK_OK);
        CHECK_EQ(found.type, FK_DEBUG_KINDS);
        CHECK_EQ(fk_ref_destroy(ref), FK_OK);
        CHECK_EQ(fk_ref_destroy(copy), FK_OK);
    } else {
        CHECK_EQ(common(kind, DESTROY, to, 0, 0), FK_OK);
    }
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_OBJECTS, kind, 0), before);
}

/* A page of objects seen at two addresses is one page of objects. */
static void shared_memory(void)
{
    uint64_t page = test_pages(1), other = 0x200000000000;
    uint64_t self = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
    uint64_t region = test_region(self, page, FK_PAGE, 7, 0);
    test_map(self, test_ref(FK_DEBUG_REGION, region), other, FK_PAGE, 0, 7);
    CHECK_EQ(fk_mutex_create(page + 64), FK_OK);
    CHECK_EQ(fk_mutex_lock(other + 64), FK_OK);
    CHECK_EQ(test_insane(FK_CALL_mutex_lock, page + 64, 0, 0, 0), FK_INSANE_MUTEX_LOCKED);
    /* A copy of its bytes is not the object. */
    *(uint64_t *)(page + 128) = *(uint64_t *)(page + 64);
    CHECK_EQ(test_insane(FK_CALL_mutex_lock, page + 128, 0, 0, 0), FK_INSANE_NO_OBJECT);
    CHECK_EQ(fk_mutex_destroy(other + 64), FK_OK);
    CHECK_EQ(test_insane(FK_CALL_mutex_lock, page + 64, 0, 0, 0), FK_INSANE_NO_OBJECT);
}

static void search(void)
{
    struct fk_found found;
    uint64_t pages = test_pages(40), end = pages + 40 * FK_PAGE;
    CHECK_EQ(fk_region_search(pages, 40 * FK_PAGE, fk_at(&found)), FK_NOT_FOUND);
    fk_cond_create(pages + 3 * FK_PAGE + 96);
    fk_port_create(pages + 3 * FK_PAGE + 64);
    fk_mutex_create(pages + 39 * FK_PAGE + 4064);
    *(uint64_t *)(pages + 3 * FK_PAGE + 64) = 0; /* hidden, its owner hopes */
    CHECK_EQ(fk_region_search(pages, end - pages, fk_at(&found)), FK_OK);
    CHECK_EQ(found.address, pages + 3 * FK_PAGE + 64);
    CHECK_EQ(found.type, FK_DEBUG_PORT);
    CHECK_EQ(fk_region_search(found.address + 1, end - found.address - 1, fk_at(&found)), FK_OK);
    CHECK_EQ(found.address, pages + 3 * FK_PAGE + 96);
    CHECK_EQ(fk_region_search(found.address + 1, end - found.address - 1, fk_at(&found)), FK_OK);
    CHECK_EQ(found.type, FK_DEBUG_MUTEX);
    CHECK_EQ(fk_region_search(found.address + 1, end - found.address - 1, fk_at(&found)),
             FK_NOT_FOUND);
}

void test_run(void)
{
    for (enum fk_debug_kind kind = 0; kind < FK_DEBUG_KINDS; kind++)
        life_of(kind); /* warms up: object pages, page tables */
    uint64_t memory = fk_kernel_debug(FK_DEBUG_MEMORY, 0, 0);
    uint64_t pages = fk_kernel_debug(FK_DEBUG_FREE_PAGES, 0, 0);
    for (int i = 0; i < 3; i++)
        for (enum fk_debug_kind kind = 0; kind < FK_DEBUG_KINDS; kind++)
            life_of(kind);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_MEMORY, 0, 0), memory);
    CHECK_EQ(fk_kernel_debug(FK_DEBUG_FREE_PAGES, 0, 0), pages);
    shared_memory();
    search();
}

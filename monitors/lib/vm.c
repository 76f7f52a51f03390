/* monitors/lib/vm.c -- this program's address space: mappings, windows onto regions, pages from the
 * pool. Address space for windows comes from a bump pointer; ranges that were closed are used again
 * for windows of the same size. SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

#define FULL (FK_READ | FK_WRITE)

struct window {
    struct window *next;
    uint64_t start, bytes, mapping;
    uint64_t region; /* to give back to the pool, 0 = not ours */
};

void *(*mon_memory_source)(uint64_t bytes);
static uint64_t area_next = MON_AREA;
static struct window *open_windows, *closed_windows;

static uint64_t pages_up(uint64_t bytes)
{
    return (bytes + FK_PAGE - 1) & ~(FK_PAGE - 1ull);
}

uint64_t mon_area(uint64_t bytes)
{
    uint64_t start =
        __atomic_load_n(&area_next, __ATOMIC_RELAXED); /* the heap of any thread asks */
    bytes = pages_up(bytes);
    do {
        if (bytes > MON_AREA_END - start)
            return 0;
    } while (!__atomic_compare_exchange_n(&area_next, &start, start + bytes, false,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return start;
}

static long map_object(uint64_t mapping, uint64_t space, uint64_t region, uint64_t start,
                       uint64_t bytes, uint64_t offset, unsigned rights)
{
    struct fk_mapping_state state = {
        .start = start, .size = pages_up(bytes), .offset = offset, .prot = rights};
    struct fk_mapping_links links = {space, region};
    return fk_mapping_set_state(mapping, fk_at(&state), fk_at(&links));
}

uint64_t mon_map(uint64_t space, uint64_t region, uint64_t start, uint64_t bytes, uint64_t offset,
                 unsigned rights)
{
    uint64_t mapping = mon_object(FK_DEBUG_MAPPING);
    if (mapping && map_object(mapping, space, region, start, bytes, offset, rights)) {
        mon_object_free(mapping, FK_DEBUG_MAPPING);
        return 0;
    }
    return mapping;
}

void mon_unmap(uint64_t mapping)
{
    mon_object_free(mapping, FK_DEBUG_MAPPING);
}

static struct window *window_find(struct window ***link, uint64_t start)
{
    for (*link = &open_windows; **link; *link = &(**link)->next)
        if ((**link)->start == start)
            return **link;
    return NULL;
}

/* A closed window of this size, or a new one. */
static struct window *window_new(uint64_t bytes)
{
    for (struct window **at = &closed_windows; *at; at = &(*at)->next) {
        struct window *window = *at;
        if (window->bytes == bytes) {
            *at = window->next;
            return window;
        }
    }
    struct window *window = calloc(1, sizeof(*window));
    if (!window)
        return NULL;
    window->bytes = bytes;
    window->start = mon_area(bytes);
    if (window->start)
        return window;
    free(window);
    return NULL;
}

void *mon_window(uint64_t region, uint64_t bytes, uint64_t offset, unsigned rights)
{
    struct window *window = window_new(pages_up(bytes));
    if (!window)
        return NULL;
    window->region = 0;
    window->mapping = mon_map(mon.ref[PARENT_SPACE], region, window->start, bytes, offset, rights);
    struct window **list = window->mapping ? &open_windows : &closed_windows;
    window->next = *list;
    *list = window;
    return window->mapping ? (void *)window->start : NULL;
}

static struct window *window_close(void *at)
{
    struct window **link, *window = window_find(&link, fk_at(at));
    if (!window)
        return NULL;
    mon_unmap(window->mapping);
    *link = window->next;
    window->next = closed_windows;
    closed_windows = window;
    return window;
}

void mon_window_close(void *at)
{
    window_close(at);
}

void *mon_pages(uint64_t bytes)
{
    if (mon_memory_source)
        return mon_memory_source(pages_up(bytes));
    uint64_t region = mon_ref();
    if (!region)
        return NULL;
    void *pages = mempool_alloc(mon.ref[PARENT_MEMPOOL], pages_up(bytes), region)
                      ? NULL
                      : mon_window(region, bytes, 0, FULL);
    if (!pages) {
        mempool_free(mon.ref[PARENT_MEMPOOL], region);
        mon_ref_free(region);
        return NULL;
    }
    open_windows->region = region;
    return pages;
}

void mon_pages_free(void *pages)
{
    struct window *window = window_close(pages);
    if (!window || !window->region)
        return;
    mempool_free(mon.ref[PARENT_MEMPOOL], window->region);
    mon_ref_free(window->region);
    window->region = 0;
}

/* ---- the heap's own way: it cannot ask the heap for the mapping's memory ---- */

/* The first 32 bytes of each piece are kept for the next piece's mapping. */
void *mon_memory(uint64_t bytes)
{
    static struct fk_object first, region;
    static struct fk_object *spare = &first;
    static bool made;
    if (mon_memory_source)
        return mon_memory_source(bytes);
    if (!made && fk_ref_create(fk_at(&region)))
        return NULL;
    made = true;
    uint64_t start = mon_area(bytes), pool = mon.ref[PARENT_MEMPOOL];
    if (!start || mempool_alloc(pool, bytes, fk_at(&region)))
        return NULL;
    if (fk_mapping_create(fk_at(spare)) ||
        map_object(fk_at(spare), mon.ref[PARENT_SPACE], fk_at(&region), start, bytes, 0, FULL)) {
        mempool_free(pool, fk_at(&region));
        return NULL;
    }
    spare = (struct fk_object *)start;
    return spare;
}

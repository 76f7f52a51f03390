/* kernel/core/derive.c -- downwards: from a range of a space or region to every page-table entry
 * that derives from it, through any number of mappings, to clear it or to collect its used/written
 * marks.
 *
 * The hierarchy may be deep, wide, or a ring, and the kernel stack is small, so this is a work list
 * threaded through the mappings. A mapping that a walk meets a second time with another range is
 * visited once more as a whole; so each is visited at most twice, and visiting too much is
 * harmless: the entries are a cache. SPDX-License-Identifier: MIT */
#include "kernel/core/memory.h"

typedef void visit_fn(paddr root, vaddr start, vaddr end);

static uint64_t epoch;
static struct mapping *first, **last;

static void enqueue(struct mapping *map, vaddr start, vaddr end)
{
    if (map->walk_epoch == epoch) {
        if (start >= map->walk_start && end <= map->walk_end)
            return;
        start = map->dbg.start;
        end = start + map->dbg.size;
    }
    map->walk_epoch = epoch;
    map->walk_start = start;
    map->walk_end = end;
    if (map->walk_queued)
        return;
    map->walk_queued = true;
    map->walk_next = NULL;
    *last = map;
    last = &map->walk_next;
}

/* The part of a mapping that shows [start, end) of its region; with a table, it may be any part. */
static void follow_mapping(struct mapping *map, uint64_t start, uint64_t end)
{
    uint64_t low = map->dbg.offset, high = low + map->dbg.size;
    if (!map->space)
        return;
    if (map->table) {
        start = low;
        end = high;
    }
    if (start < low)
        start = low;
    if (end > high)
        end = high;
    if (start < end)
        enqueue(map, map->dbg.start + (start - low), map->dbg.start + (end - low));
}

static void follow_region(struct region *region, uint64_t start, uint64_t end)
{
    LIST_EACH(map, &region->mappings, struct mapping, in_region)
    follow_mapping(map, start, end);
}

static void follow_space(struct space *space, vaddr start, vaddr end)
{
    LIST_EACH(region, &space->regions, struct region, in_space)
    {
        vaddr low = region->dbg.start, high = low + region->dbg.size;
        if (start < high && end > low)
            follow_region(region, start > low ? start - low : 0,
                          end < high ? end - low : high - low);
    }
}

static void begin(void)
{
    epoch++;
    first = NULL;
    last = &first;
}

static void run(visit_fn *visit)
{
    while (first) {
        struct mapping *map = first;
        first = map->walk_next;
        if (!first)
            last = &first;
        map->walk_queued = false;
        visit(map->space->dbg.cr3, map->walk_start, map->walk_end);
        follow_space(map->space, map->walk_start, map->walk_end);
    }
}

void derive_clear_space(struct space *space, vaddr start, vaddr end)
{
    begin();
    paging_clear(space->dbg.cr3, start, end);
    follow_space(space, start, end);
    run(paging_clear);
}

void derive_clear_region(struct region *region, uint64_t start, uint64_t end)
{
    begin();
    follow_region(region, start, end);
    run(paging_clear);
}

void derive_harvest_region(struct region *region, uint64_t start, uint64_t end)
{
    begin();
    follow_region(region, start, end);
    run(paging_harvest);
}

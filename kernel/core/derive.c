/* kernel/core/derive.c -- downwards: from a range of a space or region to every page-table entry
 * that derives from it, through any number of mappings, to clear it or to collect its used/written
 * marks. The hierarchy may be deep, wide, or a ring, so this is a *walk* with lists of what is
 * still to be visited, threaded through mappings and regions, and it can stop anywhere and go on
 * later.
 *
 * There is at most one walk. Whoever is about to change a link of the hierarchy first settles the
 * one under way, so no link changes under a walk; the change comes at once, its walk after it. A
 * mapping that is met a second time with another range is visited once more as a whole: the entries
 * are a cache. Destroyed spaces go the same way. SPDX-License-Identifier: MIT */
#include "kernel/core/thread.h"

#define STEPS_MAX     384 /* between two preemption points; one is about eight instructions */
#define STEPS_OF_LINK 8

static struct {
    uint64_t number;
    bool active;
    enum paging_visit what;
    struct visit root;           /* where it began, when that is a range of a space */
    struct list visits, regions; /* still to be visited, to be followed */
} walk;
static uint64_t turns;

bool derive_active(void)
{
    return walk.active || space_dissolving();
}

uint64_t derive_epoch(void)
{
    return walk.number;
}

/* ---- what is to be done ---- */

/* [low, high) is all that could ever be asked of it. */
static void visit_add(struct visit *visit, struct space *space, uint64_t start, uint64_t end,
                      uint64_t low, uint64_t high)
{
    if (visit->walk == walk.number) {
        if (start >= visit->start && end <= visit->end)
            return;
        start = low;
        end = high;
    }
    visit->walk = walk.number;
    visit->turn = ++turns;
    visit->space = space;
    visit->start = visit->at = start;
    visit->end = end;
    if (visit->queued)
        return;
    visit->queued = true;
    list_append(space ? &walk.visits : &walk.regions, &visit->link);
}

static void visit_end(struct visit *visit)
{
    visit->queued = false;
    list_remove(&visit->link);
}

static void region_add(struct region *region, uint64_t start, uint64_t end)
{
    visit_add(&region->visit, NULL, start, end, 0, FK_USER_END);
}

/* The part of a mapping that shows the range of its region; with a table, it may be any part. */
static void add_mapping(struct mapping *map, uint64_t start, uint64_t end)
{
    uint64_t low = map->dbg.offset, high = low + map->dbg.size;
    if (!map->space)
        return;
    if (map->table || start < low)
        start = low;
    if (map->table || end > high)
        end = high;
    if (start < end)
        visit_add(&map->visit, map->space, map->dbg.start + (start - low),
                  map->dbg.start + (end - low), map->dbg.start, map->dbg.start + map->dbg.size);
}

/* The part of a region that is in the range of its space. */
static void add_region(struct region *region, vaddr start, vaddr end)
{
    vaddr low = region->dbg.start, high = low + region->dbg.size;
    if (start < high && end > low)
        region_add(region, start > low ? start - low : 0, end < high ? end - low : high - low);
}

/* ---- one step ---- */

/* A list is gone through by moving its first link to its end: a link that has the mark was there.
 */
static void follow(struct region *region)
{
    struct mapping *map = LIST_FIRST(&region->mappings, struct mapping, in_region);
    if (!map || map->seen == region->visit.turn) {
        visit_end(&region->visit);
        return;
    }
    map->seen = region->visit.turn;
    list_remove(&map->in_region);
    list_append(&region->mappings, &map->in_region);
    add_mapping(map, region->visit.start, region->visit.end);
}

static unsigned visit_more(struct visit *visit)
{
    if (visit->at < visit->end)
        return paging_visit(visit->space->dbg.cr3, &visit->at, visit->end, walk.what);
    struct region *region = LIST_FIRST(&visit->space->regions, struct region, in_space);
    if (!region || region->seen == visit->turn) {
        visit_end(visit);
        return STEPS_OF_LINK;
    }
    region->seen = visit->turn;
    list_remove(&region->in_space);
    list_append(&visit->space->regions, &region->in_space);
    add_region(region, visit->start, visit->end);
    return STEPS_OF_LINK;
}

/* How much was done; 0 = the walk is over. */
static unsigned step(void)
{
    struct region *region = LIST_FIRST(&walk.regions, struct region, visit.link);
    struct visit *visit = LIST_FIRST(&walk.visits, struct visit, link);
    if (visit)
        return visit_more(visit);
    if (!region)
        return 0;
    follow(region);
    return STEPS_OF_LINK;
}

/* What is left of spaces that were destroyed is taken apart between walks. */
static unsigned work(void)
{
    if (!walk.active)
        return space_dissolve();
    unsigned done = step();
    walk.active = done;
    return done + 1;
}

/* When a space was taken apart, what the caller has looked up may be gone: he makes his call again.
 */
bool derive_settle(void)
{
    bool same = !space_dissolving();
    for (unsigned steps = 0; derive_active(); steps += work()) {
        if (steps >= STEPS_MAX) {
            if (arch_preempt())
                return false;
            steps = 0;
        }
    }
    return same;
}

/* Whoever began it may have been destroyed half-way: then it goes on with every tick. */
void derive_tick(void)
{
    for (unsigned steps = 0; derive_active() && steps < STEPS_MAX / 4;)
        steps += work();
}

/* ---- beginning ---- */

static void begin(enum paging_visit what)
{
    kassert(!walk.active);
    walk.number++;
    walk.active = true;
    walk.what = what;
    list_init(&walk.visits);
    list_init(&walk.regions);
}

void derive_clear_space(struct space *space, vaddr start, vaddr end)
{
    begin(PAGING_CLEAR);
    visit_add(&walk.root, space, start, end, start, end);
}

void derive_clear_region(struct region *region, uint64_t start, uint64_t end)
{
    begin(PAGING_CLEAR);
    region_add(region, start, end);
}

void derive_harvest_region(struct region *region, uint64_t start, uint64_t end)
{
    begin(PAGING_HARVEST);
    region_add(region, start, end);
}

/* ---- the call ---- */

long derive_roll(void)
{
    current->frame.rax = FK_CALL_settle;
    return sys_settle();
}

long sys_settle(void)
{
    return derive_settle() ? FK_OK : K_AGAIN;
}

/* kernel/core/memory.c -- finding memory: first in a space's page tables, which are only a cache,
 * else by walking up mappings and regions to the pool and caching what was found. After that depth
 * costs nothing. A walk that ends nowhere fills `fault` with the region whose keeper must be asked.
 * Invariant: an entry in a page table grants no more than every mapping and region between it and
 * the pool; whoever lowers a right or removes a link clears what derives from it (derive.c).
 * SPDX-License-Identifier: MIT */
#include "kernel/core/line.h"
#include "kernel/core/memory.h"
#include "kernel/core/thread.h"

#define WALK_LIMIT  320 /* links in a chain; a longer one (or a ring) counts as nothing there */
#define GOAL_LIMIT  4096
#define TRIES_LIMIT 1000 /* more, and the page tables that it takes must be evicting each other */
#define STEPS_MAX   1600 /* between two preemption points; one is about eight instructions */
#define STEPS_LINK  6    /* and two for each level of the tree of mappings */
#define STEPS_TABLE 4
#define STEPS_GOAL  16 /* with the entry that is made of it */
#define NO_EPOCH    (~0ull)

struct fault fault;
uint64_t memory_changes = 1;

enum walk { WALK_FOUND, WALK_MISSING, WALK_NEEDS_TABLE, WALK_PREEMPTED };

struct goal {
    struct space *space;
    vaddr va;
    unsigned access;
    unsigned prot; /* allowed, when found */
    paddr pa;
};

/* How far up a walk has come. */
struct way {
    struct space *space; /* here, */
    vaddr va;
    struct region *from; /* by this region, */
    uint64_t offset;
    unsigned links; /* after so many */
    unsigned prot;  /* that allow this */
};

/* The last thread that must make its call or access again before what it looked for is found. */
static struct again {
    struct thread *who;
    unsigned tries;
    struct link space; /* gives back a page table first thing the next time; */
    bool empty;        /* it had none to give */
    struct goal page, goal;
    struct way way;
    uint64_t epoch; /* while this is derive_epoch(), the way to `page` goes on at `way` to `goal` */
} again;
static struct way stopped_at; /* the last walk that answered WALK_PREEMPTED */

static struct goal goal_start(struct space *space, vaddr va, unsigned access)
{
    return (struct goal){.space = space, .va = va, .access = access};
}

static enum walk missing(struct region *region, uint64_t offset)
{
    fault.region = region;
    fault.offset = offset;
    return WALK_MISSING;
}

/* A space has one mapping at an address: what was found last is believed if it is that. */
static struct mapping *first_mapping(struct space *space, vaddr va)
{
    struct mapping *map = (struct mapping *)link_get(&space->recent);
    if (map && map->space == space && va - map->dbg.start < map->dbg.size)
        return map;
    map = mapping_at(space, va);
    link_set(&space->recent, map ? &map->obj : NULL);
    return map;
}

/* The word for this page in the mapping's table. The table is memory of the importing space; if the
 * page that holds it is not cached, that becomes the next goal. */
static enum walk table_word(struct mapping *map, vaddr va, struct goal *table, uint64_t *word)
{
    vaddr at = map->table + (va - map->dbg.start) / FK_PAGE * sizeof(uint64_t);
    uint64_t in_page = at & (FK_PAGE - 1);
    if (map->word.epoch == paging_epoch && map->word.page == at - in_page) {
        *word = *(uint64_t *)(map->word.at + in_page);
        return WALK_FOUND;
    }
    char *found = paging_find(map->space->dbg.cr3, at, FK_READ);
    if (found) {
        map->word.epoch = paging_epoch;
        map->word.page = at - in_page;
        map->word.at = found - in_page;
        *word = *(uint64_t *)found;
        return WALK_FOUND;
    }
    *table = goal_start(map->space, at, FK_READ);
    return WALK_NEEDS_TABLE;
}

static enum walk found(struct goal *goal, paddr pa, unsigned prot)
{
    goal->pa = pa & ~(FK_PAGE - 1ull);
    goal->prot = prot;
    return WALK_FOUND;
}

/* One chain, upwards, from its beginning or further on the way. `from` is the region that led into
 * the space being looked at. */
static enum walk climb(struct goal *goal, const struct way *way, struct goal *table,
                       unsigned *steps)
{
    struct line line = {.first = NULL};
    struct region *from = way ? way->from : NULL;
    vaddr va = way ? way->va : goal->va;
    struct mapping *map = way ? mapping_at(way->space, va) : first_mapping(goal->space, va);
    uint64_t offset = way ? way->offset : 0, word;
    unsigned prot = way ? way->prot : PROT_ALL, access = goal->access;
    for (unsigned i = way ? way->links : 0; i < WALK_LIMIT; i++) {
        if (!map || !map->region || access & ~map->dbg.prot)
            return missing(from, offset);
        *steps += STEPS_LINK + 2 * map->space->tree->level;
        if (*steps >= STEPS_MAX) {
            *steps = 0;
            stopped_at = (struct way){map->space, va, from, offset, i, prot};
            if (arch_preempt())
                return WALK_PREEMPTED;
        }
        prot &= map->dbg.prot;
        uint64_t below = va - map->dbg.start, inner = map->dbg.offset + below;
        if (line.first)
            line_goes(&line, below, map->dbg.size - below, map->dbg.prot);
        if (map->table) {
            *steps += STEPS_TABLE;
            line_end(&line, map, va, from, offset, i);
            if (table_word(map, va, table, &word) != WALK_FOUND)
                return WALK_NEEDS_TABLE;
            prot &= word & 7;
            if (!(word & 7) || access & ~prot)
                return missing(from, offset);
            inner = (word & ~(FK_PAGE - 1ull)) + (va & (FK_PAGE - 1));
        }
        from = map->region;
        offset = inner;
        if (offset >= from->dbg.size || access & ~from->dbg.prot)
            return missing(from, offset);
        prot &= from->dbg.prot;
        va = from->dbg.start + offset;
        const struct jump *jump = jump_from(from, offset, access);
        if (!jump || line.first)
            line_region(&line, from, offset, i);
        if (from->physical) {
            line_end(&line, NULL, va, from, offset, i);
            return found(goal, va, prot);
        }
        if (jump) {
            line_goes(&line, offset - jump->low, jump->low + jump->size - offset, jump->prot);
            prot &= jump->prot;
            va = offset + jump->to;
            i += jump->links;
            map = jump->map;
            from = jump->last;
            offset += jump->last_to;
            if (!map) {
                line_end(&line, NULL, va, from, offset, i);
                return i < WALK_LIMIT ? found(goal, va, prot) : missing(NULL, 0);
            }
            i--; /* the mapping is the next link */
            continue;
        }
        if (!from->space)
            return missing(from, offset);
        map = mapping_at(from->space, va);
    }
    return missing(NULL, 0);
}

static enum walk walk(struct goal *goal, const struct way *way, struct goal *table)
{
    static unsigned since; /* steps since the last preemption point, or more */
    unsigned steps = since + STEPS_GOAL;
    enum walk outcome = climb(goal, way, table, &steps);
    since = steps;
    return outcome;
}

static void *nothing(unsigned access)
{
    fault.region = NULL;
    fault.access = access;
    return NULL;
}

static void *try_again(unsigned access)
{
    if (again.who != current)
        again = (struct again){.who = current, .epoch = NO_EPOCH};
    if (++again.tries > TRIES_LIMIT) {
        again.who = NULL;
        return nothing(access);
    }
    fault.again = true;
    return NULL;
}

/* Page tables are a cache: a space that cannot pay for another one gives one of its own back. That
 * is all that happens then: what a call has made sure of before its commit is still there after. */
static void *no_room(struct goal *goal)
{
    if (again.who == current && again.empty)
        return nothing(goal->access);
    try_again(goal->access);
    link_set(&again.space, &goal->space->obj);
    return NULL;
}

static bool make_room(void)
{
    struct space *space = (struct space *)link_get(&again.space);
    if (!space)
        return false;
    link_set(&again.space, NULL);
    again.empty = !paging_reclaim(space->dbg.cr3, space->budget);
    return true;
}

static bool install(const struct goal *goal)
{
    struct space *space = goal->space;
    bool done = paging_install(space->dbg.cr3, goal->va & ~(FK_PAGE - 1ull), goal->pa, goal->prot,
                               goal->access, space->budget);
    again.empty &= !done;
    return done;
}

static bool is_goal(const struct goal *goal, struct space *space, vaddr va, unsigned access)
{
    return goal->va == va && goal->space == space && goal->access == access;
}

static void *walk_stopped(const struct goal *goal, struct space *space, vaddr va, unsigned access)
{
    try_again(access);
    again.page = goal_start(space, va, access);
    again.goal = *goal;
    again.way = stopped_at;
    again.epoch = derive_epoch();
    return NULL;
}

/* The same was looked for the last time, and is not there yet: there is the rest to do. */
static const struct way *go_on(struct goal *goal)
{
    bool same =
        again.epoch == derive_epoch() && is_goal(&again.page, goal->space, goal->va, goal->access);
    again.epoch = NO_EPOCH;
    if (!same)
        return NULL;
    *goal = again.goal;
    return &again.way;
}

/* The first goal is the page itself; pages of tables on the way come before it. */
static void *resolve(struct space *space, vaddr va, unsigned access)
{
    struct goal goal = goal_start(space, va, access), table;
    const struct way *way = NULL;
    fault = (struct fault){.va = va};
    if (again.who == current && !(way = go_on(&goal)) && make_room())
        return try_again(access);
    for (int i = 0; i < GOAL_LIMIT; i++, way = NULL) {
        switch (walk(&goal, way, &table)) {
        case WALK_PREEMPTED:
            return walk_stopped(&goal, space, va, access);
        case WALK_MISSING:
            fault.access = goal.access;
            return NULL;
        case WALK_NEEDS_TABLE:
            goal = table;
            continue;
        case WALK_FOUND:
            break;
        }
        if (!install(&goal))
            return no_room(&goal);
        if (is_goal(&goal, space, va, access)) {
            again.who = NULL;
            return phys(goal.pa | (va & (FK_PAGE - 1)));
        }
        goal = goal_start(space, va, access);
    }
    return nothing(access);
}

void *memory_find(struct space *space, vaddr va, unsigned access)
{
    if (!space || va >= FK_USER_END) {
        fault = (struct fault){.va = va, .access = access};
        return NULL;
    }
    void *found = paging_find(space->dbg.cr3, va, access);
    return found ? found : resolve(space, va, access);
}

long memory_check(struct space *space, vaddr va, size_t bytes, unsigned access)
{
    if (va >= FK_USER_END || bytes > FK_USER_END - va)
        return K_INSANE(INVALID_ADDRESS);
    if (!bytes)
        return 0;
    for (vaddr page = va & ~(FK_PAGE - 1ull); page < va + bytes; page += FK_PAGE)
        if (!memory_find(space, page < va ? va : page, access))
            return K_FAULT;
    return 0;
}

static size_t in_page(vaddr va, size_t bytes)
{
    size_t room = FK_PAGE - (va & (FK_PAGE - 1));
    return bytes < room ? bytes : room;
}

long memory_read(struct space *space, vaddr va, void *to, size_t bytes)
{
    char *at = to;
    long outcome = memory_check(space, va, bytes, FK_READ);
    for (size_t part; !outcome && bytes; va += part, at += part, bytes -= part) {
        const void *from = memory_find(space, va, FK_READ);
        if (!from)
            return K_FAULT;
        part = in_page(va, bytes);
        __builtin_memcpy(at, from, part);
    }
    return outcome;
}

void memory_write(struct space *space, vaddr va, const void *from, size_t bytes)
{
    const char *at = from;
    for (size_t part; bytes; va += part, at += part, bytes -= part) {
        void *to = memory_find(space, va, FK_WRITE);
        part = in_page(va, bytes);
        if (to)
            __builtin_memcpy(to, at, part);
    }
}

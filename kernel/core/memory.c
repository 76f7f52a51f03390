/* kernel/core/memory.c -- finding memory: first in a space's page tables, which are only a cache,
 * else by walking up mappings and regions to the pool and caching what was found. After that depth
 * costs nothing. A walk that ends nowhere fills `fault` with the region whose keeper must be asked.
 * Invariant: an entry in a page table grants no more than every mapping and region between it and
 * the pool; whoever lowers a right or removes a link clears what derives from it (derive.c).
 * SPDX-License-Identifier: MIT */
#include "kernel/core/line.h"
#include "kernel/core/thread.h"

#define WALK_LIMIT  320 /* links in a chain; a longer one (or a ring) counts as nothing there */
#define GOAL_LIMIT  4096
#define TRIES_LIMIT 1000 /* more, and the page tables that it takes must be evicting each other */
#define STEPS_MAX   1500 /* between two preemption points; one is about eight instructions */
#define STEPS_LINK  6    /* and two for each level of the tree of mappings */
#define STEPS_TABLE 4
#define STEPS_GOAL  16 /* with the entry that is made of it */
#define NO_EPOCH    (~0ull)

struct fault fault;
uint64_t memory_changes = 1;

enum walk { WALK_ON, WALK_FOUND, WALK_MISSING, WALK_NEEDS_TABLE, WALK_PREEMPTED };

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

/* One chain, upwards, from its beginning or further on the way: link by link, each a mapping and
 * the region that it shows. */
struct climb {
    struct goal *goal, *table;
    struct way at;       /* `from` is the region that led into the space being looked at */
    struct mapping *map; /* there: the next link */
    struct line line;
    unsigned *steps;
};

static inline bool is_tired(struct climb *c)
{
    *c->steps += STEPS_LINK + 2 * c->map->space->tree->level;
    if (*c->steps < STEPS_MAX)
        return false;
    *c->steps = 0;
    stopped_at =
        (struct way){c->map->space, c->at.va, c->at.from, c->at.offset, c->at.links, c->at.prot};
    return arch_preempt();
}

/* By its table, if it has one, a mapping shows another page. */
static inline enum walk look_up(struct climb *c, uint64_t *offset)
{
    uint64_t word;
    *c->steps += STEPS_TABLE;
    line_end(&c->line, c->map, c->at.va, c->at.from, c->at.offset, c->at.links);
    if (table_word(c->map, c->at.va, c->table, &word) != WALK_FOUND)
        return WALK_NEEDS_TABLE;
    c->at.prot &= word & 7;
    if (!(word & 7) || c->goal->access & ~c->at.prot)
        return missing(c->at.from, c->at.offset);
    *offset = (word & ~(FK_PAGE - 1ull)) + (c->at.va & (FK_PAGE - 1));
    return WALK_ON;
}

static inline enum walk through_mapping(struct climb *c)
{
    const struct mapping *map = c->map;
    uint64_t below = c->at.va - map->dbg.start, offset = map->dbg.offset + below;
    c->at.prot &= map->dbg.prot;
    if (c->line.first)
        line_goes(&c->line, below, map->dbg.size - below, map->dbg.prot);
    enum walk outcome = map->table ? look_up(c, &offset) : WALK_ON;
    if (outcome != WALK_ON)
        return outcome;
    c->at.from = map->region;
    c->at.offset = offset;
    if (offset >= map->region->dbg.size || c->goal->access & ~map->region->dbg.prot)
        return missing(map->region, offset);
    return WALK_ON;
}

/* As far as an earlier walk went in a straight line from here. */
static inline enum walk leap(struct climb *c, const struct jump *jump)
{
    uint64_t offset = c->at.offset;
    line_goes(&c->line, offset - jump->low, jump->low + jump->size - offset, jump->prot);
    c->at.prot &= jump->prot;
    c->at.va = offset + jump->to;
    c->at.from = jump->last;
    c->at.offset = offset + jump->last_to;
    c->at.links += jump->links;
    c->map = jump->map;
    if (c->map)
        return WALK_ON;
    line_end(&c->line, NULL, c->at.va, c->at.from, c->at.offset, c->at.links);
    return c->at.links < WALK_LIMIT ? found(c->goal, c->at.va, c->at.prot) : missing(NULL, 0);
}

/* To the next mapping, or to the page. */
static inline enum walk through_region(struct climb *c)
{
    struct region *from = c->at.from;
    const struct jump *jump = jump_from(from, c->at.offset, c->goal->access);
    c->at.prot &= from->dbg.prot;
    c->at.va = from->dbg.start + c->at.offset;
    if (!jump || c->line.first)
        line_region(&c->line, from, c->at.offset, c->at.links);
    if (from->physical) {
        line_end(&c->line, NULL, c->at.va, from, c->at.offset, c->at.links);
        return found(c->goal, c->at.va, c->at.prot);
    }
    if (jump)
        return leap(c, jump);
    if (!from->space)
        return missing(from, c->at.offset);
    c->map = mapping_at(from->space, c->at.va);
    c->at.links++;
    return WALK_ON;
}

static enum walk climb(struct goal *goal, const struct way *way, struct goal *table,
                       unsigned *steps)
{
    const struct way begin = {.space = goal->space, .va = goal->va, .prot = PROT_ALL};
    struct climb c = {.goal = goal, .table = table, .steps = steps, .at = way ? *way : begin};
    c.map = way ? mapping_at(way->space, way->va) : first_mapping(goal->space, goal->va);
    enum walk outcome = WALK_ON;
    while (outcome == WALK_ON && c.at.links < WALK_LIMIT) {
        if (!c.map || !c.map->region || goal->access & ~c.map->dbg.prot)
            return missing(c.at.from, c.at.offset);
        if (is_tired(&c))
            return WALK_PREEMPTED;
        outcome = through_mapping(&c);
        if (outcome == WALK_ON)
            outcome = through_region(&c);
    }
    return outcome == WALK_ON ? missing(NULL, 0) : outcome;
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
        default:
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

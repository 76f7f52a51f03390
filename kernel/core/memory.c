/* kernel/core/memory.c -- finding memory: first in a space's page tables, which are only a cache,
 * else by walking up mappings and regions to the pool and caching what was found. After that depth
 * costs nothing. A walk that ends nowhere fills `fault` with the region whose keeper must be asked.
 * Invariant: an entry in a page table grants no more than every mapping and region between it and
 * the pool; whoever lowers a right or removes a link clears what derives from it (derive.c).
 * SPDX-License-Identifier: MIT */
#include "kernel/core/memory.h"
#include "kernel/core/thread.h"

#define WALK_LIMIT 320 /* links in a chain; a longer one (or a ring) counts as nothing there */
#define GOAL_LIMIT 4096

struct fault fault;

enum walk { WALK_FOUND, WALK_MISSING, WALK_NEEDS_TABLE };

struct goal {
    struct space *space;
    vaddr va;
    unsigned access;
    paddr pa;      /* when found ... */
    unsigned prot; /* ... with all that the chain allows */
};

static enum walk missing(struct region *region, uint64_t offset)
{
    fault.region = region;
    fault.offset = offset;
    return WALK_MISSING;
}

/* The word for this page in the mapping's table. The table is memory of the importing space; if the
 * page that holds it is not cached, that becomes the next goal. */
static enum walk table_word(struct mapping *map, vaddr va, struct goal *table, uint64_t *word)
{
    vaddr at = map->table + (va - map->dbg.start) / FK_PAGE * sizeof(uint64_t);
    uint64_t *found = paging_find(map->space->dbg.cr3, at, FK_READ);
    if (found) {
        *word = *found;
        return WALK_FOUND;
    }
    *table = (struct goal){.space = map->space, .va = at, .access = FK_READ};
    return WALK_NEEDS_TABLE;
}

/* One chain, upwards. `from` is the region that led into the space being looked at. */
static enum walk walk(struct goal *goal, struct goal *table)
{
    struct space *space = goal->space;
    vaddr va = goal->va;
    struct region *from = NULL;
    uint64_t offset = 0, word;
    goal->prot = FK_READ | FK_WRITE | FK_EXECUTE;
    for (int i = 0; i < WALK_LIMIT; i++) {
        struct mapping *map = mapping_at(space, va);
        if (!map || !map->region || goal->access & ~map->dbg.prot)
            return missing(from, offset);
        goal->prot &= map->dbg.prot;
        uint64_t inner = map->dbg.offset + (va - map->dbg.start);
        if (map->table) {
            if (table_word(map, va, table, &word) != WALK_FOUND)
                return WALK_NEEDS_TABLE;
            goal->prot &= word & 7;
            if (!(word & 7) || goal->access & ~goal->prot)
                return missing(from, offset);
            inner = (word & ~(FK_PAGE - 1ull)) + (va & (FK_PAGE - 1));
        }
        from = map->region;
        offset = inner;
        if (offset >= from->dbg.size || goal->access & ~from->dbg.prot)
            return missing(from, offset);
        goal->prot &= from->dbg.prot;
        va = from->dbg.start + offset;
        if (from->physical) {
            goal->pa = va & ~(FK_PAGE - 1ull);
            return WALK_FOUND;
        }
        if (!from->space)
            return missing(from, offset);
        space = from->space;
    }
    return missing(NULL, 0);
}

/* When its budget is used up, a space gives back page tables until there is room: they are a cache.
 */
static bool install(struct goal *goal)
{
    struct space *space = goal->space;
    vaddr page = goal->va & ~(FK_PAGE - 1ull);
    bool dropped = false;
    while (
        !paging_install(space->dbg.cr3, page, goal->pa, goal->prot, goal->access, space->budget)) {
        if (paging_reclaim(space->dbg.cr3, space->budget))
            continue;
        if (dropped)
            return false;
        paging_drop(space->dbg.cr3, space->budget); /* a table that holds nothing may be left */
        dropped = true;
    }
    return true;
}

/* The first goal is the page itself; pages of tables on the way come before it. */
static void *resolve(struct space *space, vaddr va, unsigned access)
{
    struct goal goal = {.space = space, .va = va, .access = access}, table;
    fault.va = va;
    fault.whose = NULL;
    for (int i = 0; i < GOAL_LIMIT; i++) {
        enum walk found = walk(&goal, &table);
        if (found == WALK_FOUND && install(&goal)) {
            if (goal.va == va && goal.space == space)
                return phys(goal.pa | (va & (FK_PAGE - 1)));
            goal = (struct goal){.space = space, .va = va, .access = access};
            continue;
        }
        if (found != WALK_NEEDS_TABLE) {
            fault.access = goal.access;
            if (found == WALK_FOUND)
                fault.region = NULL; /* no kernel memory for its page tables */
            return NULL;
        }
        goal = table;
    }
    fault.region = NULL;
    fault.access = access;
    return NULL;
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

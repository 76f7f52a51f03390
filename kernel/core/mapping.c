/* kernel/core/mapping.c -- mapping objects: a space imports a range of a region. The mappings of a
 * space are kept in a balanced tree by address, without overlaps; its shape is the space's own
 * affair, so what a walk costs does not depend on what others do. Invariant: a mapping is in its
 * space's tree exactly while it has a space, and in its region's list exactly while it has a
 * region. SPDX-License-Identifier: MIT */
#include "kernel/core/memory.h"
#include "kernel/core/ref.h"
#include "kernel/core/syscall.h"
#include "kernel/core/thread.h"

#define PAGE_MASK (FK_PAGE - 1ull)

static struct mapping *first_overlap(struct tree *node, vaddr start, vaddr end)
{
    while (node) {
        if (end <= node->key)
            node = node->left;
        else if (start >= node->key + mapping_of(node)->dbg.size)
            node = node->right;
        else
            return mapping_of(node);
    }
    return NULL;
}

bool mapping_overlaps(struct space *space, const struct mapping *self, vaddr start, vaddr end)
{
    struct mapping *hit = first_overlap(space->tree, start, end);
    if (hit != self)
        return hit;
    if (!hit)
        return false;
    return (start < hit->dbg.start && first_overlap(space->tree, start, hit->dbg.start)) ||
           (end > hit->dbg.start + hit->dbg.size &&
            first_overlap(space->tree, hit->dbg.start + hit->dbg.size, end));
}

void mapping_attach(struct mapping *map, struct space *space, struct region *region)
{
    map->space = space;
    map->word.epoch = 0;
    map->dbg.space = space ? space->dbg.head.id : 0;
    map->in_space.key = map->dbg.start;
    if (space)
        tree_add(&space->tree, &map->in_space);
    map->region = region;
    map->dbg.region = region ? region->dbg.head.id : 0;
    if (region)
        list_add_after(&region->mappings, &map->in_region);
}

void mapping_leave_region(struct mapping *map)
{
    if (!map->region)
        return;
    list_remove(&map->in_region);
    map->region = NULL;
    map->dbg.region = 0;
}

/* Unlinks it on both sides, then clears what derived from it. */
void mapping_detach(struct mapping *map)
{
    memory_changes++;
    if (map->space) {
        tree_remove(&map->space->tree, &map->in_space);
        derive_clear_space(map->space, map->dbg.start, map->dbg.start + map->dbg.size);
    }
    mapping_leave_region(map);
    map->space = NULL;
    map->dbg.space = 0;
}

static long mapping_destroy(struct object *object)
{
    if (!derive_settle())
        return K_AGAIN;
    mapping_detach((struct mapping *)object);
    return derive_settle() ? 0 : K_AGAIN;
}

const struct kind mapping_kind = {"mapping", sizeof(struct mapping), NULL, mapping_destroy};

long sys_mapping_get_state(vaddr va, vaddr out, vaddr links_va)
{
    struct object *object;
    struct fk_mapping_links links;
    long outcome = object_find(va, FK_DEBUG_MAPPING, FK_READ, &object);
    if (!outcome)
        outcome = links_read(links_va, &links, sizeof(links));
    if (!outcome)
        outcome = memory_check(current->space, out, sizeof(struct fk_mapping_state), FK_WRITE);
    if (!outcome)
        outcome = ref_check_out(links.space);
    if (!outcome)
        outcome = ref_check_out(links.region);
    if (outcome)
        return outcome;
    struct mapping *map = (struct mapping *)object;
    struct fk_mapping_state state = {map->obj.hash,   map->dbg.start, map->dbg.size,
                                     map->dbg.offset, map->dbg.prot,  map->table};
    /* commit: */
    memory_write(current->space, out, &state, sizeof(state));
    ref_put(links.space, map->space ? &map->space->obj : NULL);
    ref_put(links.region, map->region ? &map->region->obj : NULL);
    return FK_OK;
}

static long state_check(const struct fk_mapping_state *state)
{
    if ((state->start | state->size | state->offset) & PAGE_MASK || state->table % 8)
        return K_INSANE(NOT_ALIGNED);
    if (state->start > FK_USER_END || state->size > FK_USER_END - state->start ||
        state->offset > FK_USER_END || state->size > FK_USER_END - state->offset ||
        (state->table &&
         (state->table > FK_USER_END || state->size / FK_PAGE * 8 > FK_USER_END - state->table)))
        return K_INSANE(INVALID_ADDRESS);
    if (state->prot & ~PROT_ALL)
        return K_INSANE(INVALID_PROT);
    return 0;
}

long sys_mapping_set_state(vaddr va, vaddr in, vaddr links_va)
{
    struct object *object, *space, *region;
    struct fk_mapping_links links;
    struct fk_mapping_state state;
    long outcome = object_find(va, FK_DEBUG_MAPPING, FK_WRITE, &object);
    if (!outcome)
        outcome = memory_read(current->space, in, &state, sizeof(state));
    if (!outcome)
        outcome = links_read(links_va, &links, sizeof(links));
    if (!outcome)
        outcome = state_check(&state);
    if (outcome)
        return outcome;
    struct mapping *map = (struct mapping *)object;
    space = map->space ? &map->space->obj : NULL;
    region = map->region ? &map->region->obj : NULL;
    if (links.space)
        outcome = object_by_ref(links.space, FK_DEBUG_SPACE, true, &space);
    if (!outcome && links.region)
        outcome = object_by_ref(links.region, FK_DEBUG_REGION, true, &region);
    if (outcome)
        return outcome;
    if (space && !state.size)
        return K_INSANE(INVALID_ADDRESS);
    if (space &&
        mapping_overlaps((struct space *)space, map, state.start, state.start + state.size))
        return K_INSANE(ADDRESS_OVERLAP);
    if (!derive_settle())
        return K_AGAIN;
    /* commit: */
    mapping_detach(map);
    map->dbg.start = state.start;
    map->dbg.size = state.size;
    map->dbg.offset = state.offset;
    map->dbg.prot = state.prot;
    map->table = state.table;
    mapping_attach(map, (struct space *)space, (struct region *)region);
    return derive_roll();
}

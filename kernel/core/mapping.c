/* kernel/core/mapping.c -- mapping objects: a space imports a range of a region. The mappings of a
 * space are kept in a balanced tree by address, without overlaps; its shape is the space's own
 * affair, so what a walk costs does not depend on what others do. Invariant: a mapping is in its
 * space's tree exactly while it has a space, and in its region's list exactly while it has a
 * region. SPDX-License-Identifier: MIT */
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

static void mapping_export(struct object *object, void *out, struct object **links)
{
    const struct mapping *map = (struct mapping *)object;
    struct fk_mapping_state *state = out;
    state->start = map->dbg.start;
    state->size = map->dbg.size;
    state->offset = map->dbg.offset;
    state->prot = map->dbg.prot;
    state->table = map->table;
    links[0] = map->space ? &map->space->obj : NULL;
    links[1] = map->region ? &map->region->obj : NULL;
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

static long mapping_import(struct object *object, const void *in, struct object **links)
{
    struct mapping *map = (struct mapping *)object;
    struct space *space = (struct space *)links[0];
    const struct fk_mapping_state *state = in;
    long outcome = state_check(state);
    if (outcome)
        return outcome;
    if (space && !state->size)
        return K_INSANE(INVALID_ADDRESS);
    if (space && mapping_overlaps(space, map, state->start, state->start + state->size))
        return K_INSANE(ADDRESS_OVERLAP);
    if (!derive_settle())
        return K_AGAIN;
    /* commit: */
    mapping_detach(map);
    map->dbg.start = state->start;
    map->dbg.size = state->size;
    map->dbg.offset = state->offset;
    map->dbg.prot = state->prot;
    map->table = state->table;
    mapping_attach(map, space, (struct region *)links[1]);
    return derive_roll();
}

const struct kind mapping_kind = {.bytes = sizeof(struct mapping),
                                  .destroy = mapping_destroy,
                                  .export = mapping_export,
                                  .import = mapping_import,
                                  .get_bytes = sizeof(struct fk_mapping_state),
                                  .set_bytes = sizeof(struct fk_mapping_state),
                                  .links = 2,
                                  .link_kind = {FK_DEBUG_SPACE, FK_DEBUG_REGION}};

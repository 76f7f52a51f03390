/* kernel/core/space.c -- space objects: an address space is a tree of mappings, a list of exported
 * regions, a page-table cache, a keeper and a budget. Destroying one does not destroy its threads:
 * they lose their space and cannot run until they get another. A destroyed space has no name any
 * more, and dissolves: the destroyer settles that (derive.c), or others do when it was his own.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/thread.h"

static long space_create(struct object *object)
{
    struct space *space = (struct space *)object;
    struct space *parent = current ? current->space : NULL;
    list_init(&space->regions);
    list_init(&space->threads);
    space->budget = budget_create(kmem_payer(space));
    if (!space->budget)
        return FK_NO_MEMORY;
    /* The top table is paid by the creator; what hangs below it by the space's own budget. */
    space->dbg.cr3 = paging_create(kmem_payer(space));
    if (!space->dbg.cr3) {
        budget_orphan(space->budget);
        return FK_NO_MEMORY;
    }
    space->dbg.parent = parent ? parent->dbg.head.id : 0;
    space->dbg.level = parent ? parent->dbg.level + 1 : 1;
    return 0;
}

/* ---- the end ---- */

#define STEPS_OF_PART  64
#define STEPS_OF_TABLE 1000

static struct list dissolving = {&dissolving, &dissolving};

bool space_dissolving(void)
{
    return !list_empty(&dissolving);
}

/* Takes one thing away from it and answers what that costs; 0 = there is none. Threads go first, so
 * that nobody runs in what is half there. */
static unsigned take_apart(struct space *space)
{
    struct thread *thread = LIST_FIRST(&space->threads, struct thread, in_space);
    struct region *region = LIST_FIRST(&space->regions, struct region, in_space);
    if (thread) {
        thread_set_space(thread, NULL);
    } else if (region) { /* before the mappings, since what derives from them goes through it */
        region_detach(region);
        derive_clear_region(region, 0, region->dbg.size);
    } else if (space->tree) {
        mapping_detach(mapping_of(space->tree));
    } else {
        return paging_reclaim(space->dbg.cr3, space->budget) ? STEPS_OF_TABLE : 0;
    }
    return STEPS_OF_PART;
}

unsigned space_dissolve(void)
{
    struct space *space = LIST_FIRST(&dissolving, struct space, in_dissolving);
    unsigned steps = take_apart(space);
    if (steps)
        return steps;
    list_remove(&space->in_dissolving);
    paging_destroy(space->dbg.cr3, kmem_payer(space));
    budget_orphan(space->budget);
    object_unmake(&space->obj);
    return STEPS_OF_PART;
}

/* From here on the caller is one who settles what was begun. In a space that is gone he cannot even
 * do that. */
static long space_destroy(struct object *object)
{
    if (!derive_settle())
        return K_AGAIN;
    /* commit: */
    object_rename(object);
    list_append(&dissolving, &((struct space *)object)->in_dissolving);
    current->frame.rax = FK_CALL_settle;
    return K_AGAIN;
}

static void space_export(struct object *object, void *out, struct object **links)
{
    const struct space *space = (struct space *)object;
    struct fk_space_state *state = out;
    state->level = space->dbg.level;
    state->budget = space->budget->limit;
    state->used = space->budget->used;
    links[0] = link_get(&space->keeper);
}

static long space_import(struct object *object, const void *in, struct object **links)
{
    struct space *space = (struct space *)object;
    (void)in; /* nothing in it can be set */
    /* commit: */
    link_set(&space->keeper, links[0]);
    space->dbg.keeper = links[0] ? (uint32_t)links[0]->serial : 0;
    return FK_OK;
}

const struct kind space_kind = {.bytes = sizeof(struct space),
                                .create = space_create,
                                .destroy = space_destroy,
                                .export = space_export,
                                .import = space_import,
                                .get_bytes = sizeof(struct fk_space_state),
                                .links = 1,
                                .link_kind = {FK_DEBUG_PORT}};

/* Positive: from the caller's budget to the space's. Negative: back, as far as it is free. */
long sys_space_budget(vaddr va, uint64_t bytes)
{
    struct space *space;
    long outcome = object_find(va, FK_DEBUG_SPACE, FK_WRITE, &space);
    if (outcome)
        return outcome;
    struct budget *own = current->space->budget, *other = space->budget;
    bool taken = (int64_t)bytes < 0;
    uint64_t amount = taken ? -bytes : bytes;
    if (!(taken ? budget_give(other, own, amount) : budget_give(own, other, amount)))
        return K_INSANE(INVALID_BUDGET);
    return FK_OK;
}

long sys_space_name(vaddr va, vaddr text, uint64_t length)
{
    struct space *space;
    char name[FK_DEBUG_NAME] = {0};
    long outcome = object_find(va, FK_DEBUG_SPACE, FK_WRITE, &space);
    if (length >= sizeof(name))
        length = sizeof(name) - 1;
    if (!outcome)
        outcome = memory_read(current->space, text, name, length);
    if (outcome)
        return outcome;
    /* commit: */
    __builtin_memcpy(space->dbg.name, name, sizeof(name));
    fk_debug_block.current.changes++;
    return FK_OK;
}

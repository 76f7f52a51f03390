/* kernel/core/region.c -- region objects: a space exports a range of itself. A call that lowers a
 * region's rights, moves it or ends it returns when every translation that derived from it is gone
 * (derive.c). Long calls advance their arguments in the caller's registers.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/thread.h"

#define PAGE_MASK  (FK_PAGE - 1ull)
#define INFO_CHUNK 32 /* pages */

void region_attach(struct region *region, struct space *space)
{
    region->space = space;
    region->dbg.space = space ? space->dbg.head.id : 0;
    if (space)
        list_add_after(&space->regions, &region->in_space);
}

void region_detach(struct region *region)
{
    memory_changes++;
    if (!region->space)
        return;
    list_remove(&region->in_space);
    region->space = NULL;
    region->dbg.space = 0;
}

static long region_create(struct object *object)
{
    list_init(&((struct region *)object)->mappings);
    return 0;
}

/* First nothing can derive from it any more, then nothing does, then the mappings leave it. */
static long region_destroy(struct object *object)
{
    struct region *region = (struct region *)object;
    if (!derive_settle())
        return K_AGAIN;
    if (region->space || region->physical) {
        region_detach(region);
        region->physical = false;
        derive_clear_region(region, 0, region->dbg.size);
        if (!derive_settle())
            return K_AGAIN;
    }
    for (unsigned i = 1; !list_empty(&region->mappings); i++) {
        mapping_leave_region(LIST_FIRST(&region->mappings, struct mapping, in_region));
        if (i % 64 == 0 && arch_preempt())
            return K_AGAIN;
    }
    return 0;
}

static void region_export(struct object *object, void *out, struct object **links)
{
    const struct region *region = (struct region *)object;
    struct fk_region_state *state = out;
    state->start = region->dbg.start;
    state->size = region->dbg.size;
    state->prot = region->dbg.prot;
    links[0] = region->space ? &region->space->obj : NULL;
    links[1] = link_get(&region->keeper);
}

static long state_check(const struct fk_region_state *state)
{
    if ((state->start | state->size) & PAGE_MASK)
        return K_INSANE(NOT_ALIGNED);
    if (state->start > FK_USER_END || state->size > FK_USER_END - state->start)
        return K_INSANE(INVALID_ADDRESS);
    return state->prot & ~PROT_ALL ? K_INSANE(INVALID_PROT) : 0;
}

static long region_import(struct object *object, const void *in, struct object **links)
{
    struct region *region = (struct region *)object;
    const struct fk_region_state *state = in;
    long outcome = state_check(state);
    if (outcome)
        return outcome;
    if (region->physical)
        return K_INSANE(INVALID_OBJECT);
    if (!derive_settle())
        return K_AGAIN;
    /* commit: */
    derive_clear_region(region, 0, region->dbg.size);
    region_detach(region);
    region->dbg.start = state->start;
    region->dbg.size = state->size;
    region->dbg.prot = state->prot;
    region_attach(region, (struct space *)links[0]);
    link_set(&region->keeper, links[1]);
    region->dbg.keeper = links[1] ? (uint32_t)links[1]->serial : 0;
    return derive_roll();
}

const struct kind region_kind = {.bytes = sizeof(struct region),
                                 .create = region_create,
                                 .destroy = region_destroy,
                                 .export = region_export,
                                 .import = region_import,
                                 .get_bytes = sizeof(struct fk_region_state),
                                 .set_bytes = sizeof(struct fk_region_state),
                                 .links = 2,
                                 .link_kind = {FK_DEBUG_SPACE, FK_DEBUG_PORT}};

long sys_region_protect(vaddr va, uint64_t prot)
{
    struct region *region;
    long outcome = object_find(va, FK_DEBUG_REGION, FK_WRITE, &region);
    if (outcome)
        return outcome;
    if (prot & ~PROT_ALL)
        return K_INSANE(INVALID_PROT);
    if (!derive_settle())
        return K_AGAIN;
    /* commit: */
    memory_changes++;
    region->dbg.prot = prot;
    derive_clear_region(region, 0, region->dbg.size);
    return derive_roll();
}

long sys_region_flush(vaddr va, uint64_t offset, uint64_t size)
{
    struct region *region;
    long outcome = object_find(va, FK_DEBUG_REGION, FK_WRITE, &region);
    if (outcome)
        return outcome;
    if ((offset | size) & PAGE_MASK)
        return K_INSANE(NOT_ALIGNED);
    if (offset > region->dbg.size || size > region->dbg.size - offset)
        return K_INSANE(INVALID_ADDRESS);
    if (!derive_settle())
        return K_AGAIN;
    /* commit: */
    derive_clear_region(region, offset, offset + size);
    return derive_roll();
}

/* Pages that nobody maps are skipped; pages that a keeper would have to bring are brought. */
long sys_region_search(vaddr start, uint64_t size, vaddr out)
{
    long outcome = memory_check(current->space, out, sizeof(struct fk_found), FK_WRITE);
    if (outcome)
        return outcome;
    if (start > FK_USER_END || size > FK_USER_END - start)
        return K_INSANE(INVALID_ADDRESS);
    vaddr end = start + size;
    for (unsigned n = 1; start < end; n++) {
        vaddr next = (start & ~PAGE_MASK) + FK_PAGE;
        unsigned at = 0;
        void *page = memory_find(current->space, start, FK_READ);
        if (!page && (fault.region || fault.again))
            return K_FAULT;
        struct object *object =
            page ? object_in_page(((paddr)page - PHYS_BASE) & ~PAGE_MASK, start & PAGE_MASK, &at)
                 : NULL;
        struct fk_found found = {(start & ~PAGE_MASK) + at, object ? object->kind : 0};
        if (object && found.address < end) {
            memory_write(current->space, out, &found, sizeof(found));
            return FK_OK;
        }
        start = next;
        /* commit: */
        current->frame.rdi = start;
        current->frame.rsi = start < end ? end - start : 0;
        if (n % 64 == 0 && start < end && arch_preempt())
            return K_AGAIN;
    }
    return FK_NOT_FOUND;
}

/* false = this must be asked again: K_FAULT. */
static bool page_info(struct region *region, uint64_t offset, struct fk_page_info *info)
{
    paddr pa = region->dbg.start + offset;
    if (!region->physical) {
        void *page = memory_find(region->space, region->dbg.start + offset, 0);
        if (!page && fault.again)
            return false;
        pa = page ? (paddr)page - PHYS_BASE : 0;
    }
    struct frame *frame = pa ? frame_of(pa) : NULL;
    *info = frame ? (struct fk_page_info){frame->used, frame->written} : (struct fk_page_info){0};
    return true;
}

/* Collects the marks of everything that derives from the range, then reports per page the epoch of
 * the last one. Nobody clears anything for anybody else: each owner compares with its own epoch.
 * HARVESTED in the caller's register: this is done for the first INFO_CHUNK of the pages. */
#define HARVESTED (1ull << 63)

long sys_region_info(vaddr va, uint64_t offset, uint64_t pages, vaddr out)
{
    struct region *region;
    long outcome = object_find(va, FK_DEBUG_REGION, FK_READ, &region);
    if (outcome)
        return outcome;
    bool harvested = pages & HARVESTED;
    pages &= ~HARVESTED;
    if (offset & PAGE_MASK || out % 8)
        return K_INSANE(NOT_ALIGNED);
    if (offset > region->dbg.size || pages > (region->dbg.size - offset) / FK_PAGE)
        return K_INSANE(INVALID_ADDRESS);
    while (pages) {
        uint64_t count = pages < INFO_CHUNK ? pages : INFO_CHUNK;
        outcome = memory_check(current->space, out, count * sizeof(struct fk_page_info), FK_WRITE);
        if (outcome)
            return outcome;
        if (!derive_settle())
            return K_AGAIN;
        if (!harvested) {
            derive_harvest_region(region, offset, offset + count * FK_PAGE);
            current->frame.rdx = pages | HARVESTED;
            if (!derive_settle())
                return K_AGAIN;
        }
        harvested = false;
        for (; count; count--) {
            struct fk_page_info info;
            if (!page_info(region, offset, &info))
                return K_FAULT;
            memory_write(current->space, out, &info, sizeof(info));
            /* commit: */
            current->frame.rsi = offset += FK_PAGE;
            current->frame.rdx = --pages;
            current->frame.r10 = out += sizeof(info);
            if (pages && arch_preempt())
                return K_AGAIN;
        }
    }
    return frame_epoch++; /* compare with this one next time: later marks are larger */
}

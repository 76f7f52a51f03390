/* sim/core/chain.c -- from an address of a space to the memory behind it; see sim/chain.h.
 * A mapping may have a table, a word a page, in the memory of its own space: that memory is looked
 * for in the same way, so looking nests, but never deeper than NESTED.
 * SPDX-License-Identifier: MIT */
#include "sim/chain.h"

#include <stdio.h>
#include <string.h>

#include "sim/event.h"
#include "sim/mem.h"
#include "sim/name.h"
#include "sim/sym.h"

enum { NESTED = 8, PAGE = 4096 };

/* A field of the kernel's own structure around a debug record. */
static bool kernel_field(const struct fk_debug_head *head, const char *type, const char *member,
                         void *to, size_t n)
{
    uint64_t offset;

    return sim_sym_member("kernel", type, member, &offset) == 0 &&
           sim_virt_read(SIM_CR3_NOW, head->object + offset, to, n) == n;
}

static enum sim_chain follow(uint32_t space, gva va, unsigned nested,
                             void (*each)(void *ctx, const struct sim_link *l), void *ctx,
                             struct sim_link *l, gpa *pa);

/* By the page table, else by the chain. */
static bool word_at(uint32_t space, gva at, unsigned nested, uint64_t *word)
{
    const struct sim_space *s = sim_space(sim_space_of_id(space));
    struct sim_link l;
    gpa pa;

    if (s && s->cr3 && sim_virt_read(s->cr3 & ~0xfffull, at, word, sizeof *word) == sizeof *word)
        return true;
    return nested < NESTED &&
           follow(space, at, nested + 1, NULL, NULL, &l, &pa) == SIM_CHAIN_MEMORY &&
           sim_phys_read(pa, word, sizeof *word) == sizeof *word;
}

/* Where in the region the link's address lies. */
static enum sim_chain inner(struct sim_link *l, unsigned nested, uint64_t *offset)
{
    uint64_t from = l->va - l->mapping.start, table, word;

    *offset = l->mapping.offset + from;
    if (!kernel_field(&l->mapping.head, "mapping", "table", &table, sizeof table))
        return SIM_CHAIN_UNKNOWN;
    if (table == 0)
        return SIM_CHAIN_MEMORY;
    if (!word_at(l->space, table + from / PAGE * sizeof word, nested, &word) || (word & 7) == 0)
        return SIM_CHAIN_EMPTY;
    l->guarded = l->guarded || !(word & 2);
    *offset = (word & ~(PAGE - 1ull)) + (l->va & (PAGE - 1));
    return SIM_CHAIN_MEMORY;
}

static bool fill(struct sim_link *l, uint32_t space, gva va)
{
    union sim_object o;

    memset(l, 0, sizeof *l);
    l->space = space;
    l->va = va;
    l->mapped = sim_object_mapping(space, va, &o);
    l->mapping = o.mapping;
    l->linked =
        l->mapped && l->mapping.region && sim_object_find(FK_DEBUG_REGION, l->mapping.region, &o);
    if (l->linked)
        l->region = o.region;
    return l->linked;
}

/* What is behind a region at this offset: memory, a space that goes on from there, or nothing. */
static enum sim_chain behind(const struct sim_link *l, uint64_t offset, gpa *pa)
{
    bool physical = false;

    if (offset >= l->region.size)
        return SIM_CHAIN_OUTSIDE;
    *pa = l->region.start + offset;
    if (!l->region.space &&
        !kernel_field(&l->region.head, "region", "physical", &physical, sizeof physical))
        return SIM_CHAIN_UNKNOWN;
    return l->region.space || physical ? SIM_CHAIN_MEMORY : SIM_CHAIN_NO_REGION;
}

static enum sim_chain follow(uint32_t space, gva va, unsigned nested,
                             void (*each)(void *ctx, const struct sim_link *l), void *ctx,
                             struct sim_link *l, gpa *pa)
{
    uint64_t offset, keeper = 0; /* of the region that led into this space */
    bool guarded = false;

    for (unsigned n = 0; n < SIM_CHAIN_LINKS; n++) {
        bool linked = fill(l, space, va);
        l->keeper = keeper;
        l->guarded = guarded;
        if (l->mapped && each)
            each(ctx, l);
        if (!linked)
            return l->mapped ? SIM_CHAIN_NO_REGION : SIM_CHAIN_NO_MAPPING;
        enum sim_chain found = inner(l, nested, &offset);
        if (found == SIM_CHAIN_MEMORY)
            found = behind(l, offset, pa);
        if (found != SIM_CHAIN_MEMORY || !l->region.space)
            return found;
        space = l->region.space;
        va = *pa;
        keeper = l->region.keeper;
        guarded = l->guarded;
    }
    return SIM_CHAIN_UNKNOWN;
}

enum sim_chain sim_chain(uint32_t space, gva va, void (*each)(void *ctx, const struct sim_link *l),
                         void *ctx, struct sim_link *last, gpa *pa)
{
    memset(last, 0, sizeof *last);
    if (!space || !sim_debug_block())
        return SIM_CHAIN_UNKNOWN;
    return follow(space, va, 0, each, ctx, last, pa);
}

static void name_of(uint32_t id, char *out, size_t max)
{
    unsigned index = sim_space_of_id(id);

    *out = 0;
    if (index)
        sim_space_name(index, out, max);
}

static void keeper_of(const struct sim_link *l, char *out, size_t max)
{
    union sim_object port;

    snprintf(out, max, "nobody");
    if (l->keeper && sim_object_find(FK_DEBUG_PORT, (uint32_t)l->keeper, &port))
        name_of(port.head.owner, out, max);
}

void sim_chain_says(enum sim_chain end, const struct sim_link *last, char *out, size_t max)
{
    char name[64], keeper[64];
    unsigned long long va = last->va;

    name_of(last->space, name, sizeof name);
    switch (end) {
    case SIM_CHAIN_MEMORY:
        snprintf(out, max, "it is there");
        return;
    case SIM_CHAIN_NO_MAPPING:
        snprintf(out, max, "%s maps nothing at 0x%llx", name, va);
        return;
    case SIM_CHAIN_NO_REGION:
        snprintf(out, max, "what %s maps at 0x%llx is exported by nobody", name, va);
        return;
    case SIM_CHAIN_OUTSIDE:
        snprintf(out, max, "what %s maps at 0x%llx is beyond the end of its region", name, va);
        return;
    case SIM_CHAIN_EMPTY:
        keeper_of(last, keeper, sizeof keeper);
        snprintf(out, max, "%s has no page at 0x%llx yet: %s would be asked for it", name, va,
                 keeper);
        return;
    case SIM_CHAIN_UNKNOWN:
        snprintf(out, max, "not in the page table, and the kernel says no more");
        return;
    }
}

/* kernel/core/line.h -- the straight parts of a walk up mappings and regions, remembered: the
 * region that a straight part began with says where it ends, so that the next walk jumps there.
 * Invariant: a jump allows no more than every mapping and region that it skips; it is good only
 * while nothing has been taken away since (memory_changes). For memory.c alone.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_LINE_H
#define KERNEL_CORE_LINE_H

#include "kernel/core/memory.h"

/* From this offset in `first`, as far below and above as all the mappings and regions since then
 * reach, with the rights that they leave. */
struct line {
    struct region *first; /* NULL = not begun */
    uint64_t offset, below, above;
    unsigned prot, link;
};

static inline void line_goes(struct line *line, uint64_t below, uint64_t above, unsigned prot)
{
    line->below = below < line->below ? below : line->below;
    line->above = above < line->above ? above : line->above;
    line->prot &= prot;
}

static inline void line_region(struct line *line, struct region *region, uint64_t offset,
                               unsigned link)
{
    uint64_t above = region->dbg.size - offset;
    if (line->first)
        line_goes(line, offset, above, region->dbg.prot);
    else
        *line = (struct line){region, offset, offset, above, PROT_ALL, link};
}

/* It ends at this mapping (NULL: in physical memory). */
static inline void line_end(struct line *line, struct mapping *map, uint64_t to,
                            struct region *last, uint64_t last_offset, unsigned link)
{
    uint64_t from = line->offset;
    if (line->first && !line->first->physical)
        line->first->jump = (struct jump){.changes = memory_changes,
                                          .low = from - line->below,
                                          .size = line->below + line->above,
                                          .to = to - from,
                                          .map = map,
                                          .last = last,
                                          .last_to = last_offset - from,
                                          .prot = line->prot,
                                          .links = link - line->link};
    line->first = NULL;
}

/* NULL = no walk from there is remembered that allows this access. */
static inline const struct jump *jump_from(const struct region *region, uint64_t offset,
                                           unsigned access)
{
    const struct jump *jump = &region->jump;
    bool good = jump->changes == memory_changes && offset - jump->low < jump->size &&
                !(access & ~jump->prot);
    return good ? jump : NULL;
}

#endif

/* monitors/pager/frames.c -- the memory that pages live in, seen three ways in the pager's space:
 *   window    all frames, one after the other, as the pager itself reads and writes them
 *   look      a region of that window which nobody maps: asking for its marks costs little, since
 *             nothing derives from it, and tells what is known of each frame
 *   virtual   the pages that are handed out: one mapping with a table, from a second region of the
 *             window. Asking for the marks of one page of this region first collects all that
 *             derives from it: from every page that is here.
 * Nothing in the pager touches the virtual range, so its own page tables never remember what a word
 * of the table was before. SPDX-License-Identifier: MIT */
#include "monitors/pager/pager.h"

#define FULL (FK_READ | FK_WRITE | FK_EXECUTE)

static char *window;
static struct fk_object look, shown;
static uint32_t count;

static long export(struct fk_object *region)
{
    struct fk_region_state state = {
        .start = fk_at(window), .size = (uint64_t)count * FK_PAGE, .prot = FULL};
    struct fk_region_links links = {.space = mon.ref[PARENT_SPACE]};
    if (fk_region_create(fk_at(region)))
        return -PROTO_NO_OBJECTS;
    fk_region_set_state(fk_at(region), fk_at(&state), fk_at(&links));
    return 0;
}

static long show(uint64_t virtual, uint32_t pages, uint64_t *table)
{
    uint64_t mapping = mon_object(FK_DEBUG_MAPPING);
    uint64_t region = mon_ref_to(fk_at(&shown), FK_DEBUG_REGION);
    if (!mapping || !region)
        return -PROTO_NO_OBJECTS;
    struct fk_mapping_state state = {
        .start = virtual, .size = (uint64_t)pages * FK_PAGE, .prot = FULL, .table = fk_at(table)};
    struct fk_mapping_links links = {mon.ref[PARENT_SPACE], region};
    fk_mapping_set_state(mapping, fk_at(&state), fk_at(&links));
    mon_ref_free(region);
    return 0;
}

long frames_open(uint32_t frames, uint64_t virtual, uint32_t pages, uint64_t *table)
{
    uint64_t bytes = (uint64_t)frames * FK_PAGE, region = mon_ref();
    count = frames;
    long outcome =
        region ? mempool_alloc(mon.ref[PARENT_MEMPOOL], bytes, region) : -PROTO_NO_OBJECTS;
    if (!outcome && !(window = mon_window(region, bytes, 0, FULL)))
        outcome = -PROTO_NO_OBJECTS;
    if (!outcome)
        outcome = export(&look);
    if (!outcome)
        outcome = export(&shown);
    return outcome ? outcome : show(virtual, pages, table);
}

void *frame_at(uint32_t frame)
{
    return window + (uint64_t)frame * FK_PAGE;
}

bool frame_has_objects(uint32_t frame)
{
    struct fk_found found;
    return fk_region_search(fk_at(frame_at(frame)), FK_PAGE, fk_at(&found)) == FK_OK;
}

void frame_end_objects(uint32_t frame)
{
    mon_end_objects(fk_at(frame_at(frame)), FK_PAGE);
}

uint32_t frame_marks(uint32_t frame, uint32_t *written)
{
    struct fk_page_info info = {0, 0};
    long epoch = fk_region_info(fk_at(&look), (uint64_t)frame * FK_PAGE, 1, fk_at(&info));
    *written = info.written;
    return (uint32_t)epoch;
}

/* The epoch of the collection counts: what is marked while the answers are read is marked anew. */
uint32_t frame_marks_all(struct frame *frame)
{
    struct fk_page_info info[32];
    uint32_t epoch = (uint32_t)fk_region_info(fk_at(&shown), 0, 1, fk_at(info));
    for (uint32_t at = 0; at < count; at += 32) {
        uint32_t part = count - at < 32 ? count - at : 32;
        fk_region_info(fk_at(&look), (uint64_t)at * FK_PAGE, part, fk_at(info));
        for (uint32_t i = 0; i < part; i++)
            frame[at + i].used = info[i].used;
    }
    return epoch;
}

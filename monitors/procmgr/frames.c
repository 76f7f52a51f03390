/* monitors/procmgr/frames.c -- the pages of a family: got in chunks from its pool, each with a
 * count of the areas that show it. All chunks are in one range of our address space, which one
 * region covers, so that a table's word can name any of them. Called with the lock held.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/pool.h"
#include "monitors/procmgr/procmgr.h"

#define CHUNK_BYTES (FRAME_CHUNK * (uint64_t)FK_PAGE)
#define IDLE_KEPT   2

long frames_open(struct frames *frames, uint64_t pool)
{
    uint64_t region = fk_at(&frames->region), ref = fk_at(&frames->ref);
    struct fk_region_links links = {.space = mon.ref[PARENT_SPACE]};
    struct fk_region_state state = {.size = FRAME_CHUNKS * CHUNK_BYTES, .prot = ALL_RIGHTS};
    frames->pool = pool;
    frames->base = state.start = mon_area(state.size);
    if (!frames->base)
        return -PROTO_NO_MEMORY;
    if (fk_region_create(region))
        return -PROTO_NO_OBJECTS;
    if (fk_ref_create(ref)) {
        fk_region_destroy(region);
        return -PROTO_NO_OBJECTS;
    }
    fk_region_set_state(region, fk_at(&state), fk_at(&links));
    fk_region_reference(region, ref);
    return 0;
}

static struct chunk *chunk_new(struct frames *frames, uint64_t start)
{
    struct chunk *chunk = calloc(1, sizeof(*chunk));
    if (!chunk)
        return NULL;
    chunk->region = mon_ref();
    if (!chunk->region || mempool_alloc(frames->pool, CHUNK_BYTES, chunk->region))
        goto no_memory;
    chunk->mapping =
        mon_map(mon.ref[PARENT_SPACE], chunk->region, start, CHUNK_BYTES, 0, ALL_RIGHTS);
    if (!chunk->mapping)
        goto no_mapping;
    chunk->start = start;
    chunk->free = FRAME_CHUNK;
    frames->idle++;
    return chunk;
no_mapping:
    mempool_free(frames->pool, chunk->region);
no_memory:
    mon_ref_free(chunk->region);
    free(chunk);
    return NULL;
}

static void chunk_end(struct frames *frames, struct chunk **at)
{
    struct chunk *chunk = *at;
    mon_unmap(chunk->mapping);
    mempool_free(frames->pool, chunk->region);
    mon_ref_free(chunk->region);
    free(chunk);
    *at = NULL;
}

void frames_close(struct frames *frames)
{
    if (!frames->base)
        return;
    for (unsigned i = 0; i < FRAME_CHUNKS; i++)
        if (frames->chunk[i])
            chunk_end(frames, &frames->chunk[i]);
    fk_ref_destroy(fk_at(&frames->ref));
    fk_region_destroy(fk_at(&frames->region));
    frames->base = 0;
}

static uint64_t take_from(struct frames *frames, struct chunk *chunk)
{
    unsigned i = 0;
    while (chunk->uses[i])
        i++;
    chunk->uses[i] = 1;
    frames->idle -= chunk->free == FRAME_CHUNK;
    chunk->free--;
    return chunk->start + i * (uint64_t)FK_PAGE;
}

bool frames_ready(struct frames *frames)
{
    if (!frames->zero && (frames->zero = frame_take(frames)))
        memset((void *)frames->zero, 0, FK_PAGE);
    return frames->zero;
}

uint64_t frame_take(struct frames *frames)
{
    struct chunk **at = &frames->chunk[frames->search];
    while (frames->search < FRAME_CHUNKS && *at && !(*at)->free) {
        frames->search++;
        at++;
    }
    if (frames->search == FRAME_CHUNKS)
        return 0;
    if (!*at)
        *at = chunk_new(frames, frames->base + frames->search * CHUNK_BYTES);
    return *at ? take_from(frames, *at) : 0;
}

static struct chunk **chunk_of(struct frames *frames, uint64_t frame)
{
    return &frames->chunk[(frame - frames->base) / CHUNK_BYTES];
}

static uint16_t *uses_of(struct frames *frames, uint64_t frame)
{
    return &(*chunk_of(frames, frame))->uses[(frame - frames->base) / FK_PAGE % FRAME_CHUNK];
}

void frame_share(struct frames *frames, uint64_t frame)
{
    if (frame != frames->zero)
        ++*uses_of(frames, frame);
}

bool frame_single(struct frames *frames, uint64_t frame)
{
    return frame != frames->zero && *uses_of(frames, frame) == 1;
}

void frame_drop(struct frames *frames, uint64_t frame)
{
    if (frame == frames->zero || --*uses_of(frames, frame))
        return;
    struct chunk **at = chunk_of(frames, frame);
    unsigned number = (unsigned)(at - frames->chunk);
    if (number < frames->search)
        frames->search = number;
    if (++(*at)->free < FRAME_CHUNK)
        return;
    if (frames->idle < IDLE_KEPT)
        frames->idle++;
    else
        chunk_end(frames, at);
}

/* monitors/kserver/memory.c -- all memory of the machine: one store, whose root pool everything
 * below gets its memory from, less what the root keeps for its own heap and for files.
 * SPDX-License-Identifier: MIT */
#include "monitors/kserver/kserver.h"

static struct mon_store store;
static struct mon_lock lock; /* the root's own threads take frames, too */

static void *heap_memory(uint64_t bytes)
{
    return (void *)memory_pages(bytes);
}

void memory_open(const struct fk_bootinfo *boot)
{
    uint64_t start = boot->pool_free, pages = (boot->pool_end - start) / FK_PAGE;
    uint64_t bitmap = ((pages + 63) / 64 * 8 + FK_PAGE - 1) & ~(FK_PAGE - 1ull);
    mon_frames_open(&store.frames, start + bitmap, pages - bitmap / FK_PAGE, (void *)start);
    mon_lock_open(&lock);
    store.frames.lock = &lock;
    mon_memory_source = heap_memory;
}

uint64_t memory_pages(uint64_t bytes)
{
    uint64_t pages = (bytes + FK_PAGE - 1) / FK_PAGE;
    uint64_t start = mon_frames_take(&store.frames, pages);
    if (start)
        memset((void *)start, 0, pages * FK_PAGE);
    return start;
}

void memory_give(uint64_t start, uint64_t bytes)
{
    mon_end_objects(start, bytes);
    mon_frames_give(&store.frames, start, (bytes + FK_PAGE - 1) / FK_PAGE);
}

/* A quarter stays for files, a sixteenth for the root's heap. */
long memory_serve(void)
{
    uint64_t all = store.frames.pages * FK_PAGE;
    long outcome =
        mon_store_open(&store, &services, (all - all / 4 - all / 16) & ~(FK_PAGE - 1ull));
    mon.ref[PARENT_MEMPOOL] = fk_at(&store.root.port.ref);
    return outcome;
}

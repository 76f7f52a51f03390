/* monitors/lib/malloc.c -- the heap: chunks from the program's memory pool, cut into blocks with a
 * size before and after (boundary tags), free ones in lists by size. Invariants: no two free
 * blocks are neighbours; a chunk ends with a used block of size 0; payloads are aligned to 32.
 * The lock is there once the program has more than one thread.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

#define GRAIN 32
#define HEAD  16
#define BINS  40
#define USED  1ull
#define CHUNK (64 * 1024ull)

/* 16 bytes before each payload; the links are there only while it is free. */
struct block {
    uint64_t before; /* size of the block before, if that is free; else 0 */
    uint64_t size;   /* with head; bit 0 = used */
    struct block *next, **link;
};

static struct block *bins[BINS];
static uint64_t heap_bytes;
struct mon_lock *mon_heap_lock;

static uint64_t size_of(const struct block *block)
{
    return block->size & ~USED;
}

static struct block *after(struct block *block)
{
    return (struct block *)((char *)block + size_of(block));
}

/* One bin for each size up to 512, then one for each power of two. */
static unsigned bin_of(uint64_t size)
{
    if (size <= 512)
        return (unsigned)(size / GRAIN) - 1;
    unsigned bin = 16 + (63 - (unsigned)__builtin_clzll(size)) - 9;
    return bin < BINS ? bin : BINS - 1;
}

static void bin_add(struct block *block)
{
    struct block **bin = &bins[bin_of(block->size)];
    block->next = *bin;
    block->link = bin;
    if (block->next)
        block->next->link = &block->next;
    *bin = block;
}

static void bin_remove(struct block *block)
{
    *block->link = block->next;
    if (block->next)
        block->next->link = block->link;
}

static void release(struct block *block)
{
    struct block *next = after(block);
    block->size = size_of(block);
    if (!(next->size & USED)) {
        bin_remove(next);
        block->size += next->size;
    }
    if (block->before) {
        uint64_t size = block->size;
        block = (struct block *)((char *)block - block->before);
        bin_remove(block);
        block->size += size;
    }
    after(block)->before = block->size;
    bin_add(block);
}

static bool grow(uint64_t size)
{
    uint64_t bytes = size + 3 * GRAIN;
    if (bytes < CHUNK)
        bytes = CHUNK;
    if (bytes < heap_bytes / 4)
        bytes = heap_bytes / 4;
    bytes = (bytes + FK_PAGE - 1) & ~(FK_PAGE - 1ull);
    char *chunk = mon_memory(bytes);
    if (!chunk)
        return false;
    heap_bytes += bytes;
    struct block *block = (struct block *)(chunk + GRAIN + HEAD); /* vm.c has the first grain */
    block->before = 0;
    block->size = (bytes - 2 * GRAIN) | USED;
    after(block)->before = 0;
    after(block)->size = USED;
    release(block);
    return true;
}

static struct block *find(uint64_t size)
{
    for (unsigned bin = bin_of(size); bin < BINS; bin++)
        for (struct block *block = bins[bin]; block; block = block->next)
            if (block->size >= size)
                return block;
    return NULL;
}

static void cut(struct block *block, uint64_t size)
{
    uint64_t rest = size_of(block) - size;
    if (rest < 2 * GRAIN) {
        block->size |= USED;
        after(block)->before = 0;
        return;
    }
    block->size = size | USED;
    struct block *tail = after(block);
    tail->before = 0;
    tail->size = rest | USED;
    release(tail);
}

static void *allocate(uint64_t size)
{
    struct block *block = find(size);
    if (!block && grow(size))
        block = find(size);
    if (!block)
        return NULL;
    bin_remove(block);
    cut(block, size);
    return (char *)block + HEAD;
}

void *malloc(size_t bytes)
{
    if (bytes > SIZE_MAX / 2)
        return NULL;
    if (mon_heap_lock)
        mon_lock(mon_heap_lock);
    void *memory = allocate((bytes + HEAD + GRAIN - 1) & ~(GRAIN - 1ull));
    if (mon_heap_lock)
        mon_unlock(mon_heap_lock);
    return memory;
}

void free(void *memory)
{
    if (!memory)
        return;
    if (mon_heap_lock)
        mon_lock(mon_heap_lock);
    release((struct block *)((char *)memory - HEAD));
    if (mon_heap_lock)
        mon_unlock(mon_heap_lock);
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    void *memory = malloc(bytes);
    return memory ? memset(memory, 0, bytes) : NULL;
}

void *realloc(void *memory, size_t bytes)
{
    if (!memory)
        return malloc(bytes);
    size_t room = size_of((struct block *)((char *)memory - HEAD)) - HEAD;
    if (bytes <= room && bytes >= room / 2)
        return memory;
    void *moved = malloc(bytes);
    if (!moved)
        return NULL;
    memcpy(moved, memory, bytes < room ? bytes : room);
    free(memory);
    return moved;
}

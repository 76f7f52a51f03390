/* kernel/core/memory.h -- spaces, regions, mappings: what memory is, and how it is reached.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_MEMORY_H
#define KERNEL_CORE_MEMORY_H

#include "kernel/core/list.h"
#include "kernel/core/object.h"

struct mapping;
struct region;

struct space {
    struct object obj;
    struct fk_debug_space dbg; /* cr3 = top page table, also ours to use */
    struct budget *budget;
    struct mapping *tree; /* by address, no overlaps */
    struct list regions;  /* that it exports */
    struct list threads;
    struct link keeper;
};

struct region {
    struct object obj;
    struct fk_debug_region dbg; /* start, size, prot are the real ones */
    struct space *space;        /* NULL = no permission */
    struct list in_space;       /* in space->regions */
    struct list mappings;
    struct link keeper;
    bool physical; /* the pool: `start` is a physical address */
};

struct mapping {
    struct object obj;
    struct fk_debug_mapping dbg; /* start, size, offset, prot are the real ones */
    struct space *space;
    struct region *region;
    struct list in_region;        /* in region->mappings */
    struct mapping *left, *right; /* in space->tree */
    uint64_t table;               /* a word per page, see abi/fk/objects.h */
    uint64_t walk_epoch;          /* derive.c: last walk that came here ... */
    vaddr walk_start, walk_end;   /* ... and what it covered */
    struct mapping *walk_next;
    bool walk_queued;
};

/* Where memory was missing, for the fault chain. Valid after K_FAULT. */
struct fault {
    vaddr va;              /* in the space of the thread */
    struct region *region; /* whose keeper is asked; NULL = nobody, it is the thread's exception */
    uint64_t offset;       /* in that region */
    unsigned access;
    struct thread *whose; /* NULL = the current thread */
};
extern struct fault fault;

/* Kernel address of the byte at va (access 0 = only look, leave no mark), or NULL with `fault`
 * filled. Good until the kernel is left or another page is looked up in a space that is short of
 * memory. */
void *memory_find(struct space *space, vaddr va, unsigned access);
/* Make sure all of [va, va + bytes) can be reached now: 0, K_FAULT or an insanity. */
long memory_check(struct space *space, vaddr va, size_t bytes, unsigned access);
long memory_read(struct space *space, vaddr va, void *to, size_t bytes);
/* After a memory_check that succeeded. */
void memory_write(struct space *space, vaddr va, const void *from, size_t bytes);

/* derive.c: visit every page-table entry that derives from a range, at any depth below it. */
void derive_clear_space(struct space *space, vaddr start, vaddr end);
void derive_clear_region(struct region *region, uint64_t start, uint64_t end);
void derive_harvest_region(struct region *region, uint64_t start, uint64_t end);

struct mapping *mapping_at(struct space *space, vaddr va);
void mapping_attach(struct mapping *mapping, struct space *space, struct region *region);
void mapping_detach(struct mapping *mapping);
void mapping_leave_region(struct mapping *mapping); /* nothing may derive from it any more */
bool mapping_retreat(struct mapping *mapping);
/* What one stretch between two preemption points clears of a range of this size: half of what one
 * page table maps, or, where memory cannot be dense, the power of two below a 512th. */
static inline uint64_t memory_chunk(uint64_t size)
{
    uint64_t half = 1ull << 20, part = size / 512;
    return part <= half ? half : 1ull << (63 - __builtin_clzll(part));
}
void region_attach(struct region *region, struct space *space);
void region_detach(struct region *region);
bool mapping_overlaps(struct space *space, const struct mapping *self, vaddr start, vaddr end);

/* frames of user memory */
struct frame {
    uint32_t objects;       /* slot + 1 of the first object in it */
    uint32_t used, written; /* epochs */
};
struct frame *frame_of(paddr pa); /* NULL = not user memory */
extern uint32_t frame_epoch;

#endif

/* kernel/core/memory.h -- spaces, regions, mappings: what memory is, and how it is reached.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_MEMORY_H
#define KERNEL_CORE_MEMORY_H

#include "kernel/core/derive.h"
#include "kernel/core/list.h"
#include "kernel/core/object.h"

struct mapping;
struct region;

struct space {
    struct object obj;
    struct fk_debug_space dbg; /* cr3 = top page table, also ours to use */
    struct budget *budget;
    struct mapping *tree; /* by address, no overlaps */
    uint64_t ranks;       /* mappings that it has had */
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
    struct list in_walk;           /* derive.c: to be followed, if walk_queued, */
    uint64_t walk_start, walk_end; /* this part of it, */
    uint64_t walk, turn, seen;     /* by this walk; mark of its mappings, and its own */
    bool walk_queued;
    bool physical; /* the pool: `start` is a physical address */
};

struct mapping {
    struct object obj;
    struct fk_debug_mapping dbg; /* start, size, offset, prot are the real ones */
    struct space *space;
    struct region *region;
    struct list in_region;        /* in region->mappings */
    struct mapping *left, *right; /* in space->tree */
    uint64_t rank;                /* how many mappings its first space had had, with it */
    uint64_t table;               /* a word per page, see abi/fk/objects.h */
    struct visit visit;           /* derive.c */
    uint64_t seen;                /* derive.c: mark of the last region that was followed to it */
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

struct mapping *mapping_at(struct space *space, vaddr va);
void mapping_attach(struct mapping *mapping, struct space *space, struct region *region);
void mapping_detach(struct mapping *mapping);       /* begins a walk; the last one is settled */
void mapping_leave_region(struct mapping *mapping); /* nothing may derive from it any more */
void region_attach(struct region *region, struct space *space);
void region_detach(struct region *region);
bool mapping_overlaps(struct space *space, const struct mapping *self, vaddr start, vaddr end);

/* frames of user memory */
struct frame {
    uint32_t objects;                               /* slot + 1 of the first object in it */
    uint32_t used, written;                         /* epochs */
    uint64_t there[FK_PAGE / FK_OBJECT_BYTES / 64]; /* a bit for each place with an object */
};
struct frame *frame_of(paddr pa); /* NULL = not user memory */
extern uint32_t frame_epoch;

#endif

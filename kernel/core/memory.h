/* kernel/core/memory.h -- spaces, regions, mappings: what memory is, and how it is reached.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_MEMORY_H
#define KERNEL_CORE_MEMORY_H

#include "kernel/core/derive.h"
#include "kernel/core/tree.h"

#define PROT_ALL (FK_READ | FK_WRITE | FK_EXECUTE)

struct mapping;
struct region;

struct space {
    struct object obj;
    struct fk_debug_space dbg; /* cr3 = top page table, also ours to use */
    struct budget *budget;
    struct tree *tree;   /* mappings by address, no overlaps */
    struct list regions; /* that it exports */
    struct list threads;
    struct link keeper;
    struct list in_dissolving; /* once it was destroyed */
    struct link recent;        /* mapping that a walk began with */
};

/* Where a walk upwards from a region came to, in a straight line: to a mapping with a table, or to
 * physical memory. Good for offsets [low, low + size) while `changes` is memory_changes. */
struct jump {
    uint64_t changes, low, size;
    uint64_t to;         /* plus offset: address in the space of */
    struct mapping *map; /* NULL = physical memory */
    struct region *last; /* before the mapping, */
    uint64_t last_to;    /* plus offset: the offset in it */
    unsigned prot;       /* of all on the way */
    unsigned links;      /* that were gone through */
};

extern uint64_t memory_changes; /* grows when a way upwards may end, or lose a right */

struct region {
    struct object obj;
    struct fk_debug_region dbg; /* start, size, prot are the real ones */
    struct space *space;        /* NULL = no permission */
    struct list in_space;       /* in space->regions */
    struct list mappings;
    struct link keeper;
    struct jump jump;
    struct visit visit; /* derive.c */
    uint64_t seen;      /* derive.c: mark of the last space that was visited from there on to it */
    bool physical;      /* the pool: `start` is a physical address */
};

struct mapping {
    struct object obj;
    struct fk_debug_mapping dbg; /* start, size, offset, prot are the real ones */
    struct space *space;
    struct region *region;
    struct list in_region; /* in region->mappings */
    struct tree in_space;  /* in space->tree; the key is its start */
    uint64_t table;        /* a word per page, see abi/fk/objects.h */
    struct {
        uint64_t epoch; /* good while it is paging_epoch */
        vaddr page;     /* of the table, */
        char *at;       /* which is here */
    } word;
    struct visit visit; /* derive.c */
    uint64_t seen;      /* derive.c: mark of the last region that was followed to it */
};

/* Where memory was missing, for the fault chain. Valid after K_FAULT. */
struct fault {
    vaddr va;              /* in the space of the thread */
    struct region *region; /* whose keeper is asked; NULL = nobody, it is the thread's exception */
    uint64_t offset;       /* in that region */
    unsigned access;
    bool again; /* it is not missing: who needs it makes his call or access again, for the rest */
};
extern struct fault fault;

/* Kernel address of the byte at va (access 0 = only look, leave no mark), or NULL with `fault`
 * filled. Good until the kernel is left. */
void *memory_find(struct space *space, vaddr va, unsigned access);
/* Make sure all of [va, va + bytes) can be reached now: 0, K_FAULT or an insanity. */
long memory_check(struct space *space, vaddr va, size_t bytes, unsigned access);
long memory_read(struct space *space, vaddr va, void *to, size_t bytes);
/* After a memory_check that succeeded. */
void memory_write(struct space *space, vaddr va, const void *from, size_t bytes);

static inline struct mapping *mapping_of(struct tree *in_space)
{
    return TREE_OF(in_space, struct mapping, in_space);
}

/* Inline since every link of a walk comes here. */
static inline struct mapping *mapping_at(struct space *space, vaddr va)
{
    struct tree *node = space->tree;
    while (node) {
        if (va < node->key)
            node = node->left;
        else if (va - node->key >= mapping_of(node)->dbg.size)
            node = node->right;
        else
            return mapping_of(node);
    }
    return NULL;
}

bool space_dissolving(void); /* there are destroyed spaces that are not gone yet */
unsigned
space_dissolve(void); /* takes something away from one; in steps of about eight instructions */
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

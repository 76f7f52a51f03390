/* kernel/core/object.h -- what the nine kinds have in common, and the outcomes of kernel calls.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_OBJECT_H
#define KERNEL_CORE_OBJECT_H

#include "abi/fk/syscall.h"
#include "kernel/arch/x86_64/arch.h"
#include "kernel/core/kmem.h"
#include "kernel/core/kprintf.h"
#include "kernel/core/syscall.h"

struct space;
struct thread;

/* Answers of a handler. Not negative: the call is finished and this goes to rax. Negative: */
#define K_BLOCKED            (-1) /* the frame is as it should be; maybe another thread runs now */
#define K_FAULT              (-2) /* user memory was not there: `fault` says where. Nothing was done */
#define K_AGAIN              (-3) /* preempted: the frame holds the call that does the rest */
#define K_SWITCHED           (-5) /* another thread runs, all is set: known to entry.S */
#define K_PASSED             (-6) /* likewise, and it gets the caller's first words: see entry.S */
#define K_INSANE(name)       (-0x100 - FK_INSANE_##name)
#define K_IS_INSANE(outcome) ((outcome) < -0x100)

/* First part of every object; the debugger's record follows it directly. An object without a user
 * address (pa = 0) belongs to the kernel. `serial` is never reused: see struct link. */
struct object {
    uint64_t serial;
    paddr pa; /* of its user memory; object_find verifies hints with it */
    uint64_t hash;
    uint64_t *debug_prev;            /* the word that holds our address in the debugger's list */
    uint32_t slot;                   /* in the object table */
    uint32_t frame_next, frame_prev; /* slot + 1 of the next and last object in the same page */
    uint32_t kind;
};

/* A weak link: names an object while it lives, and nothing afterwards. */
struct link {
    uint64_t serial; /* 0 = null */
    uint32_t slot;
};

/* The object that user memory holds and messages carry. */
struct ref {
    struct object obj;
    struct fk_debug_other dbg;
    struct link target;
};

/* What a kind's file exports. `destroy` undoes all links; it may answer K_AGAIN. `queue` is where
 * the threads that wait for such an object stand (0 = nobody does). The others are the kind's part
 * of get_state and set_state (common.c): `export` fills in the state behind its hash, and what the
 * links name; `import` gets what they are to become, checks all and does it. */
#define KIND_LINKS 2
struct kind {
    size_t bytes, queue;
    long (*create)(struct object *object);
    long (*destroy)(struct object *object);
    void (*export)(struct object *object, void *state, struct object **links);
    long (*import)(struct object *object, const void *state, struct object **links);
    unsigned get_bytes, set_bytes; /* of the state */
    unsigned links, link_kind[KIND_LINKS];
};

extern const struct kind *const kinds[FK_DEBUG_KINDS];
extern struct object **object_table;
extern struct object object_nobody; /* owns the queues that belong to no object */
extern struct fk_debug_block fk_debug_block;
extern struct thread *current;

static inline struct fk_debug_head *object_debug(struct object *object)
{
    return (struct fk_debug_head *)(object + 1);
}

/* Word 0 of an object's user memory: where in the table to look. Never believed without a check. */
#define OBJECT_HINT 0x464b000000000000ull
extern uint32_t object_slots;

static inline struct object *object_hinted(uint64_t word)
{
    uint64_t slot = word ^ OBJECT_HINT;
    return slot < object_slots ? object_table[slot] : NULL;
}

/* The null link needs no case of its own: slot 0 stays empty for ever. */
static inline struct object *link_get(const struct link *link)
{
    struct object *object = object_table[link->slot];
    return object && object->serial == link->serial ? object : NULL;
}

static inline void link_set(struct link *link, const struct object *object)
{
    *link = object ? (struct link){object->serial, object->slot} : (struct link){0, 0};
}

/* Likewise for debuggers. */
static inline void debug_links(struct fk_debug_other *dbg, const struct object *object)
{
    dbg->link_kind = object ? object->kind : FK_DEBUG_KINDS;
    dbg->link_id = object ? (uint32_t)object->serial : 0;
}

void object_init(paddr *start, paddr end, paddr user_start, paddr user_end);

/* Look up. Answers 0 or an outcome. `access`: FK_READ to use or read, FK_WRITE to change. `out`: a
 * pointer to an object of that kind. */
long object_find(vaddr va, unsigned kind, unsigned access, void *out);
long object_find_in(struct space *space, vaddr va, unsigned access, struct object **out);
/* The target of the reference object at `va`; *out = NULL when it names nothing and `may_be_null`.
 */
long object_by_ref(vaddr va, unsigned kind, bool may_be_null, void *out);

/* The binding to user memory. `object_place` answers with the physical address of a place for an
 * object. */
long object_place(struct space *space, vaddr va, unsigned access, paddr *pa);
struct object *object_bound(paddr pa); /* NULL = there is none */
void object_bind(struct object *object, paddr pa, vaddr va);
void object_unbind(struct object *object);

struct object *object_make(unsigned kind, paddr pa, vaddr va, struct space *owner, long *outcome);
void object_ends(struct object *object);   /* nobody can use it any more, */
void object_rename(struct object *object); /* nor name it at all */
void object_unmake(struct object *object);
long object_destroy(struct object *object);
uint32_t object_count(unsigned kind);
/* ref.c */
void ref_point(struct ref *ref, const struct object *target);
/* The links of a get_state or set_state call; without an address, none is wanted. */
long links_read(vaddr va, void *links, size_t bytes);
/* Fill an optional link word of a get_state call; check one of a set_state call. */
long ref_check_out(vaddr ref);
void ref_put(vaddr ref, const struct object *target);

/* check.c. 0 = all invariants hold; else the number of the first one broken, and why on the
 * console. */
long check_all(void);
struct object *object_in_page(paddr page, unsigned offset, unsigned *found);

#endif

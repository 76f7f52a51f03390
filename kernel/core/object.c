/* kernel/core/object.c -- the object table: from a user address to a live object in constant time.
 * Word 0 of an object's user memory is a hint, its slot number, believed only if the object in that
 * slot is bound to exactly this physical address. A wrong hint (programs may scribble) costs a walk
 * over the objects of one page, at most 128. Invariant: at most one live object per FK_OBJECT_BYTES
 * of user memory; every live object is in the table, in its page's chain (if it has memory), and in
 * the debugger's list. SPDX-License-Identifier: MIT */
#include "kernel/core/thread.h"

struct object **object_table;
struct object object_nobody = {.kind = FK_DEBUG_KINDS};
struct fk_debug_block fk_debug_block = {
    .magic = FK_DEBUG_MAGIC, .version = FK_DEBUG_VERSION, .bytes = sizeof(struct fk_debug_block)};
uint32_t frame_epoch = 1;
uint32_t object_slots;
static uint32_t fresh_slot;            /* slots from fresh_slot on were never used */
static uint32_t *slot_next, free_slot; /* chain of returned slots, 0 = end */
static uint64_t serials;
static uint32_t counts[FK_DEBUG_KINDS + 1];
static struct frame *frames;
static paddr frames_start, frames_end;

static void *carve(paddr *start, size_t bytes)
{
    void *at = phys(*start);
    *start += (bytes + FK_PAGE - 1) & ~(FK_PAGE - 1ull);
    return __builtin_memset(at, 0, bytes);
}

/* Slot 0 stays empty for ever, so that the null link needs no check of its own. */
void object_init(paddr *start, paddr end, paddr user_start, paddr user_end)
{
    object_slots = (end - *start) / 128;
    object_table = carve(start, object_slots * sizeof(*object_table));
    slot_next = carve(start, object_slots * sizeof(*slot_next));
    frames = carve(start, (user_end - user_start) / FK_PAGE * sizeof(*frames));
    frames_start = user_start;
    frames_end = user_end;
    fresh_slot = 1;
}

struct frame *frame_of(paddr pa)
{
    return pa >= frames_start && pa < frames_end ? &frames[(pa - frames_start) / FK_PAGE] : NULL;
}

void core_page_seen(paddr pa, bool used, bool written)
{
    struct frame *frame = frame_of(pa);
    if (!frame)
        return;
    if (used)
        frame->used = frame_epoch;
    if (written)
        frame->written = frame_epoch;
}

static uint32_t slot_take(void)
{
    uint32_t slot = free_slot;
    if (slot)
        free_slot = slot_next[slot];
    else if (fresh_slot < object_slots)
        slot = fresh_slot++;
    return slot;
}

static void slot_give(uint32_t slot)
{
    object_table[slot] = NULL;
    slot_next[slot] = free_slot;
    free_slot = slot;
}

/* ---- the debugger's lists ---- */

static void debug_link(struct object *object, uint32_t owner)
{
    struct fk_debug_head *head = object_debug(object);
    uint64_t *list = &fk_debug_block.list[object->kind];
    head->object = (uint64_t)object;
    head->id = (uint32_t)object->serial;
    head->owner = owner;
    head->next = *list;
    object->debug_prev = list;
    if (*list)
        ((struct object *)((struct fk_debug_head *)*list)->object)->debug_prev = &head->next;
    *list = (uint64_t)head;
    fk_debug_block.current.changes++;
}

static void debug_unlink(struct object *object)
{
    struct fk_debug_head *head = object_debug(object);
    *object->debug_prev = head->next;
    if (head->next)
        ((struct object *)((struct fk_debug_head *)head->next)->object)->debug_prev =
            object->debug_prev;
    fk_debug_block.current.changes++;
}

/* ---- binding to user memory ---- */

static uint64_t *there_of(struct frame *frame, paddr pa, uint64_t *bit)
{
    unsigned place = pa % FK_PAGE / FK_OBJECT_BYTES;
    *bit = 1ull << place % 64;
    return &frame->there[place / 64];
}

struct object *object_bound(paddr pa)
{
    struct frame *frame = frame_of(pa);
    uint64_t bit;
    if (!frame || !(*there_of(frame, pa, &bit) & bit))
        return NULL;
    for (uint32_t at = frame->objects; at;) {
        struct object *object = object_table[at - 1];
        if (object->pa == pa)
            return object;
        at = object->frame_next;
    }
    return NULL;
}

void object_bind(struct object *object, paddr pa, vaddr va)
{
    struct frame *frame = frame_of(pa);
    uint64_t bit;
    *there_of(frame, pa, &bit) |= bit;
    object->pa = pa;
    object->frame_next = frame->objects;
    object->frame_prev = 0;
    if (frame->objects)
        object_table[frame->objects - 1]->frame_prev = object->slot + 1;
    frame->objects = object->slot + 1;
    *(uint64_t *)phys(pa) = OBJECT_HINT | object->slot;
    object_debug(object)->user_va = va;
}

void object_unbind(struct object *object)
{
    if (!object->pa)
        return;
    paging_epoch++; /* what was found at this address is not there any more */
    struct frame *frame = frame_of(object->pa);
    uint64_t bit, *there = there_of(frame, object->pa, &bit);
    uint32_t next = object->frame_next, prev = object->frame_prev;
    *there &= ~bit;
    *(prev ? &object_table[prev - 1]->frame_next : &frame->objects) = next;
    if (next)
        object_table[next - 1]->frame_prev = prev;
    *(uint64_t *)phys(object->pa) = 0;
    object->pa = 0;
}

/* The physical address of the object memory at `va`, or an outcome. */
long object_place(struct space *space, vaddr va, unsigned access, paddr *pa)
{
    if (va % FK_OBJECT_BYTES)
        return K_INSANE(NOT_ALIGNED);
    if (va >= FK_USER_END)
        return K_INSANE(INVALID_ADDRESS);
    void *at = memory_find(space, va, access);
    if (!at)
        return K_FAULT;
    *pa = (paddr)at - PHYS_BASE;
    return 0;
}

long object_find_in(struct space *space, vaddr va, unsigned access, struct object **out)
{
    paddr pa;
    long outcome = object_place(space, va, access, &pa);
    if (outcome)
        return outcome;
    struct object *object = object_hinted(*(uint64_t *)phys(pa));
    if (!object || object->pa != pa)
        object = object_bound(pa);
    if (!object)
        return K_INSANE(NO_OBJECT);
    *out = object;
    return 0;
}

long object_find(vaddr va, unsigned kind, unsigned access, void *out)
{
    struct object **object = out;
    long outcome = object_find_in(current->space, va, access, object);
    if (outcome)
        return outcome;
    if ((*object)->serial >> 63)
        return K_INSANE(NO_OBJECT);
    return (*object)->kind == kind ? 0 : K_INSANE(WRONG_TYPE);
}

long object_by_ref(vaddr va, unsigned kind, bool may_be_null, void *out)
{
    struct object *target;
    const struct ref *ref;
    long outcome = object_find(va, FK_DEBUG_REF, FK_READ, &ref);
    if (outcome)
        return outcome;
    *(struct object **)out = target = link_get(&ref->target);
    if (!target)
        return may_be_null ? 0 : K_INSANE(INVALID_OBJECT);
    return target->kind == kind ? 0 : K_INSANE(WRONG_REF);
}

/* ---- life ---- */

static struct list *queue_of(struct object *object)
{
    return (struct list *)((char *)object + kinds[object->kind]->queue);
}

struct object *object_make(unsigned kind, paddr pa, vaddr va, struct space *owner, long *outcome)
{
    *outcome = FK_NO_MEMORY;
    struct object *object = kmem_new(kinds[kind]->bytes, owner ? owner->budget : &kmem_root);
    if (!object)
        return NULL;
    *object = (struct object){
        .kind = kind, .serial = serials + 1, .hash = serials + 1, .slot = slot_take()};
    if (!object->slot)
        goto no_slot;
    if (kinds[kind]->queue)
        list_init(queue_of(object));
    if (kinds[kind]->create && (*outcome = kinds[kind]->create(object)))
        goto no_create;
    /* commit: */
    serials++;
    object_table[object->slot] = object;
    debug_link(object, owner ? owner->dbg.head.id : 0);
    if (pa)
        object_bind(object, pa, va);
    counts[kind]++;
    counts[FK_DEBUG_KINDS]++;
    *outcome = FK_OK;
    return object;
no_create:
    slot_give(object->slot);
no_slot:
    kmem_free(object);
    return NULL;
}

void object_unmake(struct object *object)
{
    object_unbind(object);
    debug_unlink(object);
    slot_give(object->slot);
    counts[object->kind]--;
    counts[FK_DEBUG_KINDS]--;
    object->serial = 0;
    kmem_free(object);
}

/* Links to it end now: a link names a serial number. Whoever has its address can only destroy it.
 */
void object_ends(struct object *object)
{
    object->serial |= 1ull << 63;
    paging_epoch++; /* fast.c may have found it */
}

void object_rename(struct object *object)
{
    object_unbind(object);
    object_ends(object);
}

long object_destroy(struct object *object)
{
    const struct kind *kind = kinds[object->kind];
    long outcome = kind->destroy ? kind->destroy(object) : 0;
    if (!outcome && kind->queue)
        outcome = queue_dismiss(queue_of(object), object);
    if (!outcome)
        object_unmake(object);
    return outcome;
}

uint32_t object_count(unsigned kind)
{
    return kind <= FK_DEBUG_KINDS ? counts[kind] : 0;
}

/* The object of lowest address in this page at or after `offset`. */
struct object *object_in_page(paddr page, unsigned offset, unsigned *found)
{
    struct frame *frame = frame_of(page);
    struct object *best = NULL;
    for (uint32_t at = frame ? frame->objects : 0; at;) {
        struct object *object = object_table[at - 1];
        unsigned here = object->pa & (FK_PAGE - 1);
        if (here >= offset && (!best || here < *found)) {
            best = object;
            *found = here;
        }
        at = object->frame_next;
    }
    return best;
}

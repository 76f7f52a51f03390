/* kernel/core/common.c -- the calls that all kinds share: create, create_hash, destroy, move,
 * reference, get_state and set_state: one handler for each operation. What differs between kinds is
 * in their struct kind. SPDX-License-Identifier: MIT
 */
#include "kernel/core/thread.h"

/* The kind is a part of the call's number. */
static unsigned kind_called(void)
{
    return current->frame.rax / FK_CALLS_OF_KIND;
}

static long create(vaddr va, uint64_t hash, bool has_hash)
{
    paddr pa;
    long outcome = object_place(current->space, va, FK_WRITE, &pa);
    if (outcome)
        return outcome;
    if (object_bound(pa))
        return K_INSANE(OBJECT_EXISTS);
    struct object *object = object_make(kind_called(), pa, va, current->space, &outcome);
    if (object && has_hash)
        object->hash = hash;
    return outcome;
}

long common_create(vaddr va)
{
    return create(va, 0, false);
}

long common_create_hash(vaddr va, uint64_t hash)
{
    return create(va, hash, true);
}

long common_destroy(vaddr va)
{
    struct object *object;
    long outcome = object_find_in(current->space, va, FK_WRITE, &object);
    if (outcome)
        return outcome;
    if (object->kind != kind_called())
        return K_INSANE(WRONG_TYPE);
    if (object == &current->obj)
        return K_INSANE(CURRENT_THREAD);
    return object_destroy(object);
}

long common_move(vaddr from, vaddr to)
{
    struct object *object;
    paddr pa;
    long outcome = object_find(from, kind_called(), FK_WRITE, &object);
    if (!outcome)
        outcome = object_place(current->space, to, FK_WRITE, &pa);
    if (outcome)
        return outcome;
    if (object == &current->obj)
        return K_INSANE(CURRENT_THREAD);
    if (object_bound(pa))
        return K_INSANE(OBJECT_EXISTS);
    /* commit: */
    object_unbind(object);
    object_bind(object, pa, to);
    return FK_OK;
}

/* Point the reference object at `to` to the object at `va`. */
long common_reference(vaddr va, vaddr to)
{
    struct object *target;
    struct ref *ref;
    long outcome = object_find(va, kind_called(), FK_READ, &target);
    if (!outcome)
        outcome = object_find(to, FK_DEBUG_REF, FK_WRITE, &ref);
    if (outcome)
        return outcome;
    if (target->kind == FK_DEBUG_REF)
        target = link_get(&((struct ref *)target)->target);
    /* commit: */
    ref_point(ref, target);
    return FK_OK;
}

/* ---- the state of all kinds but threads (state.c) ---- */

#define STATE_WORDS 6 /* of the largest, a mapping's */

struct exported {
    const struct kind *kind;
    struct object *object, *links[KIND_LINKS];
    uint64_t state[STATE_WORDS], refs[KIND_LINKS]; /* the addresses of references for the links */
};

/* What both calls begin with: as it is now. */
static long state_find(vaddr va, unsigned access, vaddr links_va, struct exported *now)
{
    const struct kind *kind = now->kind = kinds[kind_called()];
    long outcome = object_find(va, kind_called(), access, &now->object);
    if (outcome)
        return outcome;
    now->state[0] = now->object->hash;
    if (kind->export)
        kind->export(now->object, now->state, now->links);
    return kind->links ? links_read(links_va, now->refs, kind->links * sizeof(*now->refs)) : 0;
}

long common_get_state(vaddr va, vaddr out, vaddr links_va)
{
    struct exported now;
    long outcome = state_find(va, FK_READ, links_va, &now);
    if (!outcome)
        outcome = memory_check(current->space, out, now.kind->get_bytes, FK_WRITE);
    for (unsigned i = 0; i < now.kind->links && !outcome; i++)
        outcome = ref_check_out(now.refs[i]);
    if (outcome)
        return outcome;
    /* commit: */
    memory_write(current->space, out, now.state, now.kind->get_bytes);
    for (unsigned i = 0; i < now.kind->links; i++)
        ref_put(now.refs[i], now.links[i]);
    return FK_OK;
}

/* A link for which no reference is given stays what it is. */
long common_set_state(vaddr va, vaddr in, vaddr links_va)
{
    struct exported now;
    long outcome = state_find(va, FK_WRITE, links_va, &now);
    if (!outcome && now.kind->set_bytes)
        outcome = memory_read(current->space, in, now.state, now.kind->set_bytes);
    for (unsigned i = 0; i < now.kind->links && !outcome; i++)
        if (now.refs[i])
            outcome = object_by_ref(now.refs[i], now.kind->link_kind[i], true, &now.links[i]);
    if (outcome || !now.kind->import)
        return outcome;
    return now.kind->import(now.object, now.state, now.links);
}

/* kernel/core/ref.c -- reference objects. A reference does not keep its target alive: when the
 * target dies it names nothing. There is no call from a reference to an address.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/ref.h"
#include "kernel/core/memory.h"
#include "kernel/core/syscall.h"
#include "kernel/core/thread.h"

const struct kind ref_kind = {"reference", sizeof(struct ref), NULL, NULL};

void ref_point(struct ref *ref, const struct object *target)
{
    paging_epoch += ref->target.serial != 0; /* fast.c may have found the old one */
    link_set(&ref->target, target);
    ref->dbg.link_kind = target ? target->kind : FK_DEBUG_KINDS;
    ref->dbg.link_id = target ? (uint32_t)target->serial : 0;
}

long ref_make(unsigned kind, vaddr va, vaddr ref)
{
    struct object *target, *to;
    long outcome = object_find(va, kind, FK_READ, &target);
    if (!outcome)
        outcome = object_find(ref, FK_DEBUG_REF, FK_WRITE, &to);
    if (outcome)
        return outcome;
    /* commit: */
    ref_point((struct ref *)to, target);
    return FK_OK;
}

long links_read(vaddr va, void *links, size_t bytes)
{
    __builtin_memset(links, 0, bytes);
    return va ? memory_read(current->space, va, links, bytes) : 0;
}

long ref_check_out(vaddr ref)
{
    struct object *object;
    return ref ? object_find(ref, FK_DEBUG_REF, FK_WRITE, &object) : 0;
}

void ref_put(vaddr ref, const struct object *target)
{
    struct object *object;
    if (ref && !object_find(ref, FK_DEBUG_REF, FK_WRITE, &object))
        ref_point((struct ref *)object, target);
}

long sys_ref_reference(vaddr from, vaddr to)
{
    struct object *source, *copy;
    long outcome = object_find(from, FK_DEBUG_REF, FK_READ, &source);
    if (!outcome)
        outcome = object_find(to, FK_DEBUG_REF, FK_WRITE, &copy);
    if (outcome)
        return outcome;
    /* commit: */
    ref_point((struct ref *)copy, link_get(&((struct ref *)source)->target));
    return FK_OK;
}

long sys_ref_get_state(vaddr va, vaddr out, vaddr links)
{
    struct object *ref;
    long outcome = object_find(va, FK_DEBUG_REF, FK_READ, &ref);
    if (!outcome)
        outcome = memory_check(current->space, out, sizeof(struct fk_ref_state), FK_WRITE);
    if (outcome)
        return outcome;
    (void)links;
    struct object *target = link_get(&((struct ref *)ref)->target);
    struct fk_ref_state state = {target ? target->hash : 0, target ? target->kind : FK_DEBUG_KINDS};
    /* commit: */
    memory_write(current->space, out, &state, sizeof(state));
    return FK_OK;
}

long sys_ref_set_state(vaddr va, vaddr in, vaddr links)
{
    struct object *ref;
    long outcome = object_find(va, FK_DEBUG_REF, FK_WRITE, &ref);
    if (outcome)
        return outcome;
    (void)in;
    (void)links;
    /* commit: */
    ref_point((struct ref *)ref, NULL);
    return FK_OK;
}

long sys_ref_compare(vaddr a, vaddr b)
{
    struct object *x, *y;
    long outcome = object_find(a, FK_DEBUG_REF, FK_READ, &x);
    if (!outcome)
        outcome = object_find(b, FK_DEBUG_REF, FK_READ, &y);
    if (outcome)
        return outcome;
    struct object *target = link_get(&((struct ref *)x)->target);
    return target == link_get(&((struct ref *)y)->target) ? FK_OK : FK_DIFFERENT;
}

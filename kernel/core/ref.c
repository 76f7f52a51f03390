/* kernel/core/ref.c -- reference objects. A reference does not keep its target alive: when the
 * target dies it names nothing. There is no call from a reference to an address.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/thread.h"

void ref_point(struct ref *ref, const struct object *target)
{
    paging_epoch += ref->target.serial != 0; /* fast.c may have found the old one */
    link_set(&ref->target, target);
    debug_links(&ref->dbg, target);
}

static void ref_export(struct object *object, void *out, struct object **links)
{
    const struct object *target = link_get(&((struct ref *)object)->target);
    struct fk_ref_state *state = out;
    (void)links;
    state->hash = target ? target->hash : 0;
    state->type = target ? target->kind : FK_DEBUG_KINDS;
}

static long ref_import(struct object *object, const void *in, struct object **links)
{
    (void)in;
    (void)links;
    /* commit: */
    ref_point((struct ref *)object, NULL);
    return FK_OK;
}

const struct kind ref_kind = {.bytes = sizeof(struct ref),
                              .export = ref_export,
                              .import = ref_import,
                              .get_bytes = sizeof(struct fk_ref_state)};

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
    struct ref *object;
    if (ref && !object_find(ref, FK_DEBUG_REF, FK_WRITE, &object))
        ref_point(object, target);
}

long sys_ref_compare(vaddr a, vaddr b)
{
    struct ref *x, *y;
    long outcome = object_find(a, FK_DEBUG_REF, FK_READ, &x);
    if (!outcome)
        outcome = object_find(b, FK_DEBUG_REF, FK_READ, &y);
    if (outcome)
        return outcome;
    return link_get(&x->target) == link_get(&y->target) ? FK_OK : FK_DIFFERENT;
}

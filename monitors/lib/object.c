/* monitors/lib/object.c -- kernel objects in heap memory, and references.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/kinds.h"
#include "monitors/lib/mon.h"

uint64_t mon_object(enum fk_debug_kind kind)
{
    struct fk_object *object = calloc(1, sizeof(*object));
    if (object && mon_kind_call(kind, KIND_CREATE, fk_at(object), 0, 0)) {
        free(object);
        return 0;
    }
    return fk_at(object);
}

void mon_object_free(uint64_t object, enum fk_debug_kind kind)
{
    if (!object)
        return;
    mon_kind_call(kind, KIND_DESTROY, object, 0, 0);
    free((void *)object);
}

uint64_t mon_ref(void)
{
    return mon_object(FK_DEBUG_REF);
}

uint64_t mon_ref_to(uint64_t object, enum fk_debug_kind kind)
{
    uint64_t ref = mon_ref();
    if (ref)
        mon_kind_call(kind, KIND_REFERENCE, object, ref, 0);
    return ref;
}

uint64_t mon_ref_copy(uint64_t ref)
{
    return mon_ref_to(ref, FK_DEBUG_REF);
}

void mon_ref_free(uint64_t ref)
{
    mon_object_free(ref, FK_DEBUG_REF);
}

bool mon_ref_alive(uint64_t ref)
{
    struct fk_ref_state state;
    return !fk_ref_get_state(ref, fk_at(&state), 0) && state.type != FK_DEBUG_KINDS;
}

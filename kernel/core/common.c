/* kernel/core/common.c -- the calls that all nine kinds share: create, create_hash, destroy, move,
 * and reference. What differs between kinds is in their struct kind. SPDX-License-Identifier: MIT
 */
#include "kernel/core/memory.h"
#include "kernel/core/ref.h"
#include "kernel/core/syscall.h"
#include "kernel/core/thread.h"

static long common_create(unsigned kind, vaddr va, uint64_t hash, bool has_hash)
{
    paddr pa;
    long outcome = object_place(current->space, va, FK_WRITE, &pa);
    if (outcome)
        return outcome;
    if (object_bound(pa))
        return K_INSANE(OBJECT_EXISTS);
    struct object *object = object_make(kind, pa, va, current->space, &outcome);
    if (object && has_hash)
        object->hash = hash;
    return outcome;
}

static long common_destroy(unsigned kind, vaddr va)
{
    struct object *object;
    long outcome = object_find_in(current->space, va, FK_WRITE, &object);
    if (outcome)
        return outcome;
    if (object->kind != kind)
        return K_INSANE(WRONG_TYPE);
    if (object == &current->obj)
        return K_INSANE(CURRENT_THREAD);
    return object_destroy(object);
}

static long common_move(unsigned kind, vaddr from, vaddr to)
{
    struct object *object;
    paddr pa;
    long outcome = object_find(from, kind, FK_WRITE, &object);
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

#define COMMON(type, noun)                                                                         \
    long sys_##noun##_create(vaddr va)                                                             \
    {                                                                                              \
        return common_create(type, va, 0, false);                                                  \
    }                                                                                              \
    long sys_##noun##_create_hash(vaddr va, uint64_t hash)                                         \
    {                                                                                              \
        return common_create(type, va, hash, true);                                                \
    }                                                                                              \
    long sys_##noun##_destroy(vaddr va)                                                            \
    {                                                                                              \
        return common_destroy(type, va);                                                           \
    }                                                                                              \
    long sys_##noun##_move(vaddr from, vaddr to)                                                   \
    {                                                                                              \
        return common_move(type, from, to);                                                        \
    }
#define REFERENCE(type, noun)                                                                      \
    long sys_##noun##_reference(vaddr va, vaddr ref)                                               \
    {                                                                                              \
        return ref_make(type, va, ref);                                                            \
    }
COMMON(FK_DEBUG_SPACE, space)
COMMON(FK_DEBUG_THREAD, thread)
COMMON(FK_DEBUG_REGION, region)
COMMON(FK_DEBUG_MAPPING, mapping)
COMMON(FK_DEBUG_PORT, port)
COMMON(FK_DEBUG_PORTSET, portset)
COMMON(FK_DEBUG_MUTEX, mutex)
COMMON(FK_DEBUG_COND, cond)
COMMON(FK_DEBUG_REF, ref)
REFERENCE(FK_DEBUG_SPACE, space)
REFERENCE(FK_DEBUG_THREAD, thread)
REFERENCE(FK_DEBUG_REGION, region)
REFERENCE(FK_DEBUG_PORT, port)
REFERENCE(FK_DEBUG_PORTSET, portset)
REFERENCE(FK_DEBUG_MUTEX, mutex)
REFERENCE(FK_DEBUG_COND, cond)

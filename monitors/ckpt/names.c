/* monitors/ckpt/names.c -- from a reference to a name that means the same in another run, by hash
 * and then by comparing; and back. SPDX-License-Identifier: MIT */
#include "monitors/ckpt/ckpt.h"

#define BUCKETS 256

struct known {
    struct ckpt_name name;
    uint64_t ref, hash;
    bool own; /* the reference was made for this */
    struct known *next;
};

static struct known *bucket[BUCKETS];

static bool add(enum ckpt_what what, uint64_t value, uint64_t ref, bool own)
{
    struct fk_ref_state state;
    if (!ref || fk_ref_get_state(ref, fk_at(&state), 0) || state.type == FK_DEBUG_KINDS)
        return true;
    struct known *known = malloc(sizeof(*known));
    if (!known)
        return false;
    struct known **at = &bucket[state.hash % BUCKETS];
    *known = (struct known){{what, value}, ref, state.hash, own, *at};
    *at = known;
    return true;
}

/* A mapping cannot be referred to, and nothing leads to a reference. */
static bool add_objects(const struct ckpt *ckpt)
{
    for (uint64_t i = 0; i < ckpt->count.objects; i++) {
        const struct ckpt_object *object = &ckpt->object[i];
        if (object->kind == FK_DEBUG_MAPPING || object->kind == FK_DEBUG_REF)
            continue;
        uint64_t ref =
            mon_ref_to(store.frames.start + object->offset, (enum fk_debug_kind)object->kind);
        if (!ref || !add(CKPT_OBJECT, object->offset, ref, true))
            return false;
    }
    return true;
}

bool names_open(const struct ckpt *ckpt)
{
    bool good = add_objects(ckpt) && add(CKPT_PARENT, 0, fk_at(&the_child->parent.ref), false) &&
                add(CKPT_KEEPER, 0, fk_at(&the_child->keeper.ref), false) &&
                add(CKPT_TIME, 0, border_listener, false);
    for (uint64_t i = 0; i < ckpt->count.pools && good; i++)
        good = add(CKPT_POOL, i, fk_at(&ckpt->pool_at[i]->port.ref), false);
    for (uint64_t i = 0; i < ckpt->count.blocks && good; i++)
        good = add(CKPT_BLOCK, i, fk_at(&ckpt->block_at[i]->ref), false);
    for (unsigned i = 0; i < PARENT_NAMES && good; i++)
        if (i != PARENT_MEMPOOL)
            good = add(CKPT_GRANT, i, the_child->grant[i], false);
    for (unsigned i = 0; i < border_views() && good; i++)
        good = add(CKPT_VIEW, i, border_view_ref(i), false);
    for (unsigned i = 0; i < border_count() && good; i++)
        good = add(CKPT_FILE, i, border_file_ref(i), false);
    return good;
}

void names_close(void)
{
    for (unsigned i = 0; i < BUCKETS; i++)
        while (bucket[i]) {
            struct known *known = bucket[i];
            bucket[i] = known->next;
            if (known->own)
                mon_ref_free(known->ref);
            free(known);
        }
}

bool name_of(uint64_t ref, struct ckpt_name *name)
{
    struct fk_ref_state state;
    *name = (struct ckpt_name){CKPT_NOTHING, 0};
    if (fk_ref_get_state(ref, fk_at(&state), 0))
        return false;
    if (state.type == FK_DEBUG_KINDS)
        return true;
    for (struct known *known = bucket[state.hash % BUCKETS]; known; known = known->next) {
        if (known->hash != state.hash || fk_ref_compare(ref, known->ref))
            continue;
        *name = known->name;
        return true;
    }
    return false;
}

uint64_t name_ref(const struct ckpt_name *name)
{
    for (unsigned i = 0; i < BUCKETS; i++)
        for (struct known *known = bucket[i]; known; known = known->next)
            if (known->name.what == name->what && known->name.value == name->value)
                return known->ref;
    return 0;
}

/* monitors/ckpt/stop.c -- stops every thread of the subtree, wherever it is, and lets all go on. A
 * thread in the middle of a call to a server outside the subtree cannot be saved: its other end is
 * not ours. Then all go on for a moment, and it is tried again. SPDX-License-Identifier: MIT */
#include "monitors/ckpt/ckpt.h"

#define MOST_OBJECTS 4096
#define MOST_THREADS 256

static bool find_objects(struct ckpt *ckpt)
{
    struct fk_found found;
    uint64_t at = store.frames.start, end = at + store.frames.pages * FK_PAGE;
    ckpt->count.objects = 0;
    while (at < end && fk_region_search(at, end - at, fk_at(&found)) == FK_OK) {
        if (ckpt->count.objects == MOST_OBJECTS)
            return false;
        ckpt->object[ckpt->count.objects++] =
            (struct ckpt_object){.offset = found.address - store.frames.start, .kind = found.type};
        at = found.address + FK_OBJECT_BYTES;
    }
    return true;
}

static bool room(struct ckpt *ckpt)
{
    if (!ckpt->object)
        ckpt->object = mon_pages(MOST_OBJECTS * sizeof(*ckpt->object));
    if (!ckpt->thread)
        ckpt->thread = mon_pages(MOST_THREADS * sizeof(*ckpt->thread));
    if (!ckpt->starts)
        ckpt->starts = calloc(MOST_THREADS, sizeof(*ckpt->starts));
    return ckpt->object && ckpt->thread && ckpt->starts;
}

/* The peer that serves it must be one of the subtree's threads. */
static bool is_inside(const struct ckpt *ckpt, uint64_t peer)
{
    struct fk_ref_state state;
    if (fk_ref_get_state(peer, fk_at(&state), 0) || state.type == FK_DEBUG_KINDS)
        return true;
    for (uint64_t i = 0; i < ckpt->count.objects; i++) {
        if (ckpt->object[i].kind != FK_DEBUG_THREAD)
            continue;
        uint64_t ref = mon_ref_to(store.frames.start + ckpt->object[i].offset, FK_DEBUG_THREAD);
        bool same = ref && fk_ref_compare(ref, peer) == FK_OK;
        mon_ref_free(ref);
        if (same)
            return true;
    }
    return false;
}

/* Those that were made and never started stay as they are. */
static bool stop_one(struct ckpt *ckpt, struct ckpt_object *object, uint64_t peer)
{
    struct fk_thread_links links = {.client = peer};
    uint64_t number = ckpt->count.threads;
    struct fk_thread_state *state = &ckpt->thread[number];
    if (fk_thread_get_state(store.frames.start + object->offset, fk_at(state), fk_at(&links)))
        return false;
    ckpt->starts[number] = state->frame.rip != 0;
    object->state.thread = number;
    ckpt->count.threads++;
    return true;
}

static bool stop_each(struct ckpt *ckpt, const char **why)
{
    uint64_t peer = mon_ref();
    bool good = peer;
    ckpt->count.threads = 0;
    for (uint64_t i = 0; i < ckpt->count.objects && good; i++) {
        if (ckpt->object[i].kind != FK_DEBUG_THREAD)
            continue;
        *why = "too many threads";
        good = ckpt->count.threads < MOST_THREADS && stop_one(ckpt, &ckpt->object[i], peer);
        *why = NULL;
        if (good)
            good = is_inside(ckpt, peer);
    }
    mon_ref_free(peer);
    return good;
}

static uint64_t count_objects(void)
{
    struct fk_found found;
    uint64_t count = 0, at = store.frames.start, end = at + store.frames.pages * FK_PAGE;
    for (; at < end && fk_region_search(at, end - at, fk_at(&found)) == FK_OK; count++)
        at = found.address + FK_OBJECT_BYTES;
    return count;
}

/* Those that still ran while the first were stopped may have made more: then all goes again. */
bool stop_all(struct ckpt *ckpt, const char **why)
{
    *why = "out of memory";
    if (!room(ckpt))
        return false;
    *why = "too many kernel objects";
    if (!find_objects(ckpt))
        return false;
    *why = NULL;
    bool good = stop_each(ckpt, why) && count_objects() == ckpt->count.objects;
    if (!good)
        start_all(ckpt);
    return good;
}

void start_all(struct ckpt *ckpt)
{
    uint64_t number = 0;
    for (uint64_t i = 0; i < ckpt->count.objects && number < ckpt->count.threads; i++) {
        if (ckpt->object[i].kind != FK_DEBUG_THREAD)
            continue;
        struct fk_thread_state *state = &ckpt->thread[number];
        state->flags &= ~(uint64_t)FK_THREAD_STOPPED;
        if (ckpt->starts[number])
            fk_thread_set_state(store.frames.start + ckpt->object[i].offset, fk_at(state), 0);
        number++;
    }
    ckpt->count.threads = 0;
}

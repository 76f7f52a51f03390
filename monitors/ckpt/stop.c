/* monitors/ckpt/stop.c -- stops every thread of the subtree, and lets all go on. Nobody sees a part
 * of them stopped: the subtree has a group of CPU time below ours, so while our thread can run none
 * of it does, and our thread does not wait between the first and the last. A thread in the middle
 * of a call to a server outside cannot be saved: its other end is not ours. Then all go on for a
 * moment, and it is tried again. SPDX-License-Identifier: MIT */
#include "monitors/ckpt/ckpt.h"

#define MOST_OBJECTS 4096
#define MOST_THREADS 256

static struct fk_object probe, peer[2]; /* references */

static bool find_within(struct ckpt *ckpt, uint64_t at, uint64_t end)
{
    struct fk_found found;
    while (at < end && fk_region_search(at, end - at, fk_at(&found)) == FK_OK) {
        if (ckpt->count.objects == MOST_OBJECTS)
            return false;
        ckpt->object[ckpt->count.objects++] =
            (struct ckpt_object){.offset = found.address - store.frames.start, .kind = found.type};
        at = found.address + FK_OBJECT_BYTES;
    }
    return true;
}

static bool is_used(uint64_t page)
{
    return page < store.frames.pages && store.frames.used[page / 64] >> page % 64 & 1;
}

/* Run by run of the pages that the subtree has. */
static bool find_objects(struct ckpt *ckpt)
{
    ckpt->count.objects = 0;
    for (uint64_t page = 0, end; page < store.frames.pages; page = end + 1) {
        for (end = page; is_used(end); end++)
            ;
        if (!find_within(ckpt, store.frames.start + page * FK_PAGE,
                         store.frames.start + end * FK_PAGE))
            return false;
    }
    return true;
}

static bool room(struct ckpt *ckpt)
{
    if (ckpt->object)
        return ckpt->thread;
    if (fk_ref_create(fk_at(&probe)) || fk_ref_create(fk_at(&peer[0])) ||
        fk_ref_create(fk_at(&peer[1])))
        return false;
    ckpt->object = mon_pages(MOST_OBJECTS * sizeof(*ckpt->object));
    ckpt->thread = mon_pages(MOST_THREADS * sizeof(*ckpt->thread));
    return ckpt->object && ckpt->thread;
}

/* ---- where the other ends are ---- */

static uint64_t address(const struct ckpt_object *object)
{
    return store.frames.start + object->offset;
}

static bool is_thread(const struct ckpt_object *object)
{
    return object->kind == FK_DEBUG_THREAD;
}

static bool leads_nowhere(uint64_t ref, struct fk_ref_state *state)
{
    return fk_ref_get_state(ref, fk_at(state), 0) || state->type == FK_DEBUG_KINDS;
}

/* Nothing, or one of the subtree's threads; by hash, then by comparing. */
static bool is_inside(const struct ckpt *ckpt, uint64_t ref)
{
    struct fk_ref_state state;
    if (leads_nowhere(ref, &state))
        return true;
    for (uint64_t i = 0; i < ckpt->count.objects; i++) {
        const struct ckpt_object *object = &ckpt->object[i];
        if (!is_thread(object) || ckpt->thread[object->state.thread].hash != state.hash)
            continue;
        fk_thread_reference(address(object), fk_at(&probe));
        if (fk_ref_compare(fk_at(&probe), ref) == FK_OK)
            return true;
    }
    return false;
}

static bool all_inside(struct ckpt *ckpt)
{
    struct fk_thread_links links = {.client = fk_at(&peer[0]), .server = fk_at(&peer[1])};
    struct fk_ref_state server;
    ckpt->calling = 0;
    for (uint64_t i = 0; i < ckpt->count.objects; i++) {
        if (!is_thread(&ckpt->object[i]))
            continue;
        fk_thread_get_state(address(&ckpt->object[i]), 0, fk_at(&links));
        if (!is_inside(ckpt, links.client) || !is_inside(ckpt, links.server))
            return false;
        ckpt->calling += !leads_nowhere(links.client, &server);
    }
    return true;
}

/* A child that is still being loaded has one thread, which was never started. */
static bool any_runs(const struct ckpt *ckpt)
{
    for (uint64_t i = 0; i < ckpt->count.threads; i++)
        if (!(ckpt->thread[i].flags & FK_THREAD_STOPPED))
            return true;
    return false;
}

/* ---- stop and go ---- */

static bool stop_each(struct ckpt *ckpt)
{
    ckpt->count.threads = 0;
    for (uint64_t i = 0; i < ckpt->count.objects; i++) {
        struct ckpt_object *object = &ckpt->object[i];
        if (!is_thread(object))
            continue;
        if (ckpt->count.threads == MOST_THREADS)
            return false;
        object->state.thread = ckpt->count.threads++;
        fk_thread_get_state(address(object), fk_at(&ckpt->thread[object->state.thread]), 0);
    }
    return true;
}

bool stop_all(struct ckpt *ckpt, const char **why)
{
    *why = "out of memory";
    if (!room(ckpt))
        return false;
    *why = "too many kernel objects";
    if (!find_objects(ckpt))
        return false;
    *why = "too many threads";
    bool good = stop_each(ckpt);
    if (good) {
        *why = NULL;
        good = any_runs(ckpt) && all_inside(ckpt);
    }
    if (!good)
        start_all(ckpt);
    return good;
}

/* What was stopped before stays so: its state says it. */
void start_all(const struct ckpt *ckpt)
{
    uint64_t number = 0;
    for (uint64_t i = 0; i < ckpt->count.objects && number < ckpt->count.threads; i++)
        if (is_thread(&ckpt->object[i]))
            fk_thread_set_state(address(&ckpt->object[i]), fk_at(&ckpt->thread[number++]), 0);
}

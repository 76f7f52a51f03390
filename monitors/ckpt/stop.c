/* monitors/ckpt/stop.c -- stops every thread of the subtree, and lets all go on. Nobody sees a part
 * of them stopped: the subtree has a group of CPU time below ours, so while our thread can run none
 * of it does, and our thread does not wait between the first and the last. A thread in the middle
 * of a call to a server outside cannot be saved: its other end is not ours. Then all go on for a
 * moment, and it is tried again. SPDX-License-Identifier: MIT */
#include "monitors/ckpt/ckpt.h"

#define MOST_OBJECTS 4096
#define MOST_THREADS 256

static struct mon_still *still;

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
        return ckpt->thread && still;
    ckpt->object = mon_pages(MOST_OBJECTS * sizeof(*ckpt->object));
    ckpt->thread = mon_pages(MOST_THREADS * sizeof(*ckpt->thread));
    still = mon_pages(MOST_THREADS * sizeof(*still));
    return ckpt->object && ckpt->thread && still;
}

static uint64_t address(const struct ckpt_object *object)
{
    return store.frames.start + object->offset;
}

static bool is_thread(const struct ckpt_object *object)
{
    return object->kind == FK_DEBUG_THREAD;
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
        struct fk_thread_state *state = &ckpt->thread[object->state.thread];
        fk_thread_get_state(address(object), fk_at(state), 0);
        still[object->state.thread] =
            (struct mon_still){address(object), state->hash, state->flags};
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
        good =
            any_runs(ckpt) && mon_still_within(still, ckpt->count.threads, 0, NULL, &ckpt->calling);
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

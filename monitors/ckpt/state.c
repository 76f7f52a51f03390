/* monitors/ckpt/state.c -- a kernel object of the stopped subtree becomes a record, with names for
 * what it links to; and a record becomes an object again: first all are made, then all states are
 * set, those of threads last. SPDX-License-Identifier: MIT */
#include "monitors/ckpt/ckpt.h"

static char problem[128];
static struct fk_object nothing; /* a reference */

uint64_t object_at(const struct ckpt_object *object)
{
    return store.frames.start + object->offset;
}

static long call(const struct ckpt_object *object, enum mon_kind_call number, uint64_t a,
                 uint64_t b)
{
    return mon_kind_call(object->kind, number, object_at(object), a, b);
}

/* ---- out ---- */

static const char *complain(const struct ckpt_object *object)
{
    static const char *const kind[] = {"space",   "thread", "region", "mapping",  "port",
                                       "portset", "mutex",  "cond",   "reference"};
    snprintf(problem, sizeof(problem), "a %s leads to something outside that has no name here",
             kind[object->kind]);
    return problem;
}

/* Its state again, now that all others stand still. What it was before it was stopped stays. */
static const char *take_thread(struct ckpt *ckpt, const struct ckpt_object *object, uint64_t *links)
{
    struct fk_thread_state *state = &ckpt->thread[object->state.thread];
    uint64_t running = ~state->flags & FK_THREAD_STOPPED;
    if (fk_thread_get_state(object_at(object), fk_at(state), fk_at(links)))
        return "a thread cannot be read";
    if (!(state->flags & FK_THREAD_STOPPED))
        return "a thread that was stopped runs";
    state->flags ^= running;
    return NULL;
}

const char *state_take(struct ckpt *ckpt, struct ckpt_object *object, const uint64_t *refs)
{
    const char *wrong = NULL;
    uint64_t links[KIND_WORDS] = {0};
    unsigned place[KIND_LINKS], count = mon_kind_links(object->kind, place);
    for (unsigned i = 0; i < count; i++)
        links[place[i]] = refs[i];
    if (object->kind == FK_DEBUG_REF)
        return name_of(object_at(object), &object->link[0]) ? NULL : complain(object);
    if (object->kind == FK_DEBUG_THREAD)
        wrong = take_thread(ckpt, object, links);
    else if (call(object, KIND_GET, fk_at(&object->state), fk_at(links)))
        wrong = "an object cannot be read";
    for (unsigned i = 0; i < count && !wrong; i++)
        if (!name_of(refs[i], &object->link[i]))
            wrong = complain(object);
    return wrong;
}

/* ---- in ---- */

/* By the hash that it had: programs tell by it which of their objects a fault or message is about.
 */
long state_make(const struct ckpt *ckpt, const struct ckpt_object *object)
{
    if (object->kind == FK_DEBUG_REF)
        return call(object, KIND_CREATE, 0, 0);
    return call(object, KIND_CREATE_HASH,
                object->kind == FK_DEBUG_THREAD ? ckpt->thread[object->state.thread].hash
                                                : object->state.hash,
                0);
}

/* It stays stopped. A side without a peer is set, too: its state may tell of one that was there. */
static const char *set_thread(struct ckpt *ckpt, struct ckpt_object *object, uint64_t *links)
{
    struct fk_thread_state *state = &ckpt->thread[object->state.thread];
    uint64_t stopped = state->flags & FK_THREAD_STOPPED;
    links[1] = object->link[1].what == CKPT_TIME ? border_listener : links[1];
    for (unsigned side = 3; side <= 4; side++)
        if (!links[side])
            links[side] = fk_at(&nothing);
    state->flags |= FK_THREAD_STOPPED;
    long outcome = fk_thread_set_state(object_at(object), fk_at(state), fk_at(links));
    state->flags ^= FK_THREAD_STOPPED ^ stopped;
    return outcome ? "a thread's state is refused" : NULL;
}

static const char *set_object(struct ckpt *ckpt, struct ckpt_object *object)
{
    uint64_t links[KIND_WORDS] = {0};
    unsigned place[KIND_LINKS], count = mon_kind_links(object->kind, place);
    for (unsigned i = 0; i < count; i++)
        links[place[i]] = name_ref(&object->link[i]);
    switch (object->kind) {
    case FK_DEBUG_THREAD:
        return set_thread(ckpt, object, links);
    case FK_DEBUG_REF:
        if (object->link[0].what && name_ref(&object->link[0]))
            fk_ref_reference(name_ref(&object->link[0]), object_at(object));
        return NULL;
    case FK_DEBUG_PORTSET:
    case FK_DEBUG_COND:
        return NULL;
    default:
        return call(object, KIND_SET, fk_at(&object->state), fk_at(links)) ? "a state is refused"
                                                                           : NULL;
    }
}

/* Portsets before ports, spaces before what is in them: what others link to needs no state first,
 * only threads come after everything. */
const char *state_set_all(struct ckpt *ckpt)
{
    const char *wrong = fk_ref_create(fk_at(&nothing)) ? "out of memory" : NULL;
    for (unsigned round = 0; round < 2 && !wrong; round++)
        for (uint64_t i = 0; i < ckpt->count.objects && !wrong; i++)
            if ((ckpt->object[i].kind == FK_DEBUG_THREAD) == round)
                wrong = set_object(ckpt, &ckpt->object[i]);
    return wrong;
}

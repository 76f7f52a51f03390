/* monitors/procmgr/fork.c -- a body from a body. Pages are shared until one of both writes, except
 * those with kernel objects: an object is where its page is, so the copy gets such pages at once,
 * and objects of its own in them. What the original's objects and references name is translated:
 * its space, ports, memory, thread and objects become the copy's; all else is named by both.
 * SPDX-License-Identifier: MIT */
#include "monitors/procmgr/procmgr.h"

#define CREATE    0
#define REFERENCE 4

/* What the copy has instead of what a hash names. */
struct name {
    uint64_t hash;
    uint64_t ref;    /* a reference to it, or ... */
    uint64_t object; /* ... the object and its kind */
    unsigned kind;
};

struct fork {
    struct process *from, *to;
    struct things things;
    struct name *names;
    uint64_t mask; /* entries - 1 */
    uint64_t thread_hash;
    uint64_t a, b; /* references to fill */
};

static long operation(unsigned kind, unsigned number, uint64_t a, uint64_t b)
{
    return fk_call4(((uint64_t)kind << 5) + number, a, b, 0, 0);
}

/* ---- names ---- */

static struct name *name_at(struct fork *fork, uint64_t hash)
{
    uint64_t i = hash & fork->mask;
    while (fork->names[i].hash && fork->names[i].hash != hash)
        i = (i + 1) & fork->mask;
    return &fork->names[i];
}

static void name_ref(struct fork *fork, uint64_t old, uint64_t ref)
{
    uint64_t hash = old ? process_hash(old) : 0;
    if (hash)
        *name_at(fork, hash) = (struct name){.hash = hash, .ref = ref};
}

/* Aims a reference at what the copy has instead. false = both name the same. */
static bool translate(struct fork *fork, uint64_t hash, uint64_t ref)
{
    const struct name *name = hash ? name_at(fork, hash) : NULL;
    if (!name || !name->hash)
        return false;
    if (name->ref)
        fk_ref_reference(name->ref, ref);
    else if (name->object)
        operation(name->kind, REFERENCE, name->object, ref);
    else
        fk_ref_set_state(ref, 0, 0); /* there is nothing like it in the copy */
    return true;
}

static bool names_open(struct fork *fork)
{
    struct process *from = fork->from, *to = fork->to;
    uint64_t entries = 128;
    while (entries < 2 * (fork->things.count + 64ull))
        entries *= 2;
    fork->mask = entries - 1;
    fork->names = calloc(entries, sizeof(*fork->names));
    if (!fork->names)
        return false;
    name_ref(fork, from->body.space_ref, to->body.space_ref);
    name_ref(fork, from->parent_ref, to->parent_ref);
    name_ref(fork, fk_at(&from->port.ref), fk_at(&to->port.ref));
    name_ref(fork, fk_at(&from->memory_port.ref), fk_at(&to->memory_port.ref));
    name_ref(fork, from->body.pool, fk_at(&to->memory_port.ref));
    for (unsigned i = 0; i < DESCRIPTORS; i++)
        if (from->handle[i] && to->handle[i])
            name_ref(fork, fk_at(&from->handle[i]->port.ref), fk_at(&to->handle[i]->port.ref));
    return true;
}

/* ---- pages ---- */

static bool copy_page(struct area *to, uint64_t page, uint64_t from)
{
    uint64_t frame = frame_take(to->frames);
    if (!frame)
        return false;
    memcpy((void *)frame, (const void *)from, FK_PAGE);
    area_set(to, page, frame, true);
    return true;
}

/* Pages with objects first: what is in the table then is not shared. */
static bool copy_object_pages(struct fork *fork, struct area *from, struct area *to)
{
    for (unsigned i = 0; i < fork->things.count; i++) {
        const struct thing *thing = &fork->things.thing[i];
        if (thing->area == from && !to->table[thing->page] &&
            !copy_page(to, thing->page, area_frame(from, thing->page)))
            return false;
    }
    return true;
}

static void share_pages(struct area *from, struct area *to)
{
    uint64_t first = from->pages, last = 0;
    for (uint64_t page = 0; page < from->pages; page++) {
        if (!from->table[page] || to->table[page])
            continue;
        uint64_t frame = area_frame(from, page);
        if (area_writable(from, page)) {
            area_set(from, page, frame, false);
            first = first < page ? first : page;
            last = page + 1;
        }
        frame_share(from->frames, frame);
        area_set(to, page, frame, false);
    }
    if (first < last)
        fk_region_flush(fk_at(&from->region), first * FK_PAGE, (last - first) * FK_PAGE);
}

static bool copy_area(struct fork *fork, struct area *from)
{
    struct area *to = area_new(fork->to, from->pages);
    if (!to)
        return false;
    to->next = fork->to->body.areas;
    fork->to->body.areas = to;
    if (!copy_object_pages(fork, from, to))
        return false;
    share_pages(from, to);
    to->source = from;
    *name_at(fork, from->hash) = (struct name){.hash = from->hash, .ref = fk_at(&to->ref)};
    return true;
}

/* ---- objects ---- */

static uint64_t copy_at(const struct fork *fork, const struct thing *thing)
{
    const struct area *area = fork->to->body.areas;
    while (area->source != thing->area)
        area = area->next;
    return area_frame(area, thing->page) + (thing->at & (FK_PAGE - 1));
}

/* Spaces, and threads but the caller, are not copied. */
static bool is_copied(const struct fork *fork, const struct thing *thing)
{
    return thing->kind != FK_DEBUG_SPACE &&
           (thing->kind != FK_DEBUG_THREAD || thing->hash == fork->thread_hash);
}

static bool make_object(struct fork *fork, const struct thing *thing)
{
    bool copied = is_copied(fork, thing);
    uint64_t at = copy_at(fork, thing);
    if (copied && operation(thing->kind, CREATE, at, 0))
        return false;
    if (thing->kind == FK_DEBUG_THREAD && copied) {
        fork->to->body.thread_at = at;
        fork->from->body.thread_at = thing->at;
    }
    if (thing->kind != FK_DEBUG_REF && thing->hash)
        *name_at(fork, thing->hash) =
            (struct name){.hash = thing->hash, .object = copied ? at : 0, .kind = thing->kind};
    return true;
}

/* One of the process's own may show memory somewhere else than in its space. */
static void set_mapping(struct fork *fork, uint64_t from, uint64_t to, bool own)
{
    struct fk_mapping_state state;
    struct fk_mapping_links links = {own ? fork->a : 0, fork->b};
    if (fk_mapping_get_state(from, fk_at(&state), fk_at(&links)) ||
        (own && process_hash(fork->a) != process_hash(fork->from->body.space_ref)))
        return;
    translate(fork, process_hash(fork->b), fork->b);
    links.space = fork->to->body.space_ref;
    fk_mapping_set_state(to, fk_at(&state), fk_at(&links));
}

static void set_region(struct fork *fork, uint64_t from, uint64_t to)
{
    struct fk_region_state state;
    struct fk_region_links links = {fork->a, fork->b};
    if (fk_region_get_state(from, fk_at(&state), fk_at(&links)))
        return;
    translate(fork, process_hash(fork->a), fork->a);
    translate(fork, process_hash(fork->b), fork->b);
    fk_region_set_state(to, fk_at(&state), fk_at(&links));
}

static void set_port(struct fork *fork, uint64_t from, uint64_t to)
{
    struct fk_port_state state;
    struct fk_port_links links = {fork->a};
    if (fk_port_get_state(from, fk_at(&state), fk_at(&links)))
        return;
    translate(fork, process_hash(fork->a), fork->a);
    fk_port_set_state(to, fk_at(&state), fk_at(&links));
}

static void set_mutex(struct fork *fork, uint64_t from, uint64_t to)
{
    struct fk_mutex_state state;
    struct fk_mutex_links links = {fork->a};
    if (fk_mutex_get_state(from, fk_at(&state), fk_at(&links)))
        return;
    translate(fork, process_hash(fork->a), fork->a);
    fk_mutex_set_state(to, fk_at(&state), fk_at(&links));
}

static void set_object(struct fork *fork, const struct thing *thing)
{
    uint64_t to = copy_at(fork, thing);
    switch (thing->kind) {
    case FK_DEBUG_REF:
        if (thing->hash && !translate(fork, thing->hash, to))
            fk_ref_reference(thing->at, to);
        break;
    case FK_DEBUG_MAPPING:
        set_mapping(fork, thing->at, to, true);
        break;
    case FK_DEBUG_REGION:
        set_region(fork, thing->at, to);
        break;
    case FK_DEBUG_PORT:
        set_port(fork, thing->at, to);
        break;
    case FK_DEBUG_MUTEX:
        set_mutex(fork, thing->at, to);
        break;
    }
}

static long copy_objects(struct fork *fork)
{
    struct body *from = &fork->from->body, *to = &fork->to->body;
    for (unsigned i = 0; i < fork->things.count; i++)
        if (!make_object(fork, &fork->things.thing[i]))
            return -PROTO_NO_OBJECTS;
    for (unsigned i = 0; i < fork->things.count; i++)
        set_object(fork, &fork->things.thing[i]);
    for (; to->mappings < from->mappings; to->mappings++) {
        uint64_t mapping = mon_object(FK_DEBUG_MAPPING);
        if (!mapping)
            return -PROTO_NO_OBJECTS;
        to->mapping[to->mappings] = mapping;
        to->settled[to->mappings] = true;
        set_mapping(fork, from->mapping[to->mappings], mapping, false);
    }
    return 0;
}

/* ---- the thread ---- */

/* The original is stopped while it waits for our answer, and goes on waiting. The copy has had it:
 * status 0, pid 0. */
static long copy_thread(struct fork *fork)
{
    struct body *to = &fork->to->body;
    struct fk_thread_state *state = calloc(1, sizeof(*state));
    uint64_t scheduler = process_grant(fork->to, PARENT_SCHEDULER),
             from = fork->from->body.thread_at;
    struct fk_thread_links links = {.space = to->space_ref};
    to->thread = mon_ref_to(to->thread_at, FK_DEBUG_THREAD);
    long outcome = state && to->thread ? 0 : -PROTO_NO_OBJECTS;
    if (!outcome && fk_thread_get_state(from, fk_at(state), 0))
        outcome = -PROTO_INVALID;
    if (!outcome) {
        state->flags &= ~(uint64_t)FK_THREAD_STOPPED;
        fk_thread_set_state(from, fk_at(state), 0);
    }
    if (!outcome && scheduler) {
        outcome = scheduler_attach(scheduler, to->thread, &state->sched_val, fork->a);
        links.scheduler = fork->a;
    }
    if (!outcome) {
        state->flags &= FK_THREAD_ENABLED;
        state->frame.rip += 2;
        state->frame.rax = FK_OK;
        state->frame.rbx = 2;
        state->frame.rdx = state->frame.r8 = 0;
        if (fk_thread_set_state(to->thread_at, fk_at(state), fk_at(&links)))
            outcome = -PROTO_INVALID;
    }
    free(state);
    return outcome;
}

static long copy(struct fork *fork)
{
    long outcome = objects_collect(fork->from, &fork->things);
    if (!outcome)
        outcome = body_open(fork->to, &fork->to->body);
    if (!outcome && !names_open(fork))
        outcome = -PROTO_NO_MEMORY;
    for (struct area *area = fork->from->body.areas; area && !outcome; area = area->next)
        if (!copy_area(fork, area))
            outcome = -PROTO_NO_MEMORY;
    if (!outcome)
        outcome = copy_objects(fork);
    if (!outcome && !fork->to->body.thread_at) /* a thread of somebody below this process */
        outcome = -PROTO_NOT_ALLOWED;
    return outcome ? outcome : copy_thread(fork);
}

long fork_body(struct process *from, struct process *to, uint64_t thread)
{
    struct fork fork = {.from = from, .to = to, .thread_hash = thread ? process_hash(thread) : 0};
    fork.a = mon_ref();
    fork.b = mon_ref();
    long outcome = -PROTO_INVALID;
    if (fork.thread_hash)
        outcome = fork.a && fork.b ? copy(&fork) : -PROTO_NO_OBJECTS;
    mon_ref_free(fork.a);
    mon_ref_free(fork.b);
    free(fork.names);
    free(fork.things.thing);
    return outcome;
}

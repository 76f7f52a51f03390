/* monitors/procmgr/fork.c -- a body from a body. Pages are shared until one of both writes, except
 * those with kernel objects: an object is where its page is, so the copy gets such pages at once,
 * and objects of its own in them. What the original's objects and references name is translated:
 * its space, ports, memory, pools, thread and objects become the copy's; all else is named by both.
 * Of a nester everything below it is copied, too: spaces, and all threads as they stand, by the
 * same hashes, for nesters know their blocks by hash. Else the copy has the one thread that asked.
 * SPDX-License-Identifier: MIT */
#include "monitors/procmgr/procmgr.h"

#define OF_CLIENT                                                                                  \
    (FK_THREAD_CLIENT_SENDER | FK_THREAD_CLIENT_OFFERED | FK_THREAD_CLIENT_ENDED |                 \
     FK_THREAD_CLIENT_BROKEN | FK_THREAD_CLIENT_LIMBO | FK_THREAD_PENDING_CLIENT)

/* What the copy has instead of something of the original: several may have the same hash. */
struct name {
    uint64_t hash;
    uint64_t old;    /* a reference to that, or ... */
    uint64_t old_at; /* ... the object */
    unsigned kind;
    uint64_t ref;    /* a reference to what the copy has, or ... */
    uint64_t object; /* ... the object, of the same kind */
};

struct fork {
    struct process *from, *to;
    struct things things;
    struct name *names;
    uint64_t mask;             /* entries - 1 */
    const struct still *still; /* NULL: of all threads only the asking one is copied */
    const struct thing *asker;
    const struct thing *first; /* thread of `from` */
    uint64_t ref[KIND_LINKS];  /* references to fill */
    uint64_t probe;            /* one more */
};

/* ---- names ---- */

static void name_add(struct fork *fork, struct name name)
{
    uint64_t i = name.hash & fork->mask;
    while (fork->names[i].hash)
        i = (i + 1) & fork->mask;
    fork->names[i] = name;
}

static void name_ref(struct fork *fork, uint64_t old, uint64_t ref)
{
    struct fk_ref_state state = {0};
    if (old && !fk_ref_get_state(old, fk_at(&state), 0) && state.type != FK_DEBUG_KINDS)
        name_add(fork,
                 (struct name){
                     .hash = state.hash, .old = old, .kind = (unsigned)state.type, .ref = ref});
}

static bool is_old(const struct fork *fork, const struct name *name, uint64_t ref)
{
    if (name->old)
        return process_same(name->old, ref);
    mon_kind_call(name->kind, KIND_REFERENCE, name->old_at, fork->probe, 0);
    return process_same(fork->probe, ref);
}

static const struct name *name_of(const struct fork *fork, uint64_t ref)
{
    struct fk_ref_state state;
    if (fk_ref_get_state(ref, fk_at(&state), 0) || state.type == FK_DEBUG_KINDS)
        return NULL;
    for (uint64_t i = state.hash & fork->mask; fork->names[i].hash; i = (i + 1) & fork->mask)
        if (fork->names[i].hash == state.hash && fork->names[i].kind == state.type &&
            is_old(fork, &fork->names[i], ref))
            return &fork->names[i];
    return NULL;
}

/* Aims a reference at what the copy has instead of what another one names. false = the same. */
static bool translate(const struct fork *fork, uint64_t old, uint64_t ref)
{
    const struct name *name = name_of(fork, old);
    if (!name)
        return false;
    if (name->ref)
        fk_ref_reference(name->ref, ref);
    else if (name->object)
        mon_kind_call(name->kind, KIND_REFERENCE, name->object, ref, 0);
    else
        fk_ref_set_state(ref, 0, 0); /* there is nothing like it in the copy */
    return true;
}

static bool names_open(struct fork *fork)
{
    struct process *from = fork->from, *to = fork->to;
    uint64_t entries = 128, most = fork->things.count + 64;
    for (const struct area *area = from->body.areas; area; area = area->next)
        most++;
    for (const struct pool *pool = from->body.pools; pool; pool = pool->next)
        most++;
    while (entries < 2 * most)
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
    for (struct pool *pool = from->body.pools; pool; pool = pool->next)
        name_ref(fork, fk_at(&pool->port.ref), fk_at(&pool->copy->port.ref));
    return true;
}

/* What is outside has another hash where a checkpoint goes on that was taken since names_open. */
static bool names_hold(const struct fork *fork)
{
    for (uint64_t i = 0; i <= fork->mask; i++)
        if (fork->names[i].old && process_hash(fork->names[i].old) != fork->names[i].hash)
            return false;
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
    to->pool = from->pool ? from->pool->copy : NULL;
    fork->to->body.areas = to;
    if (!copy_object_pages(fork, from, to))
        return false;
    share_pages(from, to);
    to->source = from;
    name_ref(fork, fk_at(&from->ref), fk_at(&to->ref));
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

static bool is_copied(const struct fork *fork, const struct thing *thing)
{
    return fork->still || (thing->kind != FK_DEBUG_SPACE &&
                           (thing->kind != FK_DEBUG_THREAD || thing == fork->asker));
}

static long make(const struct fork *fork, const struct thing *thing, uint64_t at)
{
    if (!fork->still || thing->kind == FK_DEBUG_REF)
        return mon_kind_call(thing->kind, KIND_CREATE, at, 0, 0);
    return mon_kind_call(thing->kind, KIND_CREATE_HASH, at, thing->hash, 0);
}

static bool make_object(struct fork *fork, const struct thing *thing)
{
    bool copied = is_copied(fork, thing);
    uint64_t at = copy_at(fork, thing);
    if (copied && make(fork, thing, at))
        return false;
    if (thing == fork->first) {
        fork->to->body.thread_at = at;
        fork->from->body.thread_at = thing->at;
    }
    if (thing->kind != FK_DEBUG_REF && thing->kind != FK_DEBUG_MAPPING && thing->hash)
        name_add(fork, (struct name){.hash = thing->hash,
                                     .old_at = thing->at,
                                     .kind = thing->kind,
                                     .object = copied ? at : 0});
    return true;
}

/* References to what the original's links lead to, in their places. */
static void links_open(const struct fork *fork, uint64_t kind, uint64_t links[KIND_WORDS])
{
    unsigned place[KIND_LINKS], count = mon_kind_links(kind, place);
    memset(links, 0, KIND_WORDS * sizeof(*links));
    for (unsigned i = 0; i < count; i++)
        links[place[i]] = fork->ref[i];
}

/* One of the process's own may show memory somewhere else than in its space or one below; a mapping
 * that is none of its objects shows it in its own. */
static void set_linked(struct fork *fork, unsigned kind, uint64_t from, uint64_t to, bool own)
{
    union {
        struct fk_space_state space;
        struct fk_region_state region;
        struct fk_mapping_state mapping;
        struct fk_port_state port;
        struct fk_mutex_state mutex;
    } state;
    uint64_t links[KIND_WORDS];
    bool elsewhere = false;
    links_open(fork, kind, links);
    if (!own)
        links[0] = 0;
    if (mon_kind_call(kind, KIND_GET, from, fk_at(&state), fk_at(links)))
        return;
    for (unsigned i = 0; i < KIND_WORDS; i++)
        if (links[i] && !translate(fork, links[i], links[i]) && !i)
            elsewhere = true;
    if (kind == FK_DEBUG_MAPPING && own && elsewhere)
        return;
    if (!own)
        links[0] = fork->to->body.space_ref;
    mon_kind_call(kind, KIND_SET, to, fk_at(&state), fk_at(links));
}

static void set_object(struct fork *fork, const struct thing *thing)
{
    uint64_t to = copy_at(fork, thing);
    switch (thing->kind) {
    case FK_DEBUG_REF:
        if (thing->hash && !translate(fork, thing->at, to))
            fk_ref_reference(thing->at, to);
        break;
    case FK_DEBUG_SPACE:
        if (!is_copied(fork, thing))
            break;
        fk_space_name(to, fk_at(fork->to->name), strlen(fork->to->name));
        /* fall through */
    case FK_DEBUG_MAPPING:
    case FK_DEBUG_REGION:
    case FK_DEBUG_PORT:
    case FK_DEBUG_MUTEX:
        set_linked(fork, thing->kind, thing->at, to, true);
        break;
    }
}

/* A process's share of kernel memory is shared by its spaces. */
static long give_budgets(struct fork *fork)
{
    const struct things *things = &fork->things;
    uint64_t spaces = 1, part;
    for (unsigned i = 0; i < things->count; i++)
        spaces += things->thing[i].kind == FK_DEBUG_SPACE && fork->still;
    part = fork->to->family->share / spaces & ~(FK_PAGE - 1ull);
    if (part < LEAST_SHARE && spaces > 1)
        return -PROTO_NO_OBJECTS;
    for (unsigned i = 0; i < things->count && spaces > 1; i++)
        if (things->thing[i].kind == FK_DEBUG_SPACE &&
            (fk_space_budget(fork->to->body.space, -part) ||
             fk_space_budget(copy_at(fork, &things->thing[i]), part)))
            return -PROTO_NO_OBJECTS;
    return 0;
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
        set_linked(fork, FK_DEBUG_MAPPING, from->mapping[to->mappings], mapping, false);
    }
    return give_budgets(fork);
}

/* ---- threads ---- */

/* The copy has had its answer: status 0, pid 0. */
static void answered(struct fk_thread_state *state)
{
    state->flags &= ~(uint64_t)OF_CLIENT;
    state->frame.rip += 2;
    state->frame.rax = FK_OK;
    state->frame.rbx = 2;
    state->frame.rdx = state->frame.r8 = 0;
}

/* Of links that lead nowhere in the copy the states may tell something: they are set, too. */
static long set_thread(struct fork *fork, const struct thing *thing, struct fk_thread_state *state)
{
    uint64_t to = copy_at(fork, thing), links[KIND_WORDS], thread = 0, scheduler;
    long outcome = 0;
    links_open(fork, FK_DEBUG_THREAD, links);
    if (fk_thread_get_state(thing->at, fk_at(state), fk_at(links)))
        return -PROTO_INVALID;
    bool timed = mon_ref_alive(links[1]);
    for (unsigned i = 0; i < KIND_WORDS; i++)
        if (links[i] && i != 1 && !translate(fork, links[i], links[i]))
            fk_ref_set_state(links[i], 0, 0);
    scheduler = process_grant(fork->to, PARENT_SCHEDULER);
    if (timed && scheduler) {
        thread = mon_ref_to(to, FK_DEBUG_THREAD);
        outcome = thread ? scheduler_attach(scheduler, thread, &state->sched_val, links[1])
                         : -PROTO_NO_OBJECTS;
        mon_ref_free(thread);
    }
    if (thing == fork->asker)
        answered(state);
    if (!fork->still)
        state->flags &= FK_THREAD_ENABLED;
    state->flags |= FK_THREAD_STOPPED;
    if (!outcome && fk_thread_set_state(to, fk_at(state), fk_at(links)))
        outcome = -PROTO_INVALID;
    return outcome;
}

static void start(uint64_t at, struct fk_thread_state *state)
{
    fk_thread_get_state(at, fk_at(state), 0);
    state->flags &= ~(uint64_t)FK_THREAD_STOPPED;
    fk_thread_set_state(at, fk_at(state), 0);
}

static bool was_stopped(const struct fork *fork, const struct thing *thing)
{
    const struct mon_still *known = fork->still ? still_known(fork->still, thing) : NULL;
    return known && known->flags & FK_THREAD_STOPPED;
}

/* All stand still until the last one is set. The original's only thread that was stopped here goes
 * on waiting for its answer; others are somebody else's to start. */
static long set_threads(struct fork *fork, struct fk_thread_state *state)
{
    long outcome = 0;
    for (unsigned i = 0; i < fork->things.count && !outcome; i++) {
        const struct thing *thing = &fork->things.thing[i];
        if (thing->kind != FK_DEBUG_THREAD || !is_copied(fork, thing))
            continue;
        outcome = set_thread(fork, thing, state);
        if (!fork->still)
            start(thing->at, state);
    }
    for (unsigned i = 0; i < fork->things.count && !outcome; i++) {
        const struct thing *thing = &fork->things.thing[i];
        if (thing->kind == FK_DEBUG_THREAD && is_copied(fork, thing) && !was_stopped(fork, thing))
            start(copy_at(fork, thing), state);
    }
    return outcome;
}

static long copy_threads(struct fork *fork)
{
    struct body *to = &fork->to->body;
    struct fk_thread_state *state = calloc(1, sizeof(*state));
    to->thread = mon_ref_to(to->thread_at, FK_DEBUG_THREAD);
    long outcome = state && to->thread ? set_threads(fork, state) : -PROTO_NO_OBJECTS;
    free(state);
    return outcome;
}

static long copy(struct fork *fork, uint64_t thread)
{
    long outcome = objects_collect(fork->from, &fork->things);
    fork->asker = objects_thread(&fork->things, thread);
    fork->first =
        fork->still ? objects_thread(&fork->things, fork->from->body.thread) : fork->asker;
    if (!outcome)
        outcome = body_open(fork->to, &fork->to->body);
    if (!outcome && fork->still)
        outcome = pools_copy(fork->from, fork->to);
    if (!outcome && !names_open(fork))
        outcome = -PROTO_NO_MEMORY;
    for (struct area *area = fork->from->body.areas; area && !outcome; area = area->next)
        if (!copy_area(fork, area))
            outcome = -PROTO_NO_MEMORY;
    if (!outcome)
        outcome = copy_objects(fork);
    if (!outcome && !names_hold(fork))
        outcome = -PROTO_INVALID;
    if (!outcome && !fork->to->body.thread_at) /* a thread of somebody below this process */
        outcome = -PROTO_NOT_ALLOWED;
    return outcome ? outcome : copy_threads(fork);
}

long fork_body(struct process *from, struct process *to, uint64_t thread, const struct still *still)
{
    struct fork fork = {.from = from, .to = to, .still = still};
    uint64_t asker = still ? still->ref[still->asker] : thread;
    long outcome = asker && process_hash(asker) ? 0 : -PROTO_INVALID;
    to->nester = from->nester;
    to->alone = from->alone;
    for (unsigned i = 0; i < KIND_LINKS && !outcome; i++)
        if (!(fork.ref[i] = mon_ref()))
            outcome = -PROTO_NO_OBJECTS;
    if (!outcome && !(fork.probe = mon_ref()))
        outcome = -PROTO_NO_OBJECTS;
    if (!outcome)
        outcome = copy(&fork, asker);
    mon_ref_free(fork.probe);
    for (unsigned i = 0; i < KIND_LINKS; i++)
        mon_ref_free(fork.ref[i]);
    free(fork.names);
    free(fork.things.thing);
    return outcome;
}

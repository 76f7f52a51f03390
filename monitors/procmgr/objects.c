/* monitors/procmgr/objects.c -- which kernel objects a process has in its memory, and where. Memory
 * that it can write and that came from its pool is plain: regions of somebody below. Before a fork
 * it is taken over: an area takes each region's place, pages and objects move there, mappings and
 * references in the process are aimed at it, and the region is given back. The process cannot tell.
 * Plain memory is found by the mappings that lie in memory that was found before, beginning with
 * those of the program itself. SPDX-License-Identifier: MIT */
#include "monitors/lib/peek.h"
#include "monitors/procmgr/procmgr.h"

struct window {
    struct window *next;
    uint64_t hash, ref; /* of the region; to it */
    void *at;
};

struct look {
    struct process *process;
    struct things *things;
    struct survey *survey;  /* NULL: memory is taken over */
    uint64_t space, region; /* references to fill: where the mapping in hand is, and of what */
    uint64_t probe;         /* one more */
};

/* ---- the list ---- */

static bool add(struct things *things, struct thing thing)
{
    union {
        uint64_t hash; /* begins all states but a thread's stays as it is: see below */
        struct fk_ref_state ref;
        struct fk_mapping_state mapping;
        struct fk_region_state region;
        struct fk_space_state space;
    } state = {0};
    if (things->count == things->room) {
        unsigned room = things->room ? things->room * 2 : 64;
        struct thing *grown = realloc(things->thing, room * sizeof(*grown));
        if (!grown)
            return false;
        things->thing = grown;
        things->room = room;
    }
    if (thing.kind == FK_DEBUG_THREAD) {
        uint64_t ref = mon_ref_to(thing.at, FK_DEBUG_THREAD); /* asking the thread would stop it */
        thing.hash = ref ? process_hash(ref) : 0;
        mon_ref_free(ref);
    } else if (!mon_kind_call(thing.kind, KIND_GET, thing.at, fk_at(&state), 0)) {
        thing.hash = state.hash;
    }
    things->thing[things->count++] = thing;
    return true;
}

static bool search(struct things *things, struct area *area, uint64_t page, uint64_t start,
                   uint64_t bytes)
{
    uint64_t at = start, end = at + bytes;
    struct fk_found found;
    while (at < end && fk_region_search(at, end - at, fk_at(&found)) == FK_OK) {
        struct thing thing = {.at = found.address,
                              .kind = (unsigned)found.type,
                              .area = area,
                              .page = page + (found.address - start) / FK_PAGE};
        if (!add(things, thing))
            return false;
        at = found.address + FK_OBJECT_BYTES;
    }
    return true;
}

/* Objects are where somebody could write. */
static bool search_area(struct things *things, struct area *area)
{
    for (uint64_t page = 0, run; page < area->pages; page += run ? run : 1)
        if ((run = area_run(area, page)) &&
            !search(things, area, page, area_frame(area, page), run * FK_PAGE))
            return false;
    return true;
}

/* The one that a reference names. */
static const struct thing *find(const struct things *things, unsigned kind, uint64_t hash,
                                uint64_t ref, uint64_t probe)
{
    for (unsigned i = 0; i < things->count; i++) {
        const struct thing *thing = &things->thing[i];
        if (thing->kind != kind || thing->hash != hash)
            continue;
        mon_kind_call(kind, KIND_REFERENCE, thing->at, probe, 0);
        if (process_same(probe, ref))
            return thing;
    }
    return NULL;
}

const struct thing *objects_thread(const struct things *things, uint64_t ref)
{
    uint64_t hash = ref ? process_hash(ref) : 0, probe = hash ? mon_ref() : 0;
    const struct thing *found = probe ? find(things, FK_DEBUG_THREAD, hash, ref, probe) : NULL;
    mon_ref_free(probe);
    return found;
}

/* ---- taking over ---- */

static void drop_pages(struct area *area)
{
    for (uint64_t page = 0; page < area->pages; page++)
        if (area->table[page])
            frame_drop(area->frames, area_frame(area, page));
    memset(area->table, 0, area->pages * sizeof(*area->table));
}

static bool is_zero(const void *page)
{
    const uint64_t *word = page;
    for (unsigned i = 0; i < FK_PAGE / 8; i++)
        if (word[i])
            return false;
    return true;
}

static long copy_page(struct area *area, uint64_t page, const char *from)
{
    uint64_t frame = frame_take(area->frames);
    if (!frame)
        return -PROTO_NO_MEMORY;
    if (mon_peek((void *)frame, from, FK_PAGE)) { /* the mapping reaches beyond its region */
        frame_drop(area->frames, frame);
        return 0;
    }
    area_set(area, page, frame, true);
    return 0;
}

/* A page that only zeroes were in, and no object, needs no frame. */
static void move_objects(struct area *area, uint64_t page, uint64_t window)
{
    uint64_t at = window, end = window + FK_PAGE, frame = area_frame(area, page);
    struct fk_found found;
    while (at < end && fk_region_search(at, end - at, fk_at(&found)) == FK_OK) {
        mon_kind_call(found.type, KIND_MOVE, found.address, frame + (found.address - window), 0);
        at = found.address + FK_OBJECT_BYTES;
    }
    if (at == window && is_zero((void *)frame)) {
        area_set(area, page, area->frames->zero, false);
        frame_drop(area->frames, frame);
    }
}

static long fill(struct area *area, const char *window)
{
    long outcome = 0;
    for (uint64_t page = 0; page < area->pages && !outcome; page++)
        outcome = copy_page(area, page, window + page * FK_PAGE);
    if (outcome) {
        drop_pages(area);
        return outcome;
    }
    for (uint64_t page = 0; page < area->pages; page++)
        if (area->table[page])
            move_objects(area, page, fk_at(window + page * FK_PAGE));
    return 0;
}

/* ---- which regions ---- */

static bool mapping_of(struct look *look, uint64_t at, struct fk_mapping_state *state,
                       uint64_t *region)
{
    struct fk_mapping_links links = {look->space, look->region};
    if (fk_mapping_get_state(at, fk_at(state), fk_at(&links)))
        return false;
    *region = process_hash(look->region);
    return *region;
}

/* How far the known mappings reach into a region. */
static uint64_t extent(struct look *look, uint64_t hash, uint64_t ref)
{
    struct body *body = &look->process->body;
    struct fk_mapping_state state;
    uint64_t region, most = 0;
    for (unsigned i = 0; i < body->mappings + look->things->count; i++) {
        const struct thing *thing = &look->things->thing[i - body->mappings];
        if (i >= body->mappings && thing->kind != FK_DEBUG_MAPPING)
            continue;
        uint64_t at = i < body->mappings ? body->mapping[i] : thing->at;
        if (mapping_of(look, at, &state, &region) && region == hash &&
            state.offset + state.size > most && process_same(look->region, ref))
            most = state.offset + state.size;
    }
    return most;
}

static struct area *adopted(const struct process *process, uint64_t hash, uint64_t ref)
{
    struct area *area = process->body.areas;
    while (area && (area->adopted != hash || !process_same(area->plain, ref)))
        area = area->next;
    return area;
}

static bool is_area(const struct process *process, uint64_t hash, uint64_t ref)
{
    const struct area *area = process->body.areas;
    while (area && (area->hash != hash || !process_same(fk_at(&area->ref), ref)))
        area = area->next;
    return area || adopted(process, hash, ref);
}

static long adopt(struct look *look, uint64_t hash)
{
    struct process *process = look->process;
    uint64_t region = mon_ref_copy(look->region), bytes = region ? extent(look, hash, region) : 0;
    struct area *area = region ? area_new(process, bytes / FK_PAGE) : NULL;
    char *window = area ? mon_window(region, bytes, 0, FK_READ | FK_WRITE) : NULL;
    long outcome = window ? fill(area, window) : -PROTO_NO_OBJECTS;
    mon_window_close(window);
    if (outcome) {
        mon_ref_free(region);
        if (area)
            area_end(area);
        return outcome;
    }
    area->plain = region;
    area->adopted = hash;
    area->next = process->body.areas;
    process->body.areas = area;
    return search_area(look->things, area) ? 0 : -PROTO_NO_MEMORY;
}

/* What is in plain memory, without taking it over. */
static long look_into(struct look *look, uint64_t hash)
{
    uint64_t region = mon_ref_copy(look->region), bytes = region ? extent(look, hash, region) : 0;
    struct window *window = region ? calloc(1, sizeof(*window)) : NULL;
    if (!window) {
        mon_ref_free(region);
        return -PROTO_NO_OBJECTS;
    }
    *window = (struct window){look->survey->windows, hash, region, NULL};
    look->survey->windows = window;
    window->at = mon_window(region, bytes, 0, FK_READ | FK_WRITE);
    if (!window->at)
        return -PROTO_NO_OBJECTS;
    return search(look->things, NULL, 0, fk_at(window->at), bytes) ? 0 : -PROTO_NO_MEMORY;
}

/* The region of the mapping in hand. */
static bool is_seen(const struct look *look, uint64_t hash)
{
    const struct window *window = look->survey ? look->survey->windows : NULL;
    while (window && (window->hash != hash || !process_same(window->ref, look->region)))
        window = window->next;
    return window || is_area(look->process, hash, look->region) ||
           find(look->things, FK_DEBUG_REGION, hash, look->region, look->probe);
}

/* A mapping, if it is in this space. */
static long visit(struct look *look, uint64_t at, uint64_t space)
{
    struct fk_mapping_state state;
    uint64_t region;
    if (!mapping_of(look, at, &state, &region) || !process_same(look->space, space) ||
        !(state.prot & FK_WRITE) || is_seen(look, region))
        return 0;
    return look->survey ? look_into(look, region) : adopt(look, region);
}

static long visit_space(struct look *look, uint64_t space)
{
    long outcome = 0;
    for (unsigned i = 0; i < look->things->count && !outcome; i++)
        if (look->things->thing[i].kind == FK_DEBUG_MAPPING)
            outcome = visit(look, look->things->thing[i].at, space);
    return outcome;
}

/* Spaces below in the order in which they are found: what a space exports to those below it is in
 * its own memory, so that is known before anybody who has it mapped is looked at. */
static long visit_all(struct look *look)
{
    struct body *body = &look->process->body;
    struct things *things = look->things;
    uint64_t space = mon_ref();
    long outcome = space ? 0 : -PROTO_NO_OBJECTS;
    for (struct area *area = body->areas; area && !outcome; area = area->next)
        if (!search_area(things, area))
            outcome = -PROTO_NO_MEMORY;
    for (unsigned i = 0; i < body->mappings && !outcome; i++) {
        outcome = body->settled[i] ? 0 : visit(look, body->mapping[i], body->space_ref);
        body->settled[i] = body->settled[i] || (!outcome && !look->survey);
    }
    if (!outcome)
        outcome = visit_space(look, body->space_ref);
    for (unsigned i = 0; i < things->count && !outcome; i++)
        if (things->thing[i].kind == FK_DEBUG_SPACE &&
            !fk_space_reference(things->thing[i].at, space))
            outcome = visit_space(look, space);
    mon_ref_free(space);
    return outcome;
}

/* ---- aiming at the areas ---- */

static void aim_mapping(struct look *look, uint64_t at)
{
    struct fk_mapping_state state;
    uint64_t region;
    if (!mapping_of(look, at, &state, &region))
        return;
    struct area *area = adopted(look->process, region, look->region);
    struct fk_mapping_links links = {0, area ? fk_at(&area->ref) : 0};
    if (area)
        fk_mapping_set_state(at, fk_at(&state), fk_at(&links));
}

static void aim_ref(struct process *process, struct thing *thing, uint64_t pool)
{
    struct area *area = adopted(process, thing->hash, thing->at);
    if (area)
        fk_region_reference(fk_at(&area->region), thing->at);
    else if (thing->hash == pool && process_same(thing->at, process->body.pool))
        fk_ref_reference(fk_at(&process->memory_port.ref), thing->at);
    else
        return;
    thing->hash = process_hash(thing->at);
}

static bool any_adopted(const struct process *process)
{
    const struct area *area = process->body.areas;
    while (area && !area->adopted)
        area = area->next;
    return area;
}

static void aim_all(struct look *look)
{
    struct process *process = look->process;
    bool any = any_adopted(process);
    uint64_t pool = process->body.pool ? process_hash(process->body.pool) : 0;
    for (unsigned i = 0; any && i < process->body.mappings; i++)
        aim_mapping(look, process->body.mapping[i]);
    for (unsigned i = 0; i < look->things->count; i++) {
        struct thing *thing = &look->things->thing[i];
        if (any && thing->kind == FK_DEBUG_MAPPING)
            aim_mapping(look, thing->at);
        else if (thing->kind == FK_DEBUG_REF && thing->hash)
            aim_ref(process, thing, pool);
    }
}

/* What took over gives the plain regions back. Memory of a file that it could write is its own
 * copy from here on. */
static void give_back(struct process *process)
{
    for (struct area *area = process->body.areas; area; area = area->next) {
        if (!area->plain)
            continue;
        pools_give_back(process, area);
        mon_ref_free(area->plain);
        area->plain = area->adopted = 0;
    }
}

static bool look_open(struct look *look)
{
    look->space = mon_ref();
    look->region = mon_ref();
    look->probe = mon_ref();
    return look->space && look->region && look->probe;
}

static void look_close(struct look *look)
{
    mon_ref_free(look->space);
    mon_ref_free(look->region);
    mon_ref_free(look->probe);
}

/* Whatever was taken over is aimed at, even if not all could be. */
long objects_collect(struct process *process, struct things *things)
{
    struct look look = {.process = process, .things = things};
    bool opened = look_open(&look);
    long outcome = opened ? visit_all(&look) : -PROTO_NO_OBJECTS;
    if (opened)
        aim_all(&look);
    give_back(process);
    look_close(&look);
    return outcome;
}

long survey_open(struct process *process, struct survey *survey)
{
    struct look look = {.process = process, .things = &survey->things, .survey = survey};
    long outcome = look_open(&look) ? visit_all(&look) : -PROTO_NO_OBJECTS;
    look_close(&look);
    return outcome;
}

void survey_close(struct survey *survey)
{
    while (survey->windows) {
        struct window *window = survey->windows;
        survey->windows = window->next;
        mon_window_close(window->at);
        mon_ref_free(window->ref);
        free(window);
    }
    free(survey->things.thing);
    *survey = (struct survey){0};
}

/* monitors/ckpt/pickle.c -- the kernel objects of the stopped subtree become records, with names
 * for links; and records become objects again, at the same places of the store, in an order in
 * which what is linked to exists: pools and memory, then all objects, references, states, and the
 * threads start last. SPDX-License-Identifier: MIT */
#include "monitors/ckpt/ckpt.h"

#define MOST_POOLS  256
#define MOST_BLOCKS 1024

static char problem[128];
static struct fk_object nothing; /* a reference */

static uint64_t at_offset(const struct ckpt_object *object)
{
    return store.frames.start + object->offset;
}

static long call(const struct ckpt_object *object, enum mon_kind_call number, uint64_t a,
                 uint64_t b)
{
    return mon_kind_call(object->kind, number, at_offset(object), a, b);
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

static const char *take_pool(struct ckpt *ckpt, struct mon_pool *pool, uint64_t parent)
{
    const char *wrong = NULL;
    uint64_t number = ckpt->count.pools;
    if (number == MOST_POOLS)
        return "too many pools";
    ckpt->pool_at[number] = pool;
    ckpt->pool[ckpt->count.pools++] = (struct ckpt_pool){parent, pool->limit};
    for (struct mon_block *block = pool->blocks; block; block = block->next) {
        if (ckpt->count.blocks == MOST_BLOCKS)
            return "too many regions";
        ckpt->block_at[ckpt->count.blocks] = block;
        ckpt->block[ckpt->count.blocks++] = (struct ckpt_block){
            number, (block->start - store.frames.start) / FK_PAGE, block->pages, block->hash};
    }
    for (struct mon_pool *child = pool->children; child && !wrong; child = child->next)
        wrong = take_pool(ckpt, child, number);
    return wrong;
}

static bool room(struct ckpt *ckpt)
{
    if (ckpt->pool)
        return true;
    ckpt->pool = calloc(MOST_POOLS, sizeof(*ckpt->pool));
    ckpt->pool_at = calloc(MOST_POOLS, sizeof(*ckpt->pool_at));
    ckpt->block = calloc(MOST_BLOCKS, sizeof(*ckpt->block));
    ckpt->block_at = calloc(MOST_BLOCKS, sizeof(*ckpt->block_at));
    ckpt->mapping = calloc(MON_SEGMENTS + 1, sizeof(*ckpt->mapping));
    return ckpt->pool && ckpt->pool_at && ckpt->block && ckpt->block_at && ckpt->mapping;
}

/* Its state again, now that all others stand still. What it was before it was stopped stays. */
static const char *take_thread(struct ckpt *ckpt, const struct ckpt_object *object, uint64_t *links)
{
    struct fk_thread_state *state = &ckpt->thread[object->state.thread];
    uint64_t running = ~state->flags & FK_THREAD_STOPPED;
    if (fk_thread_get_state(at_offset(object), fk_at(state), fk_at(links)))
        return "a thread cannot be read";
    if (!(state->flags & FK_THREAD_STOPPED))
        return "a thread that was stopped runs";
    state->flags ^= running;
    return NULL;
}

static const char *take_object(struct ckpt *ckpt, struct ckpt_object *object, const uint64_t *refs)
{
    const char *wrong = NULL;
    uint64_t links[KIND_WORDS] = {0};
    unsigned place[KIND_LINKS], count = mon_kind_links(object->kind, place);
    for (unsigned i = 0; i < count; i++)
        links[place[i]] = refs[i];
    if (object->kind == FK_DEBUG_REF)
        return name_of(at_offset(object), &object->link[0]) ? NULL : complain(object);
    if (object->kind == FK_DEBUG_THREAD)
        wrong = take_thread(ckpt, object, links);
    else if (call(object, KIND_GET, fk_at(&object->state), fk_at(links)))
        wrong = "an object cannot be read";
    for (unsigned i = 0; i < count && !wrong; i++)
        if (!name_of(refs[i], &object->link[i]))
            wrong = complain(object);
    return wrong;
}

static const char *take_mappings(struct ckpt *ckpt, uint64_t ref)
{
    struct fk_mapping_links links = {.region = ref};
    for (unsigned i = 0; i < the_child->mappings; i++) {
        struct ckpt_mapping *mapping = &ckpt->mapping[ckpt->count.mappings++];
        fk_mapping_get_state(the_child->mapping[i], fk_at(&mapping->state), fk_at(&links));
        if (!name_of(ref, &mapping->region))
            return "a mapping of the child leads outside";
    }
    return NULL;
}

static const char *take_files(struct ckpt *ckpt)
{
    free(ckpt->file);
    free(ckpt->view);
    border_sweep();
    ckpt->file = calloc(border_count() + 1, sizeof(*ckpt->file));
    ckpt->view = calloc(border_views() + 1, sizeof(*ckpt->view));
    if (!ckpt->file || !ckpt->view)
        return "out of memory";
    for (unsigned i = 0; i < border_views(); i++)
        ckpt->view[ckpt->count.views++] = *border_view(i);
    for (unsigned i = 0; i < border_count(); i++)
        ckpt->file[ckpt->count.files++] = *border_file(i);
    return NULL;
}

const char *pickle(struct ckpt *ckpt)
{
    uint64_t refs[KIND_LINKS];
    ckpt->count.pools = ckpt->count.blocks = ckpt->count.views = ckpt->count.files =
        ckpt->count.mappings = 0;
    for (unsigned i = 0; i < KIND_LINKS; i++)
        if (!(refs[i] = mon_ref()))
            return "out of kernel objects";
    const char *wrong = room(ckpt) ? take_pool(ckpt, &store.root, 0) : "out of memory";
    if (!wrong)
        wrong = take_files(ckpt);
    if (!wrong && !names_open(ckpt))
        wrong = "out of memory";
    if (!wrong)
        wrong = take_mappings(ckpt, refs[0]);
    for (uint64_t i = 0; i < ckpt->count.objects && !wrong; i++)
        wrong = take_object(ckpt, &ckpt->object[i], refs);
    names_close();
    for (unsigned i = 0; i < KIND_LINKS; i++)
        mon_ref_free(refs[i]);
    return wrong;
}

/* ---- in ---- */

static const char *make_pools(struct ckpt *ckpt)
{
    long outcome;
    ckpt->pool_at = calloc(ckpt->count.pools, sizeof(*ckpt->pool_at));
    ckpt->block_at = calloc(ckpt->count.blocks, sizeof(*ckpt->block_at));
    if (!ckpt->pool_at || !ckpt->block_at)
        return "out of memory";
    ckpt->pool_at[0] = &store.root;
    for (uint64_t i = 1; i < ckpt->count.pools; i++) {
        const struct ckpt_pool *pool = &ckpt->pool[i];
        if (pool->parent >= i)
            return "its pools make no sense";
        ckpt->pool_at[i] = mon_pool_sub(ckpt->pool_at[pool->parent], pool->limit, &outcome);
        if (!ckpt->pool_at[i])
            return strerror((int)-outcome);
        if (!pool->parent) {
            the_child->self = ckpt->pool_at[i];
            the_child->grant[PARENT_MEMPOOL] = fk_at(&ckpt->pool_at[i]->port.ref);
        }
    }
    return NULL;
}

static const char *make_blocks(struct ckpt *ckpt)
{
    long outcome;
    for (uint64_t i = 0; i < ckpt->count.blocks; i++) {
        const struct ckpt_block *block = &ckpt->block[i];
        if (block->pool >= ckpt->count.pools || block->page >= store.frames.pages)
            return "its regions make no sense";
        store.frames.next = block->page;
        store.hash = block->hash;
        ckpt->block_at[i] =
            mon_pool_take(ckpt->pool_at[block->pool], block->pages * FK_PAGE, &outcome);
        if (!ckpt->block_at[i])
            return strerror((int)-outcome);
        if (ckpt->block_at[i]->start != store.frames.start + block->page * FK_PAGE)
            return "its regions overlap";
    }
    store.hash = 0;
    return NULL;
}

/* Memory of the kernel for the spaces below comes out of what the child was given. */
static void give_budget(const struct ckpt_object *object)
{
    for (uint64_t bytes = object->state.space.budget; bytes >= FK_PAGE; bytes /= 2) {
        if (fk_space_budget(fk_at(&the_child->space), -bytes) != FK_OK)
            continue;
        fk_space_budget(at_offset(object), bytes);
        return;
    }
}

/* By the hash that it had: programs tell by it which of their objects a fault or message is about.
 */
static long make_object(const struct ckpt *ckpt, const struct ckpt_object *object)
{
    if (object->kind == FK_DEBUG_REF)
        return call(object, KIND_CREATE, 0, 0);
    return call(object, KIND_CREATE_HASH,
                object->kind == FK_DEBUG_THREAD ? ckpt->thread[object->state.thread].hash
                                                : object->state.hash,
                0);
}

/* Before any state is set: to which port the kernel tells that it could run is known from here on,
 * and others may hold references to that. One that was not linked to it yet may have been given
 * time already. */
static bool give_time(struct ckpt *ckpt, const struct ckpt_object *object)
{
    struct fk_thread_state *state = &ckpt->thread[object->state.thread];
    uint64_t ref = mon_ref_to(at_offset(object), FK_DEBUG_THREAD);
    uint64_t value = 0;
    long outcome = ref ? border_attach(ref, &value) : -PROTO_NO_OBJECTS;
    mon_ref_free(ref);
    if (object->link[1].what == CKPT_TIME)
        state->sched_val = value;
    return !outcome;
}

static const char *make_objects(struct ckpt *ckpt)
{
    uint64_t end = store.frames.pages * FK_PAGE;
    for (uint64_t i = 0; i < ckpt->count.objects; i++) {
        const struct ckpt_object *object = &ckpt->object[i];
        if (object->kind >= FK_DEBUG_KINDS || object->offset >= end ||
            (object->kind == FK_DEBUG_THREAD && object->state.thread >= ckpt->count.threads))
            return "its objects make no sense";
        if (make_object(ckpt, object))
            return "not enough kernel memory for its objects; run it with more memory";
        if (object->kind == FK_DEBUG_SPACE)
            give_budget(object);
        if (object->kind == FK_DEBUG_THREAD && !give_time(ckpt, object))
            return "a thread gets no CPU time";
    }
    return NULL;
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
    long outcome = fk_thread_set_state(at_offset(object), fk_at(state), fk_at(links));
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
            fk_ref_reference(name_ref(&object->link[0]), at_offset(object));
        return NULL;
    case FK_DEBUG_PORTSET:
    case FK_DEBUG_COND:
        return NULL;
    default:
        return call(object, KIND_SET, fk_at(&object->state), fk_at(links)) ? "a state is refused"
                                                                           : NULL;
    }
}

static const char *make_mappings(const struct ckpt *ckpt)
{
    for (uint64_t i = 0; i < ckpt->count.mappings; i++) {
        const struct ckpt_mapping *mapping = &ckpt->mapping[i];
        const struct fk_mapping_state *state = &mapping->state;
        uint64_t region = name_ref(&mapping->region);
        uint64_t made = region ? mon_map(fk_at(&the_child->space_ref), region, state->start,
                                         state->size, state->offset, (unsigned)state->prot)
                               : 0;
        if (!made || the_child->mappings > MON_SEGMENTS)
            return "its memory cannot be mapped";
        the_child->mapping[the_child->mappings++] = made;
    }
    return NULL;
}

/* Portsets before ports, spaces before what is in them: what others link to needs no state first,
 * only threads come after everything. */
static const char *set_all(struct ckpt *ckpt)
{
    const char *wrong = NULL;
    for (unsigned round = 0; round < 2 && !wrong; round++)
        for (uint64_t i = 0; i < ckpt->count.objects && !wrong; i++)
            if ((ckpt->object[i].kind == FK_DEBUG_THREAD) == round)
                wrong = set_object(ckpt, &ckpt->object[i]);
    return wrong;
}

const char *unpickle(struct ckpt *ckpt)
{
    const char *wrong = make_pools(ckpt);
    if (!wrong)
        wrong = make_blocks(ckpt);
    if (!wrong)
        wrong = image_pages(ckpt);
    for (uint64_t i = 0; i < ckpt->count.views && !wrong; i++)
        if (border_view_again(&ckpt->view[i]))
            wrong = "a part of the file system that it used is not there";
    for (uint64_t i = 0; i < ckpt->count.files && !wrong; i++)
        if (border_reopen(&ckpt->file[i]))
            wrong = "a file that was open is not there";
    if (!wrong)
        wrong = make_objects(ckpt);
    if (!wrong &&
        ((!border_listener && !(border_listener = mon_ref())) || fk_ref_create(fk_at(&nothing))))
        wrong = "out of memory";
    if (!wrong && !names_open(ckpt))
        wrong = "out of memory";
    if (!wrong)
        wrong = make_mappings(ckpt);
    if (!wrong)
        wrong = set_all(ckpt);
    names_close();
    return wrong;
}

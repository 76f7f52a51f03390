/* monitors/ckpt/pickle.c -- all of the stopped subtree becomes records; and records become a
 * subtree again, at the same places of the store, in an order in which what is linked to exists:
 * pools and memory, files, then all objects, mappings, states (state.c). The threads start last.
 * SPDX-License-Identifier: MIT */
#include "monitors/ckpt/ckpt.h"

#define MOST_POOLS  256
#define MOST_BLOCKS 1024

/* ---- out ---- */

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
        wrong = state_take(ckpt, &ckpt->object[i], refs);
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
        fk_space_budget(object_at(object), bytes);
        return;
    }
}

/* Before any state is set: to which port the kernel tells that it could run is known from here on,
 * and others may hold references to that. One that was not linked to it yet may have been given
 * time already. */
static bool give_time(struct ckpt *ckpt, const struct ckpt_object *object)
{
    struct fk_thread_state *state = &ckpt->thread[object->state.thread];
    uint64_t ref = mon_ref_to(object_at(object), FK_DEBUG_THREAD);
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
        if (state_make(ckpt, object))
            return "not enough kernel memory for its objects; run it with more memory";
        if (object->kind == FK_DEBUG_SPACE)
            give_budget(object);
        if (object->kind == FK_DEBUG_THREAD && !give_time(ckpt, object))
            return "a thread gets no CPU time";
    }
    return NULL;
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
    if (!wrong && !border_listener && !(border_listener = mon_ref()))
        wrong = "out of memory";
    if (!wrong && !names_open(ckpt))
        wrong = "out of memory";
    if (!wrong)
        wrong = make_mappings(ckpt);
    if (!wrong)
        wrong = state_set_all(ckpt);
    names_close();
    return wrong;
}

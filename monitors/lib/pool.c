/* monitors/lib/pool.c -- pools within pools, and the blocks that they hand out. Invariants: a block
 * is in its pool's list and in its bucket; its pages are marked used; the account of its pool
 * counts them. A pool that ends takes its sub-pools, its blocks, and the kernel objects in them
 * along: so a subtree ends completely, since all that it has lives in its memory.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/pool.h"
#include "monitors/lib/kinds.h"

/* ---- frames ---- */

void mon_frames_open(struct mon_frames *frames, uint64_t start, uint64_t pages, uint64_t *bitmap)
{
    *frames = (struct mon_frames){.start = start, .pages = pages, .free = pages, .used = bitmap};
    memset(bitmap, 0, (pages + 63) / 64 * 8);
}

static bool is_used(const struct mon_frames *frames, uint64_t page)
{
    return frames->used[page / 64] >> page % 64 & 1;
}

static void mark(struct mon_frames *frames, uint64_t page, uint64_t pages, bool used)
{
    for (; pages; page++, pages--) {
        uint64_t bit = 1ull << page % 64;
        frames->used[page / 64] = (frames->used[page / 64] & ~bit) | (used ? bit : 0);
    }
}

/* The first free run in [from, to) of so many pages; `to` when there is none. */
static uint64_t find_run(const struct mon_frames *frames, uint64_t from, uint64_t to,
                         uint64_t pages)
{
    uint64_t run = 0;
    for (uint64_t page = from; page < to; page++) {
        if (!run && page % 64 == 0 && frames->used[page / 64] == ~0ull) {
            page += 63;
            continue;
        }
        run = is_used(frames, page) ? 0 : run + 1;
        if (run == pages)
            return page + 1 - pages;
    }
    return to;
}

static uint64_t take(struct mon_frames *frames, uint64_t pages)
{
    if (!pages || pages > frames->free)
        return 0;
    uint64_t page = find_run(frames, frames->next, frames->pages, pages);
    if (page == frames->pages)
        page = find_run(frames, 0, frames->pages, pages);
    if (page == frames->pages)
        return 0;
    mark(frames, page, pages, true);
    frames->free -= pages;
    frames->next = page + pages;
    return frames->start + page * FK_PAGE;
}

uint64_t mon_frames_take(struct mon_frames *frames, uint64_t pages)
{
    if (frames->lock)
        mon_lock(frames->lock);
    uint64_t start = take(frames, pages);
    if (frames->lock)
        mon_unlock(frames->lock);
    return start;
}

void mon_frames_give(struct mon_frames *frames, uint64_t start, uint64_t pages)
{
    uint64_t page = (start - frames->start) / FK_PAGE;
    if (frames->lock)
        mon_lock(frames->lock);
    mark(frames, page, pages, false);
    frames->free += pages;
    if (page < frames->next)
        frames->next = page;
    if (frames->lock)
        mon_unlock(frames->lock);
}

/* ---- what lives in memory that goes ---- */

void mon_end_objects(uint64_t start, uint64_t bytes)
{
    uint64_t at = start, end = start + bytes;
    struct fk_found found;
    while (at < end && fk_region_search(at, end - at, fk_at(&found)) == FK_OK) {
        mon_kind_call(found.type, KIND_DESTROY, found.address, 0, 0);
        at = found.address + FK_OBJECT_BYTES;
    }
}

/* ---- blocks ---- */

static struct mon_block **bucket_of(struct mon_store *store, uint64_t hash)
{
    return &store->bucket[hash % POOL_BUCKETS];
}

static void block_link(struct mon_pool *pool, struct mon_block *block)
{
    struct mon_block **bucket = bucket_of(pool->store, block->hash);
    block->next = pool->blocks;
    block->link = &pool->blocks;
    if (block->next)
        block->next->link = &block->next;
    pool->blocks = block;
    block->same = *bucket;
    block->bucket = bucket;
    if (block->same)
        block->same->bucket = &block->same;
    *bucket = block;
}

static void block_unlink(struct mon_block *block)
{
    *block->link = block->next;
    if (block->next)
        block->next->link = block->link;
    *block->bucket = block->same;
    if (block->same)
        block->same->bucket = block->bucket;
}

static long region_make(struct mon_store *store, struct mon_block *block)
{
    uint64_t region = fk_at(&block->region), ref = fk_at(&block->ref);
    struct fk_region_state state = {.start = block->start,
                                    .size = block->pages * FK_PAGE,
                                    .prot = FK_READ | FK_WRITE | FK_EXECUTE};
    struct fk_region_links links = {mon.ref[PARENT_SPACE], block->keeper};
    if (store->hash ? fk_region_create_hash(region, store->hash) : fk_region_create(region))
        return -PROTO_NO_OBJECTS;
    if (fk_ref_create(ref)) {
        fk_region_destroy(region);
        return -PROTO_NO_OBJECTS;
    }
    fk_region_set_state(region, fk_at(&state), fk_at(&links));
    fk_region_reference(region, ref);
    fk_region_get_state(region, fk_at(&state), 0);
    block->hash = state.hash;
    return 0;
}

static void region_end(struct mon_block *block)
{
    fk_ref_destroy(fk_at(&block->ref));
    fk_region_destroy(fk_at(&block->region));
}

struct mon_block *mon_pool_take(struct mon_pool *pool, uint64_t bytes, long *outcome)
{
    struct mon_store *store = pool->store;
    uint64_t pages = bytes / FK_PAGE + (bytes % FK_PAGE != 0);
    *outcome = -PROTO_NO_MEMORY;
    if (!pages || pages > (pool->account->limit - pool->account->used) / FK_PAGE)
        return NULL;
    struct mon_block *block = malloc(sizeof(*block));
    if (!block)
        return NULL;
    *block = (struct mon_block){
        .pool = pool, .pages = pages, .start = mon_frames_take(&store->frames, pages)};
    if (!block->start)
        goto no_frames;
    *outcome = store->taken ? store->taken(store, block) : 0;
    if (*outcome)
        goto refused;
    *outcome = region_make(store, block);
    if (*outcome)
        goto no_region;
    if (!store->zeroed)
        memset((void *)block->start, 0, pages * FK_PAGE);
    pool->account->used += pages * FK_PAGE;
    block_link(pool, block);
    return block;
no_region:
    if (store->given)
        store->given(store, block);
refused:
    mon_frames_give(&store->frames, block->start, pages);
no_frames:
    free(block);
    return NULL;
}

/* The region ends first: then nobody can make new objects in the memory. */
void mon_pool_give(struct mon_block *block)
{
    struct mon_pool *pool = block->pool;
    struct mon_store *store = pool->store;
    region_end(block);
    if (store->given)
        store->given(store, block);
    else
        mon_end_objects(block->start, block->pages * FK_PAGE);
    mon_frames_give(&store->frames, block->start, block->pages);
    pool->account->used -= block->pages * FK_PAGE;
    block_unlink(block);
    free(block);
}

/* ---- pools ---- */

struct mon_pool *mon_pool_sub(struct mon_pool *parent, uint64_t limit, long *outcome)
{
    struct mon_pool *account = parent->account;
    uint64_t bytes = limit ? (limit + FK_PAGE - 1) & ~(FK_PAGE - 1ull) : 0;
    *outcome = -PROTO_NO_MEMORY;
    /* One page is counted for the pool itself, so that pools cannot be had for nothing. */
    if (bytes < limit || bytes + FK_PAGE > account->limit - account->used)
        return NULL;
    struct mon_pool *pool = calloc(1, sizeof(*pool));
    if (!pool)
        return NULL;
    pool->port = (struct mon_port){.protocol = PROTO_mempool, .ops = &mon_pool_ops, .self = pool};
    *outcome = mon_port_open(parent->store->server, &pool->port);
    if (*outcome) {
        free(pool);
        return NULL;
    }
    pool->store = parent->store;
    pool->parent = parent;
    pool->account = bytes ? pool : account;
    pool->limit = bytes;
    account->used += bytes + FK_PAGE;
    pool->next = parent->children;
    pool->link = &parent->children;
    if (pool->next)
        pool->next->link = &pool->next;
    parent->children = pool;
    return pool;
}

/* Down to the leaves by following the first child: depth is no matter. */
void mon_pool_end(struct mon_pool *top)
{
    struct mon_pool *pool = top, *parent;
    for (;; pool = parent) {
        while (pool->children)
            pool = pool->children;
        while (pool->blocks)
            mon_pool_give(pool->blocks);
        parent = pool->parent;
        mon_port_close(&pool->port);
        if (parent) {
            parent->account->used -= pool->limit + FK_PAGE;
            *pool->link = pool->next;
            if (pool->next)
                pool->next->link = pool->link;
            free(pool);
        }
        if (pool == top)
            return;
    }
}

long mon_store_open(struct mon_store *store, struct mon_server *server, uint64_t limit)
{
    struct mon_pool *root = &store->root;
    store->server = server;
    *root = (struct mon_pool){.store = store, .account = root, .limit = limit};
    root->port = (struct mon_port){.protocol = PROTO_mempool, .ops = &mon_pool_ops, .self = root};
    return mon_port_open(server, &root->port);
}

/* ---- the protocol ---- */

static void lock(const struct mon_pool *pool)
{
    if (pool->store->lock)
        mon_lock(pool->store->lock);
}

static long unlock(const struct mon_pool *pool, long outcome)
{
    if (pool->store->lock)
        mon_unlock(pool->store->lock);
    return outcome;
}

static long op_alloc(struct mon_request *request, struct mempool_alloc_args *args)
{
    long outcome;
    lock(request->self);
    struct mon_block *block = mon_pool_take(request->self, args->bytes, &outcome);
    if (block)
        args->region = fk_at(&block->ref);
    return unlock(request->self, outcome);
}

static struct mon_block *find(struct mon_pool *pool, uint64_t ref, long *outcome)
{
    struct fk_ref_state state;
    *outcome = -PROTO_INVALID;
    if (!ref || fk_ref_get_state(ref, fk_at(&state), 0))
        return NULL;
    struct mon_block *block = *bucket_of(pool->store, state.hash);
    while (block && (block->pool != pool || fk_ref_compare(ref, fk_at(&block->ref))))
        block = block->same;
    *outcome = block ? 0 : -PROTO_NOT_FOUND;
    return block;
}

static long op_free(struct mon_request *request, struct mempool_free_args *args)
{
    long outcome;
    lock(request->self);
    struct mon_block *block = find(request->self, args->region, &outcome);
    if (block)
        mon_pool_give(block);
    return unlock(request->self, outcome);
}

static long op_sub(struct mon_request *request, struct mempool_sub_args *args)
{
    long outcome;
    lock(request->self);
    struct mon_pool *pool = mon_pool_sub(request->self, args->limit, &outcome);
    if (pool)
        args->pool = fk_at(&pool->port.ref);
    return unlock(request->self, outcome);
}

static long op_destroy(struct mon_request *request, struct mempool_destroy_args *args)
{
    struct mon_pool *pool = request->self;
    struct mon_store *store = pool->store;
    (void)args;
    if (!pool->parent)
        return -PROTO_NOT_ALLOWED;
    lock(&store->root);
    mon_pool_end(pool);
    return unlock(&store->root, 0);
}

static long op_stat(struct mon_request *request, struct mempool_stat_args *args)
{
    struct mon_pool *pool = request->self;
    lock(pool);
    args->limit = pool->account->limit;
    args->used = pool->account->used;
    return unlock(pool, 0);
}

static long op_order(struct mon_request *request, struct mempool_order_args *args)
{
    long outcome;
    struct mon_pool *pool = request->self;
    struct mon_store *store = pool->store;
    if (!store->order)
        return -PROTO_UNKNOWN;
    lock(pool);
    struct mon_block *block = find(pool, args->region, &outcome);
    if (block)
        outcome = store->order(store, block, args->pages, args->pages_bytes / sizeof(uint32_t));
    return unlock(pool, outcome);
}

const struct mempool_ops mon_pool_ops = {.alloc = op_alloc,
                                         .free = op_free,
                                         .sub = op_sub,
                                         .destroy = op_destroy,
                                         .stat = op_stat,
                                         .order = op_order};

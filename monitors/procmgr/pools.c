/* monitors/procmgr/pools.c -- the pools of a process that is a nester itself. What it makes for
 * those below it are ports of ours before the real pools: so a copy of the process gets pools of
 * its own, and memory that was taken over ends with the pool that it came from. Other processes
 * have their real pool, and make sub-pools without us. Called with the lock held.
 * SPDX-License-Identifier: MIT */
#include "monitors/procmgr/procmgr.h"

#define LIMIT_PART 16 /* of what is left */
#define LEAST_KEPT 32 /* of what is free before one is used again: a request may be on its way */

static struct pool *free_first, **free_last = &free_first;
static unsigned free_count;
static bool pool_request(struct mon_request *request);

static struct pool *take_free(void)
{
    struct pool *pool = free_first;
    if (free_count < LEAST_KEPT)
        return calloc(1, sizeof(*pool));
    free_first = pool->next;
    if (!free_first)
        free_last = &free_first;
    free_count--;
    memset(pool, 0, sizeof(*pool));
    return pool;
}

static void give_free(struct pool *pool)
{
    pool->process = NULL;
    pool->next = NULL;
    *free_last = pool;
    free_last = &pool->next;
    free_count++;
}

/* `made` is a reference to the real one. */
static struct pool *pool_new(struct process *process, struct pool *parent, uint64_t made,
                             uint64_t limit)
{
    struct pool **last = &process->body.pools;
    struct pool *pool = take_free();
    if (!pool)
        return NULL;
    pool->port = (struct mon_port){.protocol = PROTO_mempool, .filter = pool_request, .self = pool};
    if (fk_ref_create(fk_at(&pool->real)))
        goto no_ref;
    if (mon_port_open(&mon_server, &pool->port))
        goto no_port;
    fk_ref_reference(made, fk_at(&pool->real));
    pool->process = process;
    pool->parent = parent;
    pool->limit = limit;
    while (*last)
        last = &(*last)->next;
    *last = pool;
    return pool;
no_port:
    fk_ref_destroy(fk_at(&pool->real));
no_ref:
    give_free(pool);
    return NULL;
}

/* ---- ends ---- */

static void end_areas(struct body *body, const struct pool *pool)
{
    struct area **at = &body->areas;
    while (*at) {
        struct area *area = *at;
        if (area->pool != pool) {
            at = &area->next;
            continue;
        }
        *at = area->next;
        area_end(area);
    }
}

static void end_one(struct body *body, struct pool **at)
{
    struct pool *pool = *at;
    *at = pool->next;
    end_areas(body, pool);
    mon_port_close(&pool->port);
    fk_ref_destroy(fk_at(&pool->real));
    give_free(pool);
}

/* A pool is in the list after the one that it is in: so what is to go is known in one pass. */
static void end_with_all_below(struct process *process, struct pool *top)
{
    for (struct pool *pool = process->body.pools; pool; pool = pool->next)
        pool->ends = pool == top || (pool->parent && pool->parent->ends);
    for (struct pool **at = &process->body.pools; *at;)
        if ((*at)->ends)
            end_one(&process->body, at);
        else
            at = &(*at)->next;
}

/* The real ones end with the body's own. */
void pools_end(struct body *body)
{
    while (body->pools)
        end_one(body, &body->pools);
}

/* ---- the protocol ---- */

static bool free_area(struct process *process, uint64_t ref)
{
    struct area **at = &process->body.areas;
    uint64_t hash = ref ? process_hash(ref) : 0;
    while (*at && ((*at)->hash != hash || !process_same(fk_at(&(*at)->ref), ref)))
        at = &(*at)->next;
    if (!*at)
        return false;
    struct area *area = *at;
    *at = area->next;
    area_end(area);
    return true;
}

static bool is_asked(const struct mon_request *request, uint64_t operation)
{
    return request->words && request->word[0] == operation;
}

/* Gives the lock up meanwhile. */
static void pass(struct mon_request *request, struct process *process, struct pool *parent,
                 uint64_t real)
{
    bool sub = process->nester && is_asked(request, PROTO_mempool_sub);
    process->sleepers++;
    mon_unlock(&procs_lock);
    mon_forward(request, real);
    mon_lock(&procs_lock);
    bool there = process_awake(process) && (!parent || parent->process == process);
    if (!sub || request->out[0])
        return;
    struct pool *pool =
        there ? pool_new(process, parent, request->out_ref, request->word[1]) : NULL;
    request->out_ref = pool ? fk_at(&pool->port.ref) : 0;
    if (!pool) {
        request->outs = 1;
        request->out[0] = (uint64_t)-PROTO_NO_OBJECTS;
    }
}

static bool pool_request(struct mon_request *request)
{
    struct pool *pool = request->self;
    struct process *process = pool->process;
    bool freed =
        process && is_asked(request, PROTO_mempool_free) && free_area(process, request->ref);
    bool ended = process && is_asked(request, PROTO_mempool_destroy);
    if (ended) {
        mempool_destroy(fk_at(&pool->real));
        end_with_all_below(process, pool);
    }
    request->outs = 1;
    request->out[0] = process ? 0 : (uint64_t)-PROTO_GONE;
    if (process && !freed && !ended)
        pass(request, process, pool, fk_at(&pool->real));
    return true;
}

/* The port for a process's own pool. What it allocates after its memory was taken over comes from a
 * pool of its own again, made when it asks. */
bool pools_own_request(struct mon_request *request)
{
    struct process *process = request->self;
    bool freed = is_asked(request, PROTO_mempool_free) && free_area(process, request->ref);
    long outcome = process->dead ? -PROTO_GONE : freed ? 0 : body_pool(process, &process->body);
    request->outs = 1;
    request->out[0] = (uint64_t)outcome;
    if (!outcome && !freed)
        pass(request, process, NULL, process->body.pool);
    return true;
}

/* ---- copies ---- */

/* Where memory that was taken over came from is found by giving it back. */
void pools_give_back(struct process *process, struct area *area)
{
    struct body *body = &process->body;
    if (!body->pool || !mempool_free(body->pool, area->plain))
        return;
    for (struct pool *pool = body->pools; pool && !area->pool; pool = pool->next)
        if (!mempool_free(fk_at(&pool->real), area->plain))
            area->pool = pool;
}

/* A limit is set aside; where there is not so much left the copy has a part of what there is. */
static long copy_one(struct process *to, struct pool *pool, uint64_t real)
{
    uint64_t above = pool->parent ? fk_at(&pool->parent->copy->real) : to->body.pool;
    uint64_t limit = pool->limit, most, used;
    long outcome = mempool_sub(above, limit, real);
    if (outcome == -PROTO_NO_MEMORY && limit && !mempool_stat(above, &most, &used)) {
        limit = ((most - used) / LIMIT_PART & ~(FK_PAGE - 1ull)) + FK_PAGE;
        outcome = mempool_sub(above, limit, real);
    }
    if (outcome)
        return outcome;
    pool->copy = pool_new(to, pool->parent ? pool->parent->copy : NULL, real, limit);
    return pool->copy ? 0 : -PROTO_NO_OBJECTS;
}

long pools_copy(struct process *from, struct process *to)
{
    uint64_t real = mon_ref();
    long outcome = real ? body_pool(to, &to->body) : -PROTO_NO_OBJECTS;
    for (struct pool *pool = from->body.pools; pool && !outcome; pool = pool->next)
        outcome = copy_one(to, pool, real);
    mon_ref_free(real);
    return outcome;
}

/* sim/gdb/cause.c -- the chain of causes: who waits for whom, from whoever began it to the one at
 * work. A server is found by its client, a port that nobody serves yet by its owner's threads, a
 * mutex by who has it. All of it a guest's word: chains have an end, whatever it says.
 * SPDX-License-Identifier: MIT */
#include "sim/gdb/target.h"
#include "sim/object.h"

enum { LINKS = 256 };

static int64_t thread_in(uint32_t space)
{
    struct sim_object_walk w;
    union sim_object o;

    for (bool some = sim_object_first(&w, FK_DEBUG_THREAD, &o); some;
         some = sim_object_next(&w, FK_DEBUG_THREAD, &o))
        if (o.thread.space == space)
            return o.head.id;
    return 0;
}

/* Whom a thread waits for; 0 = nobody that is known. */
static int64_t next_of(const struct fk_debug_thread *t)
{
    union sim_object o;

    if (t->server)
        return t->server;
    if (t->state != FK_DEBUG_T_WAITING || t->wait_kind >= FK_DEBUG_KINDS ||
        !sim_object_find((enum fk_debug_kind)t->wait_kind, t->wait_id, &o))
        return 0;
    if (t->wait_kind == FK_DEBUG_MUTEX)
        return o.other.link_kind == FK_DEBUG_THREAD ? o.other.link_id : 0;
    return t->wait_kind == FK_DEBUG_PORT ? thread_in(o.head.owner) : 0;
}

static int64_t first_of(int64_t tid)
{
    union sim_object o;

    for (unsigned i = 0; i < LINKS && sim_object_find(FK_DEBUG_THREAD, (uint32_t)tid, &o); i++) {
        if (!o.thread.client)
            break;
        tid = o.thread.client;
    }
    return tid;
}

void target_chain(struct id from, bool whole, void (*fn)(void *ctx, struct id id), void *ctx)
{
    int64_t tid = whole && from.tid > 0 ? first_of(from.tid) : from.tid;
    union sim_object o;

    for (unsigned i = 0; i < LINKS && tid > 0; i++) {
        if (!sim_object_find(FK_DEBUG_THREAD, (uint32_t)tid, &o))
            return;
        fn(ctx, (struct id){o.thread.space, tid});
        tid = next_of(&o.thread);
    }
}

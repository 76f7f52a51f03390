/* monitors/tracer/proxy.c -- a port of ours instead of each capability that a child gets: a request
 * is written down, asked of the real server, and the answer is written down. References in messages
 * are exchanged: what leads to a server becomes a proxy on its way to the child, and what is a
 * proxy of the child's becomes its target on its way out; regions, threads and spaces pass as they
 * are.
 *
 * The kernel does not say when the last reference to a port goes away. A proxy ends with its
 * holder, or when its target is gone; it stays for threads that work on a request of it. All but
 * parent_filter is called with the lock, which is given up while the real server works.
 * SPDX-License-Identifier: MIT */
#include "monitors/tracer/tracer.h"

#define THREADS_MAX 64

struct mon_lock tracer_lock;
bool interposed[PROTO_none + 16];

static unsigned threads = 1, busy; /* that serve, and those that do something */
static unsigned since_sweep,
    sweep_at = 64; /* new proxies, and after how many to look for dead ones */

static bool filter(struct mon_request *request);

/* ---- making and ending ---- */

static struct proxy *proxy_new(struct mon_child *holder, enum proto_what what, uint64_t ref,
                               uint64_t hash)
{
    struct proxy *proxy = calloc(1, sizeof(*proxy));
    if (!proxy)
        return NULL;
    proxy->target = mon_ref_copy(ref);
    proxy->port = (struct mon_port){.protocol = what, .filter = filter, .self = proxy};
    if (!proxy->target || mon_port_open(&mon_server, &proxy->port)) {
        mon_ref_free(proxy->target);
        free(proxy);
        return NULL;
    }
    proxy->holder = holder;
    proxy->hash = hash;
    proxy->next = holder->self;
    holder->self = proxy;
    return proxy;
}

static void release(struct proxy *proxy)
{
    mon_ref_free(proxy->target);
    free(proxy);
}

static void retire(struct proxy *proxy)
{
    mon_port_close(&proxy->port);
    proxy->retired = true;
    if (!proxy->users)
        release(proxy);
}

/* Takes out of the holder's list those whose targets are gone, or all. */
static unsigned sweep(struct mon_child *holder, bool all)
{
    struct proxy *kept = NULL, *next;
    unsigned count = 0;
    for (struct proxy *proxy = holder->self; proxy; proxy = next) {
        next = proxy->next;
        if (all || !mon_ref_alive(proxy->target)) {
            retire(proxy);
            continue;
        }
        proxy->next = kept;
        kept = proxy;
        count++;
    }
    holder->self = kept;
    return count;
}

static uint64_t hash_of(uint64_t ref)
{
    struct fk_ref_state state;
    return fk_ref_get_state(ref, fk_at(&state), 0) ? 0 : state.hash;
}

/* By target, or by the reference that the holder got. */
static struct proxy *proxy_find(const struct mon_child *holder, uint64_t ref, bool by_target)
{
    uint64_t hash = hash_of(ref);
    for (struct proxy *proxy = holder->self; proxy; proxy = proxy->next) {
        uint64_t own = by_target ? proxy->target : fk_at(&proxy->port.ref);
        if ((!by_target || proxy->hash == hash) && fk_ref_compare(own, ref) == FK_OK)
            return proxy;
    }
    return NULL;
}

uint64_t proxy_for(struct mon_child *holder, enum proto_what what, uint64_t ref)
{
    struct proxy *proxy = proxy_find(holder, ref, true);
    if (!proxy && ++since_sweep >= sweep_at) {
        sweep_at = 64 + sweep(holder, false);
        since_sweep = 0;
    }
    if (!proxy)
        proxy = proxy_new(holder, what, ref, hash_of(ref));
    return proxy ? fk_at(&proxy->port.ref) : 0;
}

void proxies_end(struct mon_child *holder)
{
    sweep(holder, true);
}

/* ---- a request ---- */

static void answer_error(struct mon_request *request, enum proto_error error)
{
    request->out[0] = (uint64_t) - (long)error;
    request->outs = 1;
    request->out_bytes = 0;
    request->out_ref = 0;
}

/* Some operations wait, and a child may wait in many: there is always one more thread. */
static void begin(struct proxy *proxy)
{
    proxy->users++;
    if (++busy == threads && threads < THREADS_MAX)
        threads += mon_serve_threads(&mon_server, 1);
}

static bool wanted(enum proto_what what)
{
    return what_is_protocol(what) && interposed[what];
}

/* The child's own proxy becomes what it stands for. */
static void exchange_sent(const struct proxy *proxy, const struct operation *operation,
                          struct mon_request *request)
{
    if (!request->ref || !operation || !wanted(operation->ref.in))
        return;
    const struct proxy *own = proxy_find(proxy->holder, request->ref, false);
    if (own)
        fk_ref_reference(own->target, request->ref);
}

static void exchange_answered(const struct proxy *proxy, const struct operation *operation,
                              struct mon_request *request)
{
    enum proto_what what = operation_out_ref(operation, request->word[1]);
    if (!request->out_ref || !wanted(what))
        return;
    request->out_ref = proxy_for(proxy->holder, what, request->out_ref);
    if (!request->out_ref)
        answer_error(request, PROTO_NO_OBJECTS);
}

static void end(struct proxy *proxy, const struct operation *operation, struct mon_request *request)
{
    log_answer(proxy->holder, proxy->port.protocol, operation, request);
    busy--;
    if (proxy->retired || proxy->holder->dead)
        answer_error(request, PROTO_GONE);
    else
        exchange_answered(proxy, operation, request);
    if (!--proxy->users && proxy->retired)
        release(proxy);
}

static bool filter(struct mon_request *request)
{
    struct proxy *proxy = request->self;
    const struct operation *operation = NULL;
    if (request->words)
        operation = operation_find(proxy->port.protocol, request->word[0]);
    begin(proxy);
    exchange_sent(proxy, operation, request);
    log_request(operation, request);
    mon_unlock(&tracer_lock);
    mon_forward(request, proxy->target);
    mon_lock(&tracer_lock);
    end(proxy, operation, request);
    return true;
}

bool parent_filter(struct mon_request *request)
{
    struct mon_child *child = request->self;
    const struct operation *operation =
        request->words ? operation_find(PROTO_parent, request->word[0]) : NULL;
    log_request(operation, request);
    if (request->words && request->word[0] == PROTO_parent_exit) {
        mon_lock(&tracer_lock);
        log_answer(child, PROTO_parent, operation, request);
        mon_unlock(&tracer_lock);
        return false;
    }
    if (!mon_dispatch(PROTO_parent, request->port->ops, request))
        answer_error(request, PROTO_UNKNOWN);
    uint64_t given = request->out_ref;
    mon_lock(&tracer_lock);
    for (struct proxy *proxy = child->self; proxy; proxy = proxy->next)
        if (given == fk_at(&proxy->port.ref))
            request->out_ref = proxy->target; /* the name of what is behind it */
    log_answer(child, PROTO_parent, operation, request);
    mon_unlock(&tracer_lock);
    request->out_ref = given;
    return true;
}

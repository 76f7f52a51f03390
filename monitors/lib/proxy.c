/* monitors/lib/proxy.c -- proxies for one child. Invariant: for each target at most one proxy,
 * found by the target's hash and then by comparing; it goes when its target is closed or destroyed
 * through it, or with the child. SPDX-License-Identifier: MIT */
#include "monitors/lib/proxy.h"

static uint64_t hash_of(uint64_t ref)
{
    struct fk_ref_state state = {0};
    fk_ref_get_state(ref, fk_at(&state), 0);
    return state.hash;
}

static struct mon_proxy *find(struct mon_proxies *proxies, uint64_t target)
{
    uint64_t hash = hash_of(target);
    struct mon_proxy *proxy = proxies->first;
    while (proxy && (proxy->hash != hash || fk_ref_compare(proxy->target, target)))
        proxy = proxy->next;
    return proxy;
}

static void proxy_free(struct mon_proxy *proxy)
{
    mon_port_close(&proxy->port);
    mon_ref_free(proxy->target);
    free(proxy);
}

static void forget(struct mon_proxy *proxy)
{
    struct mon_proxy **at = &proxy->all->first;
    mon_lock(&proxy->all->lock);
    while (*at && *at != proxy)
        at = &(*at)->next;
    if (*at)
        *at = proxy->next;
    mon_unlock(&proxy->all->lock);
    proxy_free(proxy);
}

static bool is_protocol(enum proto_what what)
{
    return what > PROTO_none && what < PROTO_region;
}

/* The last operation of a thing: after it the proxy has nothing to stand for. */
static bool ends(const struct mon_request *request)
{
    enum proto_what protocol = request->port->protocol;
    return !request->out[0] &&
           ((protocol == PROTO_file && request->word[0] == PROTO_file_close) ||
            (protocol == PROTO_filesystem && request->word[0] == PROTO_filesystem_end) ||
            (protocol == PROTO_scheduler && request->word[0] == PROTO_scheduler_end) ||
            (protocol == PROTO_mempool && request->word[0] == PROTO_mempool_destroy));
}

static void wrap_answer(struct mon_proxy *proxy, struct mon_request *request)
{
    const struct mon_operation *operation =
        mon_operation_find(proxy->port.protocol, request->word[0]);
    struct mon_cursor at = {0};
    struct mon_value value;
    while (operation && mon_reply_next(request, operation, &at, &value)) {
        if (value.field->kind != MON_OUT_REF || !value.ref || !is_protocol(value.what))
            continue;
        request->out_ref = mon_proxy(proxy->all, value.what, value.ref);
        if (request->out_ref)
            return;
        request->out[0] = (uint64_t)-PROTO_NO_MEMORY;
        request->outs = 1;
        return;
    }
}

static bool pass(struct mon_request *request)
{
    struct mon_proxy *proxy = request->self;
    struct mon_proxies *all = proxy->all;
    if (!request->words)
        return false;
    if (all->message)
        all->message(proxy, request, false);
    mon_forward(request, proxy->target);
    if (all->message)
        all->message(proxy, request, true);
    if (!request->out[0])
        wrap_answer(proxy, request);
    if (ends(request))
        forget(proxy);
    return true;
}

static struct mon_proxy *make(struct mon_proxies *proxies, enum proto_what protocol,
                              uint64_t target)
{
    struct mon_proxy *proxy = calloc(1, sizeof(*proxy));
    if (!proxy)
        return NULL;
    proxy->port = (struct mon_port){.protocol = protocol, .self = proxy, .filter = pass};
    proxy->all = proxies;
    proxy->target = mon_ref_copy(target);
    proxy->hash = hash_of(target);
    if (!proxy->target || mon_port_open(proxies->server, &proxy->port)) {
        mon_ref_free(proxy->target);
        free(proxy);
        return NULL;
    }
    proxy->next = proxies->first;
    proxies->first = proxy;
    return proxy;
}

uint64_t mon_proxy(struct mon_proxies *proxies, enum proto_what protocol, uint64_t target)
{
    mon_lock(&proxies->lock);
    struct mon_proxy *proxy = find(proxies, target);
    if (!proxy)
        proxy = make(proxies, protocol, target);
    mon_unlock(&proxies->lock);
    return proxy ? fk_at(&proxy->port.ref) : 0;
}

long mon_proxies_open(struct mon_proxies *proxies, struct mon_child *child)
{
    static const enum proto_what what[PARENT_NAMES] = {
#define PARENT_NAME(number, name, what, text) [number] = PROTO_##what,
#include "abi/proto/names.def"
    };
    long outcome = mon_lock_open(&proxies->lock);
    if (outcome)
        return outcome;
    proxies->server = &mon_server;
    proxies->child = child;
    for (unsigned name = 0; name < PARENT_NAMES; name++) {
        if (!child->grant[name] || !is_protocol(what[name]))
            continue;
        child->grant[name] = mon_proxy(proxies, what[name], child->grant[name]);
        if (!child->grant[name])
            return -PROTO_NO_MEMORY;
    }
    return 0;
}

void mon_proxies_close(struct mon_proxies *proxies)
{
    while (proxies->first) {
        struct mon_proxy *proxy = proxies->first;
        proxies->first = proxy->next;
        proxy_free(proxy);
    }
    fk_cond_destroy(fk_at(&proxies->lock.cond));
    fk_mutex_destroy(fk_at(&proxies->lock.mutex));
}

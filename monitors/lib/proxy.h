/* monitors/lib/proxy.h -- standing between: a port that looks like its target, sees every message
 * in both directions, and passes it on. Ports that come out of an answer (an open file, a sub-pool)
 * get proxies of their own, so nothing of these protocols gets past. References to regions, threads
 * and spaces are passed as they are: what crosses there is memory, not messages.
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_PROXY_H
#define MONITORS_LIB_PROXY_H

#include "monitors/lib/describe.h"
#include "monitors/lib/nester.h"

struct mon_proxy {
    struct mon_port port; /* first; port.protocol says what it is */
    struct mon_proxies *all;
    struct mon_proxy *next;
    uint64_t target; /* a reference of our own */
    uint64_t hash;   /* of the target */
};

/* The proxies of one child. */
struct mon_proxies {
    struct mon_server *server;
    struct mon_child *child;
    struct mon_proxy *first;
    struct mon_lock lock; /* over the list */
    /* Called with the request before it is passed on (reply false), and when the answer is there.
     * May change it. When several threads serve, several may be in here. */
    void (*message)(struct mon_proxy *proxy, struct mon_request *request, bool reply);
    void *self;
};

/* Puts proxies before everything that the child is granted, but its space: for `prepare`. */
long mon_proxies_open(struct mon_proxies *proxies, struct mon_child *child);
void mon_proxies_close(struct mon_proxies *proxies); /* for `ended` */
/* A reference to the proxy for this target, made if there is none; 0 = out of memory. */
uint64_t mon_proxy(struct mon_proxies *proxies, enum proto_what protocol, uint64_t target);

#endif

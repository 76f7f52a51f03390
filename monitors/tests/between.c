/* monitors/tests/between.c -- a nester with a proxy before everything that its child has; prints at
 * the end whether messages went both ways. For the tests of proxy.c. SPDX-License-Identifier: MIT
 */
#include "monitors/lib/proxy.h"

static struct mon_proxies proxies;
static uint64_t requests, replies, files;

static void message(struct mon_proxy *proxy, struct mon_request *request, bool reply)
{
    (void)request;
    *(reply ? &replies : &requests) += 1;
    files += proxy->port.protocol == PROTO_file;
}

static long prepare(struct mon_child *child)
{
    proxies.message = message;
    return mon_proxies_open(&proxies, child);
}

static void ended(struct mon_child *child)
{
    (void)child;
    mon_proxies_close(&proxies);
    printf("both ways: %s%s\n", requests && requests == replies ? "yes" : "no",
           files ? ", files too" : "");
}

static const struct mon_ops ops = {.prepare = prepare, .ended = ended};

int main(void)
{
    return mon_run(&ops);
}

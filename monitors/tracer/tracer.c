/* monitors/tracer/tracer.c -- the nester that watches: every message of the chosen protocols that
 * crosses the border of its children is logged, request and answer, and nothing is changed. What is
 * not chosen is handed over and costs nothing. Options: to=console or a file's path;
 * only=PROTOCOL+PROTOCOL... SPDX-License-Identifier: MIT */
#include "monitors/tracer/tracer.h"

static const char *const protocols[] = {
#define PROTOCOL(number, name, text) [number] = #name,
#include "abi/proto/protocols.def"
};

static const enum proto_what granted[PARENT_NAMES] = {
#define PARENT_NAME(number, name, what, text) [number] = PROTO_##what,
#include "abi/proto/names.def"
};

/* ---- options ---- */

static void choose_one(const char *name)
{
    for (unsigned i = 1; i < sizeof(protocols) / sizeof(*protocols); i++)
        if (protocols[i] && !strcmp(protocols[i], name)) {
            interposed[i] = true;
            return;
        }
    mon_fatal("only=%s: no protocol is called that; there are parent, process, mempool, "
              "filesystem, file, console, clock, scheduler, joined by +",
              name);
}

static void choose(const char *only)
{
    char *list = only ? strdup(only) : NULL, *rest = list, *name;
    for (unsigned i = 1; !only && i < sizeof(protocols) / sizeof(*protocols); i++)
        interposed[i] = protocols[i];
    while (list && (name = strtok_r(NULL, "+", &rest)))
        choose_one(name);
    free(list);
}

static const struct mon_option_text options[] = {
    {"to=FILE", "where lines go; to=console (as without it): among what is printed"},
    {"only=NAMES", "these protocols, joined by +, as in only=filesystem+file; else all"},
    {0},
};

/* ---- the child's capabilities ---- */

static long prepare(struct mon_child *child)
{
    if (interposed[PROTO_parent])
        child->parent.filter = parent_filter;
    for (unsigned name = 0; name < PARENT_NAMES; name++) {
        if (!child->grant[name] || !what_is_protocol(granted[name]) || !interposed[granted[name]])
            continue;
        child->grant[name] = proxy_for(child, granted[name], child->grant[name]);
        if (!child->grant[name])
            return -PROTO_NO_OBJECTS;
    }
    return 0;
}

static const struct mon_ops ops = {
    .prepare = prepare, .ended = proxies_end, .threads = 1, .lock = &tracer_lock};

int main(void)
{
    const char *to = mon_option("to");
    mon_options(options);
    choose(mon_option("only"));
    long outcome = log_open(to ? to : "console");
    if (outcome)
        mon_fatal("to=%s: %s", to ? to : "console", strerror((int)-outcome));
    if (mon_lock_open(&tracer_lock))
        mon_fatal("out of kernel objects");
    int status = mon_run(&ops);
    log_flush();
    return status;
}

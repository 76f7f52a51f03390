/* sim/lua/probe.c -- flatfish.probe(place, fn) and watch(place, bytes, how, fn).
 * A probe is planted at the virtual address in every space and asks, when hit, whether this is the
 * space that was meant: so it holds for spaces that come later, too. A place on a level that has no
 * program yet is looked up again whenever spaces change.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/name.h"
#include "sim/probe.h"

struct planted { /* what the machine gets as its ctx */
    struct hook *hook;
    struct planted *next;
    int id; /* -1 = not planted */
    bool watch;
};

static struct planted *all;
static int listener = -1;

static void tell(struct hook *h, uint64_t addr)
{
    unsigned domain = sim_domain_now();

    host.now = (struct trace_record){.icount = sim_icount(),
                                     .addr = addr,
                                     .from = (uint16_t)domain,
                                     .to = (uint16_t)domain,
                                     .behalf = (uint16_t)(domain / 2)};
    host_call_event(h->ref);
}

static void on_hit(void *ctx, int probe, gva pc)
{
    struct planted *p = ctx;

    (void)probe;
    if (p->hook->ref != LUA_NOREF && place_here(p->hook->place))
        tell(p->hook, pc);
}

static void on_touch(void *ctx, int watch, gva at, size_t n, unsigned how, uint64_t value)
{
    struct planted *p = ctx;

    (void)watch, (void)n, (void)how, (void)value;
    if (p->hook->ref != LUA_NOREF && place_here(p->hook->place))
        tell(p->hook, at);
}

static int plant(struct planted *p)
{
    if (!p->hook->place->pending)
        p->id = sim_probe_virt(SIM_CR3_ANY, p->hook->place->at, on_hit, p);
    return p->hook->place->pending ? 0 : p->id;
}

static void on_space(void *ctx, const struct trace_record *r)
{
    (void)ctx, (void)r;
    for (struct planted *p = all; p; p = p->next) {
        struct place again;
        if (p->hook->ref == LUA_NOREF || !p->hook->place->pending)
            continue;
        if (place_parse(p->hook->place->text, &again) != 0)
            host_fail(sim_error());
        else if (!again.pending) {
            *p->hook->place = again;
            plant(p);
        }
    }
    if (host.failed)
        sim_stop_request();
}

static void off(struct hook *h)
{
    for (struct planted *p = all; p; p = p->next) {
        if (p->hook != h || p->id < 0)
            continue;
        if (p->watch)
            sim_watch_remove(p->id);
        else
            sim_probe_remove(p->id);
        p->id = -1;
    }
    hook_drop(h);
}

/* A hook with its place, in the list; the hook's object is on the stack. */
static struct planted *make(lua_State *L, int fn)
{
    struct planted *p;
    struct hook *h;
    struct place place = {.level = -1};

    if (lua_isinteger(L, 1))
        place.at = (uint64_t)lua_tointeger(L, 1);
    else if (place_parse(luaL_checkstring(L, 1), &place) != 0)
        luaL_error(L, "%s", sim_error());
    h = hook_push(L, fn, off);
    p = calloc(1, sizeof *p);
    h->place = malloc(sizeof place);
    if (!p || !h->place) {
        free(p);
        luaL_error(L, "no memory for a probe");
    }
    *h->place = place;
    *p = (struct planted){.hook = h, .next = all, .id = -1};
    all = p;
    return p;
}

static int l_flatfish_probe(lua_State *L)
{
    struct planted *p;

    host_need_machine(L);
    p = make(L, 2);
    if (p->hook->place->pending && listener < 0)
        listener = sim_listen(1ull << TRACE_SPACE, on_space, NULL);
    if (plant(p) < 0)
        return luaL_error(L, "%s", sim_error());
    return 1;
}

static unsigned how_check(lua_State *L, int arg)
{
    static const char *const words[] = {"r", "w", "rw", NULL};

    return (unsigned)luaL_checkoption(L, arg, "w", words) + 1;
}

/* watch(place, bytes, "r" | "w" | "rw", fn) */
static int l_flatfish_watch(lua_State *L)
{
    lua_Integer n = luaL_checkinteger(L, 2);
    unsigned how = how_check(L, 3);
    struct planted *p;
    uint64_t cr3 = SIM_CR3_ANY;

    host_need_machine(L);
    luaL_argcheck(L, n > 0, 2, "a number of bytes, 1 or more");
    p = make(L, 4);
    if (p->hook->place->pending)
        return luaL_error(L, "there is no space of that level yet: watch it once it is there");
    if (p->hook->place->space[0] && sim_space_find(p->hook->place->space) >= 0)
        cr3 = space_cr3((unsigned)sim_space_find(p->hook->place->space));
    p->watch = true;
    p->id = sim_watch(cr3, p->hook->place->at, (size_t)n, how, on_touch, p);
    if (p->id < 0)
        return luaL_error(L, "%s", sim_error());
    p->hook->place->level = -1; /* whoever touches it, through whatever space */
    p->hook->place->space[0] = 0;
    return 1;
}

void close_probe(void)
{
    if (listener >= 0)
        sim_unlisten(listener);
    listener = -1;
    while (all) {
        struct planted *p = all;
        if (p->hook->ref != LUA_NOREF)
            off(p->hook);
        all = p->next;
        free(p->hook);
        free(p);
    }
}

void open_probe(lua_State *L)
{
    lua_pushcfunction(L, l_flatfish_probe);
    lua_setfield(L, -2, "probe");
    lua_pushcfunction(L, l_flatfish_watch);
    lua_setfield(L, -2, "watch");
}

/* sim/lua/probe.c -- flatfish.probe(place, fn) and watch(place, bytes, how, fn).
 * A probe is planted at the virtual address in every space and asks, when hit, whether this is the
 * space that was meant: so it holds for spaces that come later, too. A place on a level that has no
 * program yet is looked up again whenever spaces change.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/name.h"
#include "sim/probe.h"

static struct hook *all;
static int listener = -1;

static void tell(struct hook *h, uint64_t addr)
{
    unsigned domain = sim_domain_now();
    uint32_t thread;

    if (h->ref == LUA_NOREF || !place_here(h->place))
        return;
    host.now = (struct trace_record){.icount = sim_icount(),
                                     .addr = addr,
                                     .from = (uint16_t)domain,
                                     .to = (uint16_t)domain,
                                     .behalf = (uint16_t)sim_behalf_now(&thread),
                                     .thread = thread};
    host_call_event(h->ref);
    hook_sweep(&all);
}

static void on_hit(void *ctx, int probe, gva pc)
{
    (void)probe;
    tell(ctx, pc);
}

/* A kernel that has not said what its spaces are (yet) has other things at a program's addresses.
 */
static void on_touch(void *ctx, int watch, gva at, size_t n, unsigned how, uint64_t value)
{
    const struct hook *h = ctx;

    (void)watch, (void)n, (void)how, (void)value;
    if (!h->place || (h->place->space[0] && !kernel_known() && !(sim_domain_now() & 1)))
        return;
    tell(ctx, at);
}

static int plant(struct hook *h)
{
    if (!h->place->pending)
        h->id = sim_probe_virt(SIM_CR3_ANY, h->place->at, on_hit, h);
    return h->place->pending ? 0 : h->id;
}

/* A place that could not be looked up before is none. */
static void wrong(const struct place *p)
{
    char text[512];

    snprintf(text, sizeof text, "%s%s", p->said, sim_error());
    host_fail(text);
}

static void on_space(void *ctx, const struct trace_record *r)
{
    (void)ctx, (void)r;
    for (struct hook *h = all; h; h = h->next) {
        struct place again;
        if (h->ref == LUA_NOREF || !h->place->pending)
            continue;
        if (place_parse(h->place->text, &again) != 0)
            wrong(h->place);
        else if (!again.pending) {
            *h->place = again;
            plant(h);
        }
    }
    if (host.failed)
        sim_stop_request();
}

static void off(struct hook *h)
{
    if (h->watch)
        sim_watch_remove(h->id);
    else
        sim_probe_remove(h->id);
    h->id = -1;
    hook_drop(h);
}

/* A hook with its place, in the list; its object is on the stack. */
static struct hook *make(lua_State *L, int fn)
{
    struct hook *h;
    struct place place = {.level = -1};

    lua_settop(L, fn);
    luaL_where(L, 1);
    if (lua_isinteger(L, 1))
        place.at = (uint64_t)lua_tointeger(L, 1);
    else if (place_parse(luaL_checkstring(L, 1), &place) != 0)
        luaL_error(L, "%s", sim_error());
    hook_sweep(&all);
    h = hook_push(L, fn, off);
    h->next = all;
    all = h;
    h->place = malloc(sizeof place);
    if (!h->place) {
        hook_drop(h);
        luaL_error(L, "no memory for a probe");
    }
    *h->place = place;
    snprintf(h->place->said, sizeof h->place->said, "%s", lua_tostring(L, -2));
    return h;
}

static int failure(lua_State *L, struct hook *h, const char *why)
{
    hook_drop(h);
    return luaL_error(L, "%s", why);
}

static int l_flatfish_probe(lua_State *L)
{
    struct hook *h;

    host_need_machine(L);
    h = make(L, 2);
    if (h->place->pending && listener < 0)
        listener = sim_listen(1ull << TRACE_SPACE, on_space, NULL);
    return plant(h) < 0 ? failure(L, h, sim_error()) : 1;
}

static unsigned how_check(lua_State *L, int arg)
{
    static const char *const words[] = {"r", "w", "rw", NULL};

    return (unsigned)luaL_checkoption(L, arg, "w", words) + 1;
}

/* The space whose bytes are meant, by its page table; ANY = whatever is at the address. */
static uint64_t watched(const struct place *p)
{
    char level[16];
    int space = -1;

    snprintf(level, sizeof level, "L%d", p->level);
    if (p->level >= 0 || p->space[0])
        space = sim_space_find(p->level >= 0 ? level : p->space);
    return space < 0 ? SIM_CR3_ANY : space_cr3((unsigned)space);
}

/* watch(place, bytes, "r" | "w" | "rw", fn). Of a space that is there: whoever touches the bytes,
 * through whatever space; of one that comes later: itself. */
static int l_flatfish_watch(lua_State *L)
{
    lua_Integer n = luaL_checkinteger(L, 2);
    unsigned how = how_check(L, 3);
    struct hook *h;
    uint64_t cr3;

    host_need_machine(L);
    luaL_argcheck(L, n > 0, 2, "a number of bytes, 1 or more");
    h = make(L, 4);
    if (h->place->pending)
        return failure(L, h, "there is no space of that level yet: watch it once it is there");
    cr3 = watched(h->place);
    h->watch = true;
    h->id = sim_watch(cr3, h->place->at, (size_t)n, how, on_touch, h);
    if (h->id < 0)
        return failure(L, h, sim_error());
    if (cr3 == SIM_CR3_ANY)
        return 1;
    h->place->level = -1;
    h->place->space[0] = 0;
    return 1;
}

void close_probe(void)
{
    if (listener >= 0)
        sim_unlisten(listener);
    listener = -1;
    for (struct hook *h = all; h; h = h->next)
        off(h);
    hook_sweep(&all);
}

void open_probe(lua_State *L)
{
    lua_pushcfunction(L, l_flatfish_probe);
    lua_setfield(L, -2, "probe");
    lua_pushcfunction(L, l_flatfish_watch);
    lua_setfield(L, -2, "watch");
}

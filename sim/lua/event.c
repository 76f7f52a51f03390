/* sim/lua/event.c -- flatfish.on(name, filter, fn): call-backs at events, filtered in C.
 * One listener serves all; its kinds are the union of what is wanted. Whether a record is wanted is
 * remembered by its deciding bytes, as counts do (cells.h). on("finish") is told by the host.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/lua/cells.h"

#define BIT(kind) (1ull << TRACE_##kind)

#define UNFINISHED 1 /* no kind: its filter was wrong, or is not yet there */

static struct hook *hooks;
static int listener = -1;
static uint64_t listened;

static uint64_t crossings(void)
{
    uint64_t bits = 0;

    for (unsigned k = 1; k < TRACE_KINDS; k++)
        bits |= kind_crosses(k) ? 1ull << k : 0;
    return bits;
}

/* Names of groups; everything else is a kind's name. */
static const char *const groups[] = {"crossing", "fault", "pagefault", "ipc",    "marker",
                                     "region",   "nest",  "any",       "finish", NULL};

static const char *group_at(unsigned n)
{
    unsigned count = sizeof groups / sizeof groups[0] - 1;

    if (n < count)
        return groups[n];
    n = n - count + 1;
    return n < TRACE_KINDS ? name_kind(n) : NULL;
}

static int group_find(const char *name)
{
    for (int i = 0; groups[i]; i++)
        if (strcmp(groups[i], name) == 0)
            return i;
    return -1;
}

uint64_t event_kinds(lua_State *L, const char *name, struct filter *f)
{
    int kind = kind_find(name);

    if (kind > 0)
        return 1ull << kind;
    switch (group_find(name)) {
    case 0:
        return crossings();
    case 1:
        return BIT(EXCEPTION);
    case 2:
        filter_add_range(f, FIELD_vector, 14, 14);
        return BIT(EXCEPTION);
    case 3:
        filter_add_range(f, FIELD_number, 0x200, 0x3ff);
        return BIT(SYSCALL);
    case 4:
        return BIT(MARK);
    case 5:
        return BIT(BEGIN) | BIT(END);
    case 6:
        return BIT(SPACE);
    case 7:
        return (1ull << TRACE_KINDS) - 2;
    case 8:
        return 0;
    default:
        return (uint64_t)name_unknown(L, "event", name, group_at);
    }
}

/* ---- telling ---- */

static void spaces_changed(void)
{
    for (struct hook *h = hooks; h; h = h->next)
        if (h->cells)
            cells_forget(h->cells);
}

static void on_record(void *ctx, const struct trace_record *r)
{
    uint64_t bit = 1ull << r->kind;

    (void)ctx;
    if (__builtin_expect(r->kind == TRACE_SPACE, 0))
        spaces_changed();
    guard_choosing = true;
    for (struct hook *h = hooks; h; h = h->next) {
        if (!(h->kinds & bit) || h->ref == LUA_NOREF || !cells_find(h->cells, r))
            continue;
        host.now = *r;
        host_call_event(h->ref);
    }
    guard_choosing = false;
    hook_sweep(&hooks);
}

static void listen(void)
{
    uint64_t kinds = 0;

    for (struct hook *h = hooks; h; h = h->next)
        kinds |= h->ref != LUA_NOREF ? h->kinds & ~1ull : 0;
    if (kinds)
        kinds |= BIT(SPACE); /* filters know names */
    if (kinds == listened)
        return;
    if (listener >= 0)
        sim_unlisten(listener);
    listener = kinds ? sim_listen(kinds, on_record, NULL) : -1;
    listened = kinds;
}

void event_end(const char *why)
{
    for (struct hook *h = hooks; h; h = h->next)
        if (h->kinds == 0 && h->ref != LUA_NOREF)
            host_call_text(h->ref, why);
}

static void forget(struct hook *h)
{
    if (h->cells)
        cells_close(h->cells);
    free(h->cells);
    h->cells = NULL;
    hook_drop(h);
}

static void off(struct hook *h)
{
    forget(h);
    listen();
}

static void sweep(void)
{
    for (struct hook *h = hooks; h; h = h->next)
        if (h->kinds == UNFINISHED)
            forget(h);
    hook_sweep(&hooks);
}

/* What the call-back wants, as cells by nothing: a record that has a cell is told. */
static void wanted(lua_State *L, struct hook *h, const char *name)
{
    struct cells *c = h->cells = calloc(1, sizeof *c);

    if (!c)
        luaL_error(L, "no memory for a call-back");
    c->cached = true;
    c->filter = filter_make(L, 2);
    c->kinds = event_kinds(L, name, c->filter) & filter_kinds(c->filter);
    if (strcmp(name, "finish") == 0 && !lua_isnoneornil(L, 2))
        luaL_error(L, "on(\"finish\") has no filter: the end of a run has no fields");
    cells_uses_filter(c);
    if (c->kinds == 0 && strcmp(name, "finish") != 0)
        luaL_error(L, "on(\"%s\"): its filter allows none of these kinds", name);
    if (cells_open(c) != 0)
        luaL_error(L, "no memory for a call-back");
    h->kinds = c->kinds;
}

/* on(name [, filter], fn) */
static int l_flatfish_on(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    struct hook *h, **last = &hooks;

    if (lua_isfunction(L, 2)) {
        lua_pushnil(L);
        lua_insert(L, 2);
    }
    luaL_checktype(L, 3, LUA_TFUNCTION);
    sweep();
    h = hook_push(L, 3, off);
    h->kinds = UNFINISHED;
    while (*last)
        last = &(*last)->next;
    *last = h;
    wanted(L, h, name);
    listen();
    return 1;
}

void close_event(void)
{
    if (listener >= 0)
        sim_unlisten(listener);
    listener = -1;
    listened = 0;
    for (struct hook *h = hooks; h; h = h->next)
        forget(h);
    hook_sweep(&hooks);
}

void open_event(lua_State *L)
{
    lua_pushcfunction(L, l_flatfish_on);
    lua_setfield(L, -2, "on");
}

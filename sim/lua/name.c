/* sim/lua/name.c -- what numbers are called: kinds of event, kernel calls, vectors, domains; and
 * flatfish.names(). All from the lists in abi/; nothing here is state.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/name.h"

enum { NEAR = 3, WORD = 63 };

static const struct {
    const char *name;
    bool crosses;
} kinds[TRACE_KINDS] = {
#define TRACE_EVENT(id, name, crossing, reason, addr, text) [id] = {#name, crossing},
#include "abi/trace/events.def"
#undef TRACE_EVENT
};

static char lower[TRACE_KINDS][16];

const char *name_kind(unsigned kind)
{
    if (kind >= TRACE_KINDS || !kinds[kind].name)
        return kind == 0 ? "probe" : NULL;
    for (size_t i = 0; !lower[kind][0] && i < sizeof lower[0] - 1 && kinds[kind].name[i]; i++) {
        for (size_t k = 0; k < sizeof lower[0] - 1 && kinds[kind].name[k]; k++) {
            char c = kinds[kind].name[k];
            lower[kind][k] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
        }
    }
    return lower[kind];
}

int kind_find(const char *name)
{
    for (unsigned k = 1; k < TRACE_KINDS; k++)
        if (name_kind(k) && strcmp(name_kind(k), name) == 0)
            return (int)k;
    return -1;
}

bool kind_crosses(unsigned kind)
{
    return kind < TRACE_KINDS && kinds[kind].crosses;
}

/* ---- domains ---- */

bool kernel_known(void)
{
    return sim_debug_block() != 0;
}

/* With a debug block there is one kernel, in every space; without, each space has its own. */
void name_domain(unsigned domain, char *out, size_t max)
{
    size_t n;

    if (!(domain & 1) && kernel_known()) {
        snprintf(out, max, "kernel");
        return;
    }
    sim_space_name(domain / 2, out, max);
    n = strlen(out);
    if (!(domain & 1))
        snprintf(out + n, max - n, "/kernel");
}

unsigned domain_level(unsigned domain)
{
    const struct sim_space *s = sim_space(domain / 2);

    return s && (domain & 1) ? s->level : 0;
}

/* ---- mistyped names ---- */

static unsigned distance(const char *a, const char *b)
{
    unsigned row[WORD + 1];
    size_t n = strlen(a), m = strlen(b);

    if (n > WORD || m > WORD)
        return WORD;
    for (size_t k = 0; k <= m; k++)
        row[k] = (unsigned)k;
    for (size_t i = 1; i <= n; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t k = 1; k <= m; k++) {
            unsigned best = row[k] < row[k - 1] ? row[k] + 1 : row[k - 1] + 1;
            unsigned other = diagonal + (a[i - 1] != b[k - 1]);
            diagonal = row[k];
            row[k] = best < other ? best : other;
        }
    }
    return row[m];
}

static const char *const *listed;

static const char *listed_at(unsigned n)
{
    return listed[n];
}

void check_names(lua_State *L, int arg, const char *what, const char *const *names)
{
    luaL_checktype(L, arg, LUA_TTABLE);
    arg = lua_absindex(L, arg);
    luaL_checkstack(L, 4, NULL);
    for (lua_pushnil(L); lua_next(L, arg); lua_pop(L, 1)) {
        bool known = false;
        const char *name;
        lua_pushvalue(L, -2);
        name = luaL_tolstring(L, -1, NULL);
        for (unsigned i = 0; names[i] && !known; i++)
            known = lua_type(L, -2) == LUA_TSTRING && strcmp(names[i], name) == 0;
        listed = names;
        if (!known)
            name_unknown(L, what, name, listed_at);
        lua_pop(L, 2);
    }
}

/* Not yet among the first n; it is now. */
static bool is_new(char seen[NEAR][WORD + 1], unsigned n, const char *name)
{
    for (unsigned i = 0; i < n; i++)
        if (strcmp(seen[i], name) == 0)
            return false;
    snprintf(seen[n], WORD + 1, "%s", name);
    return true;
}

int name_unknown(lua_State *L, const char *what, const char *name,
                 const char *(*candidates)(unsigned))
{
    char seen[NEAR][WORD + 1]; /* spaces may share a name */
    luaL_Buffer b;
    const char *c;
    unsigned found = 0;

    luaL_buffinit(L, &b);
    for (unsigned far = 0; far <= 1 + strlen(name) / 3; far++)
        for (unsigned i = 0; (c = candidates(i)) && found < NEAR; i++)
            if (distance(name, c) == far && is_new(seen, found, c)) {
                luaL_addstring(&b, found++ ? ", " : "; near: ");
                luaL_addstring(&b, c);
            }
    if (!found) {
        luaL_addstring(&b, "; there are: ");
        for (unsigned i = 0; (c = candidates(i)); i++) {
            luaL_addstring(&b, i ? " " : "");
            luaL_addstring(&b, c);
        }
    }
    luaL_pushresult(&b);
    return luaL_error(L, "no %s '%s'%s", what, name, lua_tostring(L, -1));
}

/* ---- the lists themselves ---- */

static const char *kind_at(unsigned n)
{
    return n + 1 < TRACE_KINDS ? name_kind(n + 1) : NULL;
}

static const char *field_at(unsigned n)
{
    return n < FIELDS ? field_names[n] : NULL;
}

/* names("event" | "field" | "class"): what there is of these, as a list. */
static int l_flatfish_names(lua_State *L)
{
    static const char *const what[] = {"event", "field", "class", NULL};
    static const char *(*const lists[])(unsigned) = {kind_at, field_at, class_name};
    const char *(*at)(unsigned) = lists[luaL_checkoption(L, 1, NULL, what)];
    const char *name;

    lua_newtable(L);
    for (unsigned n = 0; (name = at(n)); n++) {
        lua_pushstring(L, name);
        lua_rawseti(L, -2, n + 1);
    }
    return 1;
}

void open_name(lua_State *L)
{
    lua_pushcfunction(L, l_flatfish_names);
    lua_setfield(L, -2, "names");
}

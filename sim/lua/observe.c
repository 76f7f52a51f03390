/* sim/lua/observe.c -- flatfish.observe{tlb=} and observed(): instructions by class, TLB misses.
 * SPDX-License-Identifier: MIT */
#include "sim/observe.h"
#include "sim/event.h"
#include "sim/lua/host.h"

enum { ROWS = 4096 };

static const char *const classes[SIM_CLASSES] = {
#define SIM_CLASS(name, text) #name,
#include "sim/class.def"
#undef SIM_CLASS
};

static unsigned number(lua_State *L, const char *field)
{
    lua_Integer n;

    lua_getfield(L, -1, field);
    n = luaL_checkinteger(L, -1);
    if (n < 0 || n > SIM_TLB_ENTRIES)
        luaL_error(L, "observe: %s of a TLB: 0 to %d", field, SIM_TLB_ENTRIES);
    lua_pop(L, 1);
    return (unsigned)n;
}

/* tlb[field] of the table on top: {entries =, ways =}. */
static struct sim_tlb tlb(lua_State *L, const char *field)
{
    struct sim_tlb t = {0, 0};

    if (lua_getfield(L, -1, field) != LUA_TNIL) {
        luaL_checktype(L, -1, LUA_TTABLE);
        t.entries = number(L, "entries");
        t.ways = number(L, "ways");
    }
    lua_pop(L, 1);
    return t;
}

/* observe([{tlb = {data = {entries =, ways =}, code = {...}}}]), observe(false) */
static int l_flatfish_observe(lua_State *L)
{
    struct sim_tlb data = {0, 0}, code = {0, 0};

    host_need_machine(L);
    if (lua_isboolean(L, 1) && !lua_toboolean(L, 1)) {
        sim_observe_off();
        return 0;
    }
    if (lua_istable(L, 1) && lua_getfield(L, 1, "tlb") != LUA_TNIL) {
        luaL_checktype(L, -1, LUA_TTABLE);
        data = tlb(L, "data");
        code = tlb(L, "code");
    }
    if (sim_observe(data, code) != 0)
        return luaL_error(L, "observe: %s", sim_error());
    return 0;
}

static void set(lua_State *L, const char *field, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, field);
}

static void push_classes(lua_State *L, const struct sim_observed *row)
{
    uint64_t sum = 0;

    lua_createtable(L, 0, SIM_CLASSES);
    for (unsigned c = 0; c < SIM_CLASSES; c++) {
        set(L, classes[c], row->executed[c]);
        sum += row->executed[c];
    }
    lua_setfield(L, -2, "class");
    set(L, "instructions", sum);
}

static void push_row(lua_State *L, const struct sim_observed *row)
{
    char name[64];

    lua_createtable(L, 0, 8);
    name_domain(row->domain, name, sizeof name);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "domain");
    lua_pushboolean(L, row->domain & 1);
    lua_setfield(L, -2, "user");
    set(L, "index", row->domain / 2);
    set(L, "behalf_index", row->behalf);
    set(L, "level", domain_level(row->domain));
    set(L, "data_misses", row->missed[0]);
    set(L, "code_misses", row->missed[1]);
    push_classes(L, row);
}

/* observed(): rows {domain, user, level, class = {alu = n, ...}, data_misses, ...}. */
static int l_flatfish_observed(lua_State *L)
{
    struct sim_observed *rows = lua_newuserdatauv(L, ROWS * sizeof *rows, 0);
    size_t n = sim_observed(rows, ROWS);

    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n; i++) {
        push_row(L, &rows[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

void close_observe(void)
{
    sim_observe_off();
}

void open_observe(lua_State *L)
{
    lua_pushcfunction(L, l_flatfish_observe);
    lua_setfield(L, -2, "observe");
    lua_pushcfunction(L, l_flatfish_observed);
    lua_setfield(L, -2, "observed");
}

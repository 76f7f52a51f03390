/* sim/lua/account.c -- flatfish.charge(): the exact account of instructions, as rows.
 * Each instruction is charged once; the rows' sum is flatfish.icount(), always.
 * SPDX-License-Identifier: MIT */
#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/name.h"

enum { ROWS = 32768 };

static void set_name(lua_State *L, const char *field, unsigned space)
{
    char text[64];

    sim_space_name(space, text, sizeof text);
    lua_pushstring(L, text);
    lua_setfield(L, -2, field);
}

static void set(lua_State *L, const char *field, uint64_t n)
{
    lua_pushinteger(L, (lua_Integer)n);
    lua_setfield(L, -2, field);
}

static void push_row(lua_State *L, const struct sim_charge *row)
{
    const struct sim_space *s = sim_space(row->domain / 2), *b = sim_space(row->behalf);
    char domain[64];

    lua_createtable(L, 0, 9);
    name_domain(row->domain, domain, sizeof domain);
    lua_pushstring(L, domain);
    lua_setfield(L, -2, "domain");
    set_name(L, "space", row->domain / 2);
    set_name(L, "behalf", row->behalf);
    set(L, "index", row->domain / 2);
    set(L, "behalf_index", row->behalf);
    set(L, "level", domain_level(row->domain));
    set(L, "space_level", s ? s->level : 0);
    set(L, "behalf_level", b ? b->level : 0);
    lua_pushboolean(L, row->domain & 1);
    lua_setfield(L, -2, "user");
    set(L, "instructions", row->instructions);
    set(L, "entries", row->entries);
}

/* charge(): rows {domain, space, level, user, behalf, instructions, entries, ...}, and the sum. */
static int l_flatfish_charge(lua_State *L)
{
    struct sim_charge *rows = lua_newuserdatauv(L, ROWS * sizeof *rows, 0);
    size_t n = sim_charges(rows, ROWS);
    uint64_t sum = 0;

    lua_createtable(L, (int)n, 0);
    for (size_t i = 0; i < n && i < ROWS; i++) {
        sum += rows[i].instructions;
        push_row(L, &rows[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, (lua_Integer)sum);
    return 2;
}

/* account(on): whether it is kept; what runs meanwhile stands in one row. */
static int l_flatfish_account(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TBOOLEAN);
    host_need_machine(L);
    sim_account(lua_toboolean(L, 1));
    return 0;
}

/* events(): how often each kind happened, while the account was kept. */
static int l_flatfish_events(lua_State *L)
{
    lua_newtable(L);
    for (unsigned k = 1; k < TRACE_KINDS; k++) {
        uint64_t n = sim_event_count((enum trace_kind)k);
        if (n)
            set(L, name_kind(k), n);
    }
    return 1;
}

void open_account(lua_State *L)
{
    lua_pushcfunction(L, l_flatfish_charge);
    lua_setfield(L, -2, "charge");
    lua_pushcfunction(L, l_flatfish_account);
    lua_setfield(L, -2, "account");
    lua_pushcfunction(L, l_flatfish_events);
    lua_setfield(L, -2, "events");
}

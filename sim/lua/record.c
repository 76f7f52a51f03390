/* sim/lua/record.c -- the event object that call-backs get: fields of the record of the moment.
 * There is one object for all events; after its call-back it tells nothing any more.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/event.h"
#include "sim/lua/host.h"

static const char *field_at(unsigned n)
{
    return n < FIELDS ? field_names[n] : NULL;
}

static int l_event_copy(lua_State *L)
{
    lua_createtable(L, 0, FIELDS);
    for (int f = 0; f < FIELDS; f++) {
        field_push(L, (enum field)f, field_get((enum field)f, &host.now));
        lua_setfield(L, -2, field_names[f]);
    }
    return 1;
}

static int l_event_tostring(lua_State *L)
{
    char from[64], to[64];

    field_push(L, FIELD_reason, field_get(FIELD_reason, &host.now));
    name_domain(host.now.from, from, sizeof from);
    name_domain(host.now.to, to, sizeof to);
    lua_pushfstring(L, "%I: %s, %s -> %s", (LUAI_UACINT)host.now.icount, lua_tostring(L, -1), from,
                    to);
    return 1;
}

/* Upvalue 1: name -> number of the field, or the method. */
static int l_event_index(lua_State *L)
{
    if (!host.calling)
        return luaL_error(L, "an event is for its call-back only; e:copy() in there keeps it");
    lua_pushvalue(L, 2);
    switch (lua_rawget(L, lua_upvalueindex(1))) {
    case LUA_TNUMBER: {
        enum field f = (enum field)lua_tointeger(L, -1);
        field_push(L, f, field_get(f, &host.now));
        return 1;
    }
    case LUA_TFUNCTION:
        return 1;
    default:
        return name_unknown(L, "field", luaL_checkstring(L, 2), field_at);
    }
}

void record_open(lua_State *L)
{
    lua_newuserdatauv(L, 1, 0);
    lua_createtable(L, 0, 3);
    lua_createtable(L, 0, FIELDS + 2);
    for (int f = 0; f < FIELDS; f++) {
        lua_pushinteger(L, f);
        lua_setfield(L, -2, field_names[f]);
    }
    lua_pushcfunction(L, l_event_copy);
    lua_setfield(L, -2, "copy");
    lua_pushcclosure(L, l_event_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, l_event_tostring);
    lua_setfield(L, -2, "__tostring");
    host_seal(L);
    lua_setmetatable(L, -2);
}

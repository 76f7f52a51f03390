/* sim/lua/module.c -- the module `flatfish`: its parts, the names that are loaded when first used,
 * and what is said about a name that it does not have. Called once, by script_open(), protected.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/lua/host.h"

enum { NAMES = 128 };

/* Libraries of ours that are fields of the module, too. */
static const char *const libraries[] = {"experiment", "report", NULL};

static const char *names[NAMES]; /* of the module's table, which keeps them */

static const char *name_at(unsigned n)
{
    return n < NAMES ? names[n] : NULL;
}

static void names_get(lua_State *L)
{
    unsigned n = 0;

    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING && n < NAMES - 1)
            names[n++] = lua_tostring(L, -2);
    names[n] = NULL;
}

/* (module, name) of a field that is not there (yet). */
static int l_module_index(lua_State *L)
{
    const char *name = luaL_checkstring(L, 2);

    for (int i = 0; libraries[i]; i++) {
        if (strcmp(libraries[i], name) != 0)
            continue;
        lua_getglobal(L, "require");
        lua_pushfstring(L, "lib.%s", name);
        lua_call(L, 1, 1);
        lua_pushvalue(L, -1);
        lua_setfield(L, 1, name);
        return 1;
    }
    names_get(L);
    return name_unknown(L, "flatfish.*", name, name_at);
}

/* Leaves the module on the stack. */
static void make(lua_State *L)
{
    lua_newtable(L);
#define PART(name) open_##name(L);
    PARTS(PART)
#undef PART
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, l_module_index);
    lua_setfield(L, -2, "__index");
    host_seal(L);
    lua_setmetatable(L, -2);
}

int module_open(lua_State *L)
{
    luaL_checkversion(L);
    sandbox_libraries(L);
    make(L);
    lua_pushvalue(L, -1);
    lua_setglobal(L, "flatfish");
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_insert(L, -2);
    lua_setfield(L, -2, "flatfish");
    host.callbacks = lua_newthread(L);
    luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushcfunction(host.callbacks, host_error);
    record_open(host.callbacks);
    return 0;
}

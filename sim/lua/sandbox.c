/* sim/lua/sandbox.c -- which parts of Lua a script gets, and where require() looks.
 *
 * Without --sandbox: all of Lua. With it: no files, processes, clocks, byte code or debug library;
 * require() finds only what lies in the script's own folder or among our own scripts; no finalizers
 * (they run where no limit reaches), and the strings' metatable is out of reach.
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lua/host.h"

enum { PRINT_MAX = 1 << 20 };

static char folder[PATH_MAX]; /* the script's, real path */
static char ours[PATH_MAX];
static size_t printed;

/* ---- what replaces the dangerous ---- */

static int l_box_load(lua_State *L)
{
    size_t n = 0;
    const char *text = luaL_checklstring(L, 1, &n); /* a reader function is not needed here */
    bool env = !lua_isnone(L, 4);

    if (luaL_loadbufferx(L, text, n, luaL_optstring(L, 2, text), "t") != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    if (env) {
        lua_pushvalue(L, 4);
        if (!lua_setupvalue(L, -2, 1))
            lua_pop(L, 1);
    }
    return 1;
}

static int l_box_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "the sandbox has no finalizers (__gc)");
        lua_pop(L, 1);
    }
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static int l_box_collectgarbage(lua_State *L)
{
    const char *what = luaL_optstring(L, 1, "collect");

    if (strcmp(what, "count") == 0)
        lua_pushnumber(L, lua_gc(L, LUA_GCCOUNT));
    else if (strcmp(what, "collect") == 0)
        lua_pushinteger(L, lua_gc(L, LUA_GCCOLLECT));
    else
        return luaL_error(L, "the sandbox knows collectgarbage(\"collect\") and (\"count\")");
    return 1;
}

void sandbox_prints(lua_State *L, size_t bytes)
{
    printed += bytes;
    if (host.config.sandbox && printed > PRINT_MAX)
        luaL_error(L, "the sandbox prints at most %d bytes", PRINT_MAX);
}

static int l_box_print(lua_State *L)
{
    for (int i = 1; i <= lua_gettop(L); i++) {
        size_t n;
        const char *text = luaL_tolstring(L, i, &n);
        sandbox_prints(L, n + 1);
        fwrite(i > 1 ? "\t" : "", 1, i > 1, stdout);
        fwrite(text, 1, n, stdout);
        lua_pop(L, 1);
    }
    fputc('\n', stdout);
    fflush(stdout); /* whoever is ended has said what it said */
    return 0;
}

/* ---- require ---- */

static bool name_good(const char *name)
{
    for (const char *c = name; *c; c++)
        if (!(*c == '_' || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
              (*c >= '0' && *c <= '9') ||
              (c > name && c[1] && (*c == '-' || (*c == '.' && c[1] != '.')))))
            return false;
    return *name != 0;
}

/* dir/name.lua, when that really lies in dir. */
static bool find_in(const char *dir, const char *name, char real[PATH_MAX])
{
    char path[PATH_MAX * 2];
    size_t n = strlen(dir), at = n + 1;

    if (!*dir || (size_t)snprintf(path, sizeof path, "%s/%s.lua", dir, name) >= sizeof path)
        return false;
    for (; path[at] && strcmp(path + at, ".lua") != 0; at++)
        path[at] = path[at] == '.' ? '/' : path[at];
    return realpath(path, real) && strncmp(real, dir, n) == 0 && real[n] == '/';
}

static int l_box_require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    char path[PATH_MAX];

    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    if (lua_getfield(L, -1, name) != LUA_TNIL)
        return 1;
    lua_pop(L, 1);
    if (!name_good(name) || (!find_in(folder, name, path) && !find_in(ours, name, path)))
        return luaL_error(L, "require: no '%s' in the script's folder or among Flatfish's scripts",
                          name);
    if (luaL_loadfilex(L, path, "t") != LUA_OK)
        return lua_error(L);
    lua_pushvalue(L, 1);
    lua_pushstring(L, path);
    lua_call(L, 2, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, true);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, name);
    return 1;
}

/* ---- setting up ---- */

static void remove_field(lua_State *L, const char *table, const char *field)
{
    lua_getglobal(L, table);
    lua_pushnil(L);
    lua_setfield(L, -2, field);
    lua_pop(L, 1);
}

static void box(lua_State *L)
{
    static const luaL_Reg libraries[] = {{LUA_GNAME, luaopen_base},
                                         {LUA_COLIBNAME, luaopen_coroutine},
                                         {LUA_TABLIBNAME, luaopen_table},
                                         {LUA_STRLIBNAME, luaopen_string},
                                         {LUA_MATHLIBNAME, luaopen_math},
                                         {LUA_UTF8LIBNAME, luaopen_utf8},
                                         {NULL, NULL}};
    static const char *const gone[] = {"dofile", "loadfile", "warn", NULL};
    static const luaL_Reg instead[] = {{"load", l_box_load},
                                       {"setmetatable", l_box_setmetatable},
                                       {"collectgarbage", l_box_collectgarbage},
                                       {"print", l_box_print},
                                       {"require", l_box_require},
                                       {NULL, NULL}};

    for (const luaL_Reg *l = libraries; l->name; l++) {
        luaL_requiref(L, l->name, l->func, 1);
        lua_pop(L, 1);
    }
    for (int i = 0; gone[i]; i++) {
        lua_pushnil(L);
        lua_setglobal(L, gone[i]);
    }
    lua_pushglobaltable(L);
    luaL_setfuncs(L, instead, 0);
    lua_pop(L, 1);
    remove_field(L, "string", "dump");
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
    lua_getglobal(L, "math");
    lua_getfield(L, -1, "randomseed");
    lua_pushinteger(L, 1);
    lua_call(L, 1, 0);
    lua_pop(L, 1);
}

/* Where require() looks: the script's folder, when there is a script, and our own. */
static void search(lua_State *L)
{
    lua_getglobal(L, "package");
    if (*folder)
        lua_pushfstring(L, "%s/?.lua;%s/?.lua", folder, ours);
    else
        lua_pushfstring(L, "%s/?.lua", ours);
    lua_setfield(L, -2, "path");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "cpath");
    lua_pop(L, 1);
}

void sandbox_libraries(lua_State *L)
{
    printed = 0;
    folder[0] = 0;
    if (!host.config.lib || !realpath(host.config.lib, ours))
        ours[0] = 0;
    if (host.config.sandbox) {
        box(L);
        return;
    }
    luaL_openlibs(L);
    search(L);
}

void sandbox_script(lua_State *L, const char *path)
{
    char *slash;

    if (!realpath(path, folder))
        folder[0] = 0;
    slash = strrchr(folder, '/');
    if (slash)
        *slash = 0;
    if (!host.config.sandbox)
        search(L);
}

/* sim/lua/console.c -- an interactive line of Lua, and the names that could complete it.
 * A line that is an expression prints its values; one that is not finished asks for more.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "sim/lua/host.h"

#define EOFMARK "<eof>"

static bool unfinished(lua_State *L, int status)
{
    size_t n;
    const char *text = lua_tolstring(L, -1, &n);
    size_t mark = strlen(EOFMARK);

    return status == LUA_ERRSYNTAX && text && n >= mark && strcmp(text + n - mark, EOFMARK) == 0;
}

static int load(lua_State *L, const char *text)
{
    int status;

    lua_pushfstring(L, "return %s", text);
    status = luaL_loadbufferx(L, lua_tostring(L, -1), lua_rawlen(L, -1), "=prompt", "t");
    lua_remove(L, -2);
    if (status == LUA_OK)
        return status;
    lua_pop(L, 1);
    return luaL_loadbufferx(L, text, strlen(text), "=prompt", "t");
}

/* (show, values...): prints each as lib/show.lua has it. */
static int print_values(lua_State *L)
{
    int n = lua_gettop(L);

    for (int i = 2; i <= n; i++) {
        lua_pushvalue(L, 1);
        lua_pushvalue(L, i);
        lua_call(L, 1, 1);
        lua_replace(L, i);
    }
    lua_getglobal(L, "print");
    lua_replace(L, 1);
    lua_call(L, n - 1, 0);
    return 0;
}

/* What is on the stack, by values of the line; an error of theirs is the line's. */
static int show_values(lua_State *L)
{
    int n = lua_gettop(L);

    if (n == 0)
        return LUA_OK;
    luaL_checkstack(L, LUA_MINSTACK, NULL);
    lua_pushcfunction(L, print_values);
    lua_insert(L, 1);
    if (luaL_dostring(L, "return (require 'lib.show')") != LUA_OK)
        return LUA_ERRRUN;
    lua_insert(L, 2);
    return lua_pcall(L, n + 1, 0, 0);
}

int script_line(const char *text)
{
    lua_State *L = host.L;
    int status;

    lua_settop(L, 0);
    host.failed = host.stopped = host.outside = false;
    host.message[0] = 0;
    status = load(L, text);
    if (unfinished(L, status)) {
        lua_settop(L, 0);
        return 1;
    }
    guard_active = true;
    if (status == LUA_OK)
        status = lua_pcall(L, 0, LUA_MULTRET, 0);
    if (status == LUA_OK)
        status = show_values(L);
    guard_active = false;
    if (host.quit)
        return 2;
    if (status != LUA_OK) {
        host_fail(lua_tostring(L, -1) ? lua_tostring(L, -1) : "an error that is no text");
        return -1;
    }
    return 0;
}

/* The table that holds what comes after the last dot; the word after it in *word. */
static void push_table(lua_State *L, const char *text, const char **word)
{
    const char *dot;

    lua_pushglobaltable(L);
    for (*word = text; (dot = strpbrk(*word, ".:")); *word = dot + 1) {
        lua_pushlstring(L, *word, (size_t)(dot - *word));
        if (!lua_istable(L, -2) || lua_rawget(L, -2) != LUA_TTABLE) {
            lua_pushnil(L);
            return;
        }
    }
}

const char *script_complete(const char *text, unsigned n)
{
    static char out[256];
    lua_State *L = host.L;
    const char *word;

    lua_settop(L, 0);
    push_table(L, text, &word);
    if (!lua_istable(L, -1))
        return NULL;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
        if (!key || strncmp(key, word, strlen(word)) != 0 || n-- > 0)
            continue;
        snprintf(out, sizeof out, "%.*s%s", (int)(word - text), text, key);
        lua_settop(L, 0);
        return out;
    }
    lua_settop(L, 0);
    return NULL;
}

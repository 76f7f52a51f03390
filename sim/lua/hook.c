/* sim/lua/hook.c -- registered call-backs: one kind of Lua object, h:off(), for all parts.
 * The C record lives until the state closes or off() was called; its Lua object may be collected
 * before, which changes nothing: a call-back nobody keeps still works.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "sim/lua/host.h"

#define HOOK "flatfish.hook"

enum { HOOKS = 20000, HOOKS_SANDBOX = 1000 };

static unsigned hooks; /* made and not dropped */

struct hook *hook_push(lua_State *L, int fn, void (*off)(struct hook *h))
{
    struct hook **box, *h;

    luaL_checktype(L, fn, LUA_TFUNCTION);
    if (hooks >= (host.config.sandbox ? HOOKS_SANDBOX : HOOKS))
        luaL_error(L, "too many call-backs at a time: %d", (int)hooks);
    box = lua_newuserdatauv(L, sizeof *box, 0);
    *box = NULL;
    luaL_setmetatable(L, HOOK);
    h = calloc(1, sizeof *h);
    if (!h)
        luaL_error(L, "no memory for a call-back");
    *box = h;
    lua_pushvalue(L, fn);
    h->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    h->off = off;
    hooks++;
    return h;
}

/* The Lua object may still point here, so only what it holds is freed before the state closes. */
void hook_drop(struct hook *h)
{
    if (h->ref != LUA_NOREF) {
        luaL_unref(host.L, LUA_REGISTRYINDEX, h->ref);
        hooks--;
    }
    h->ref = LUA_NOREF;
    free(h->place);
    h->place = NULL;
}

static int l_hook_off(lua_State *L)
{
    struct hook **box = luaL_checkudata(L, 1, HOOK);

    if (*box && (*box)->ref != LUA_NOREF)
        (*box)->off(*box);
    return 0;
}

void open_hook(lua_State *L)
{
    static const luaL_Reg methods[] = {{"off", l_hook_off}, {NULL, NULL}};

    luaL_newmetatable(L, HOOK);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushliteral(L, "hook");
    lua_setfield(L, -2, "__name");
    lua_pop(L, 1);
}

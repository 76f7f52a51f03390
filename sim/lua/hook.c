/* sim/lua/hook.c -- registered call-backs: one kind of Lua object, h:off(), for all parts.
 * The object is the record: it is anchored while it is in its part's list, so a call-back that
 * nobody keeps still works, and one that is off stays in the list until no list is walked any more.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "sim/lua/host.h"

#define HOOK "flatfish.hook"

enum { HOOKS = 20000, HOOKS_SANDBOX = 1000 };

static unsigned hooks, dead; /* in lists; of those off */

struct hook *hook_push(lua_State *L, int fn, void (*off)(struct hook *h))
{
    struct hook *h;

    luaL_checktype(L, fn, LUA_TFUNCTION);
    if (hooks >= (host.config.sandbox ? HOOKS_SANDBOX : HOOKS))
        luaL_error(L, "too many call-backs at a time: %d", (int)hooks);
    h = lua_newuserdatauv(L, sizeof *h, 0);
    *h = (struct hook){.ref = LUA_NOREF, .self = LUA_NOREF, .off = off, .id = -1};
    luaL_setmetatable(L, HOOK);
    lua_pushvalue(L, -1);
    h->self = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushvalue(L, fn);
    h->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    hooks++;
    return h;
}

void hook_drop(struct hook *h)
{
    if (h->ref != LUA_NOREF) {
        luaL_unref(host.L, LUA_REGISTRYINDEX, h->ref);
        dead++;
    }
    h->ref = LUA_NOREF;
    free(h->place);
    h->place = NULL;
}

void hook_sweep(struct hook **list)
{
    if (host.calling || dead == 0)
        return;
    while (*list) {
        struct hook *h = *list;
        if (h->ref != LUA_NOREF) {
            list = &h->next;
            continue;
        }
        *list = h->next;
        luaL_unref(host.L, LUA_REGISTRYINDEX, h->self);
        hooks--;
        dead--;
    }
}

static int l_hook_off(lua_State *L)
{
    struct hook *h = luaL_checkudata(L, 1, HOOK);

    if (h->ref != LUA_NOREF)
        h->off(h);
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
    host_seal(L);
    lua_pop(L, 1);
}

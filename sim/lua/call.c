/* sim/lua/call.c -- the machine calls Lua.
 *
 * Invariant: Lua code is called from inside the machine only by call() here, on the call-back
 * thread and protected, so a mistake never unwinds through the machine.
 * SPDX-License-Identifier: MIT */
#include "sim/lua/host.h"

static void call(lua_State *C, int args)
{
    bool was = guard_active;

    host.calling = guard_active = true;
    guard_calls++;
    if (__builtin_expect(lua_pcall(C, args, 0, 1) != LUA_OK, 0)) {
        host_fail(lua_tostring(C, -1) ? lua_tostring(C, -1) : "an error that is no text");
        lua_pop(C, 1);
        sim_stop_request();
    }
    guard_active = was;
    host.calling = false;
}

void host_call_event(int ref)
{
    lua_State *C = host.callbacks;

    if (__builtin_expect(host.failed, 0))
        return;
    lua_rawgeti(C, LUA_REGISTRYINDEX, ref);
    lua_pushvalue(C, 2);
    call(C, 1);
}

void host_call_number(int ref, lua_Integer n)
{
    lua_State *C = host.callbacks;

    if (host.failed)
        return;
    lua_rawgeti(C, LUA_REGISTRYINDEX, ref);
    lua_pushinteger(C, n);
    call(C, 1);
}

/* (function, address of a text): making a string may fail, so it is done inside the protected call.
 */
static int give_text(lua_State *L)
{
    const char *text = lua_touserdata(L, 2);

    lua_settop(L, 1);
    lua_pushstring(L, text);
    lua_call(L, 1, 0);
    return 0;
}

void host_call_text(int ref, const char *text)
{
    lua_State *C = host.callbacks;

    if (host.failed)
        return;
    lua_pushcfunction(C, give_text);
    lua_rawgeti(C, LUA_REGISTRYINDEX, ref);
    lua_pushlightuserdata(C, (void *)(uintptr_t)text);
    call(C, 2);
}

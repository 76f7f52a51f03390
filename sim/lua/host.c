/* sim/lua/host.c -- the one script's state, and what every part asks for before it does anything:
 * is there a machine, does it stand, is the argument a number. Calls no other part.
 * SPDX-License-Identifier: MIT */
#include "sim/lua/host.h"

struct host host;

void host_need_machine(lua_State *L)
{
    if (!host.machine)
        luaL_error(L, "there is no machine yet: flatfish.machine{kernel=...} makes one");
}

void host_need_standing(lua_State *L)
{
    host_need_machine(L);
    if (host.running || host.calling)
        luaL_error(
            L, "a call-back cannot drive the machine: flatfish.stop() ends the run, then go on");
}

uint64_t check_u64(lua_State *L, int arg)
{
    int whole;
    lua_Integer n = lua_tointegerx(L, arg, &whole);

    if (!whole)
        luaL_argerror(L, arg, "a whole number is needed");
    return (uint64_t)n;
}

uint64_t check_count(lua_State *L, int arg)
{
    uint64_t n = check_u64(L, arg);

    luaL_argcheck(L, n <= INT64_MAX, arg, "0 or more is needed");
    return n;
}

void host_seal(lua_State *L)
{
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
}

/* sim/lua/drawing.c -- flatfish.canvas before it is first called: loads the module that draws.
 * The command itself is linked with no drawing library; canvas.c, built as canvas.so, is. It is
 * loaded by the first call, puts itself in this function's place, and stays until the process ends.
 * SPDX-License-Identifier: MIT */
#include <dlfcn.h>
#include <limits.h>

#include "sim/lua/host.h"

static int missing(lua_State *L, const char *why)
{
    lua_pushnil(L);
    lua_pushfstring(L, "cannot draw: %s; build or install Flatfish again, with all its files", why);
    return 2;
}

/* The module's opener; NULL after missing() has said why. */
static lua_CFunction module_load(lua_State *L)
{
    char path[PATH_MAX];
    void *module, *opener;

    if (!host.config.find || host.config.find("module", "canvas.so", path, sizeof path) != 0)
        return missing(L, "the module canvas.so is not there"), NULL;
    module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    opener = module ? dlsym(module, "luaopen_canvas") : NULL;
    if (!opener)
        return missing(L, dlerror()), NULL;
    return (lua_CFunction)(uintptr_t)opener;
}

/* Upvalue: the module `flatfish`. */
static int l_flatfish_canvas(lua_State *L)
{
    int args = lua_gettop(L);
    lua_CFunction opener = module_load(L);

    if (!opener)
        return 2;
    lua_pushcfunction(L, opener);
    lua_call(L, 0, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, lua_upvalueindex(1), "canvas");
    lua_insert(L, 1);
    lua_call(L, args, LUA_MULTRET);
    return lua_gettop(L);
}

void open_drawing(lua_State *L)
{
    if (host.config.sandbox)
        return;
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, l_flatfish_canvas, 1);
    lua_setfield(L, -2, "canvas");
}

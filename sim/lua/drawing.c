/* sim/lua/drawing.c -- flatfish.canvas: loads the module that draws, and calls it.
 * The command itself is linked with no drawing library; canvas.c, built as canvas.so, is. It is
 * loaded by the first call and stays until the process ends.
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

/* Upvalue: the function of canvas.so, once it is loaded. */
static int l_flatfish_canvas(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (lua_getfield(L, 1, "path") == LUA_TSTRING && file_refuse(L, lua_tostring(L, 2)) != 0)
        return 2;
    if (lua_isnil(L, lua_upvalueindex(1))) {
        lua_CFunction opener = module_load(L);
        if (!opener)
            return 2;
        lua_pushcfunction(L, opener);
        lua_call(L, 0, 1);
        lua_replace(L, lua_upvalueindex(1));
    }
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_call(L, 1, LUA_MULTRET);
    return lua_gettop(L) - 2;
}

void open_drawing(lua_State *L)
{
    if (host.config.sandbox)
        return;
    lua_pushnil(L);
    lua_pushcclosure(L, l_flatfish_canvas, 1);
    lua_setfield(L, -2, "canvas");
}

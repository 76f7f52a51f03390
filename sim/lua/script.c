/* sim/lua/script.c -- the script's life: its Lua state is made, its file runs, all is given back.
 *
 * Invariant: Lua code runs only inside lua_pcall() made here (or, within a script's own call of
 * flatfish.run(), on the call-back thread), so a mistake never unwinds through the machine.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/lua/host.h"

static int fail_here(lua_State *L)
{
    host_fail(lua_tostring(L, -1) ? lua_tostring(L, -1) : "an error that is no text");
    lua_pop(L, 1);
    return -1;
}

/* Only out of memory where nothing is protected: setting up. */
static int on_panic(lua_State *L)
{
    fprintf(stderr, "flatfish: script: %s\n", lua_tostring(L, -1) ? lua_tostring(L, -1) : "?");
    _exit(EXIT_FAILURE);
}

int script_open(const struct script_config *config)
{
    lua_State *L;

    host = (struct host){.config = *config, .stop_code = -1, .machine = sim_mem_bytes() != 0};
    L = lua_newstate(guard_alloc, NULL);
    if (!L) {
        host_fail("no memory for a Lua state");
        return -1;
    }
    host.L = L;
    lua_atpanic(L, on_panic);
    guard_open(L);
    lua_pushcfunction(L, module_open);
    guard_active = true;
    int bad = lua_pcall(L, 0, 0, 0);
    guard_active = false;
    return bad == LUA_OK ? 0 : fail_here(L);
}

static void arguments(lua_State *L, const char *path, int argc, char **argv)
{
    lua_createtable(L, argc, 1);
    lua_pushstring(L, path);
    lua_rawseti(L, -2, 0);
    for (int i = 0; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setglobal(L, "arg");
}

int script_load(const char *path, int argc, char **argv)
{
    lua_State *L = host.L;
    int bad;

    host.path = path;
    script_reads(path);
    arguments(L, path, argc, argv);
    sandbox_script(L, path);
    lua_settop(L, 0);
    lua_pushcfunction(L, host_error);
    bad = luaL_loadfilex(L, path, "t");
    guard_active = true;
    if (bad == LUA_OK && !lua_checkstack(L, argc + LUA_MINSTACK)) {
        lua_pushfstring(L, "%d arguments are too many for a script", argc);
        bad = LUA_ERRMEM;
    }
    if (bad == LUA_OK) {
        for (int i = 0; i < argc; i++)
            lua_pushstring(L, argv[i]);
        bad = lua_pcall(L, argc, 0, 1);
    }
    guard_active = false;
    if (bad != LUA_OK && !host.outside && !host.quit)
        return fail_here(L);
    return host.failed ? -1 : 0;
}

void script_close(void)
{
    if (!host.L)
        return;
    close_event();
    close_timer();
    close_probe();
    close_count();
    close_observe();
    guard_active = host.calling = true; /* finalizers are to end, too */
    if (!guard_exceeded())
        lua_close(host.L); /* else: a finalizer could be what does not end */
    guard_active = host.calling = false;
    guard_close();
    host.L = NULL;
}

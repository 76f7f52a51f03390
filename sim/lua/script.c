/* sim/lua/script.c -- the script: its Lua state, running it, and what is said when it fails.
 *
 * Invariant: Lua code runs only inside lua_pcall() made here (or, within a script's own call of
 * flatfish.run(), on the call-back thread), so a mistake never unwinds through the machine.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/regs.h"
#include "sim/sym.h"

struct host host;

/* ---- messages ---- */

void host_where(char *out, size_t max)
{
    char space[64], symbol[128];
    unsigned domain = sim_domain_now();

    if (!host.machine) {
        snprintf(out, max, "there is no machine yet");
        return;
    }
    name_domain(domain, space, sizeof space);
    sim_sym_name(domain & 1 ? space_image(domain / 2) : NULL, sim_reg_get(SIM_REG_rip), symbol,
                 sizeof symbol);
    snprintf(out, max, "instruction %" PRIu64 ", in %s%s at %s", sim_icount(), space,
             domain & 1 ? " (user mode)" : "", symbol);
}

void host_fail(const char *text)
{
    char where[256];

    if (host.failed)
        return;
    host.failed = true;
    host_where(where, sizeof where);
    snprintf(host.message, sizeof host.message, "%.3600s", text);
    if (!strstr(text, "\n  machine: ")) /* of an experiment's run it is said there */
        snprintf(host.message, sizeof host.message, "%.3600s\n  machine: %s", text, where);
}

int host_error(lua_State *L)
{
    const char *text = luaL_tolstring(L, 1, NULL);

    luaL_traceback(L, L, text, 1);
    return 1;
}

bool script_failed(void)
{
    return host.failed;
}

const char *script_message(void)
{
    return host.message;
}

bool script_stopped(int *code)
{
    if (host.stopped && host.stop_code >= 0)
        *code = host.stop_code;
    return host.stopped;
}

/* ---- what parts of the host ask for ---- */

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

/* ---- life ---- */

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

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
    snprintf(host.message, sizeof host.message, "%.3600s\n  machine: %s", text, where);
}

/* The message handler: adds the stack of Lua functions, but to one-liners of ours. */
static int on_error(lua_State *L)
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
    if (host.running)
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

void host_seal(lua_State *L)
{
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
}

/* ---- call-backs ---- */

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

/* ---- running the machine ---- */

static uint64_t caller_due(void)
{
    return host.config.due ? host.config.due() : UINT64_MAX;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* What is due where the machine stands; true = the run is to end. */
static bool things_due(void)
{
    if (host.L && timer_due() <= sim_icount())
        timer_fire();
    if (caller_due() <= sim_icount() && host.config.at_due && host.config.at_due() != 0)
        host.outside = true;
    return host.outside || host.failed || host.stopped;
}

enum sim_stop script_run(uint64_t until)
{
    enum sim_stop why = SIM_STOP_REQUEST;

    host.stopped = false;
    host.running = true;
    guard_enter_machine();
    while (!things_due()) {
        uint64_t due = host.L ? timer_due() : UINT64_MAX;
        why = sim_icount() >= until ? SIM_STOP_ICOUNT
                                    : sim_run(least(until, least(due, caller_due())));
        if (why == SIM_STOP_REQUEST && host.config.ended && host.config.ended())
            host.outside = true;
        if (why == SIM_STOP_REQUEST && host.replan)
            why = SIM_STOP_ICOUNT;
        host.replan = false;
        if (why != SIM_STOP_ICOUNT || sim_icount() >= until) {
            things_due();
            break;
        }
        why = SIM_STOP_REQUEST;
    }
    guard_leave_machine();
    host.running = false;
    host.last = why;
    return why;
}

enum sim_stop script_last(void)
{
    return host.last;
}

int script_end(enum sim_stop why)
{
    if (host.L && !host.failed)
        event_end(sim_stop_name(why));
    return host.failed ? -1 : 0;
}

/* ---- life ---- */

static int open_parts(lua_State *L)
{
    luaL_checkversion(L);
    sandbox_libraries(L);
    lua_newtable(L);
#define PART(name) open_##name(L);
    PARTS(PART)
#undef PART
    lua_pushvalue(L, -1);
    lua_setglobal(L, "flatfish");
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_insert(L, -2);
    lua_setfield(L, -2, "flatfish");
    host.callbacks = lua_newthread(L);
    luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushcfunction(host.callbacks, on_error);
    record_open(host.callbacks);
    return 0;
}

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
    lua_pushcfunction(L, open_parts);
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

    script_reads(path);
    arguments(L, path, argc, argv);
    sandbox_script(L, path);
    lua_settop(L, 0);
    lua_pushcfunction(L, on_error);
    bad = luaL_loadfilex(L, path, "t");
    guard_active = true;
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

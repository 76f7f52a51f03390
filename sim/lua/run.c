/* sim/lua/run.c -- the machine runs and calls Lua: call-backs, timers that are due, what ends a
 * run.
 *
 * Invariant: Lua code is called from inside the machine only by call() here, on the call-back
 * thread and protected, so a mistake never unwinds through the machine. SPDX-License-Identifier:
 * MIT */
#include "sim/event.h"
#include "sim/lua/host.h"

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
    if (host.config.stands)
        host.config.stands();
    guard_leave_machine();
    host.running = false;
    host.last = why;
    return why;
}

bool script_running(void)
{
    return host.running;
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

/* sim/lua/control.c -- driving the machine: run, step, step_crossing, goto, snapshot, stop, input.
 * None of these may be called from a call-back, but stop() and input(); those that run return why
 * the machine stands. `goto` is a word of Lua, so the function is also called goto_.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/event.h"
#include "sim/lua/host.h"
#include "sim/snap.h"

enum { SNAPSHOTS_SANDBOX = 16 };

static uint64_t after(uint64_t n)
{
    uint64_t until;

    return __builtin_add_overflow(sim_icount(), n, &until) ? UINT64_MAX : until;
}

static int drive(lua_State *L, uint64_t until)
{
    enum sim_stop why = script_run(until);

    if (host.failed)
        return luaL_error(L, "%s", host.message);
    if (host.outside)
        return luaL_error(L, "the run was ended from outside");
    lua_pushstring(L, host.stopped && why == SIM_STOP_REQUEST ? "stopped" : sim_stop_name(why));
    lua_pushinteger(L, (lua_Integer)sim_icount());
    return 2;
}

/* run(): until the machine ends or stop(). run(n): n instructions. run{to=count} */
static int l_flatfish_run(lua_State *L)
{
    uint64_t until = UINT64_MAX;

    host_need_standing(L);
    if (lua_istable(L, 1)) {
        lua_getfield(L, 1, "to");
        if (lua_isnil(L, -1))
            return luaL_error(L, "run{to = count}: it has no `to`");
        until = check_count(L, lua_gettop(L));
    } else if (!lua_isnoneornil(L, 1)) {
        until = after(check_count(L, 1));
    }
    return drive(L, until);
}

static int l_flatfish_step(lua_State *L)
{
    host_need_standing(L);
    return drive(L, after(lua_isnoneornil(L, 1) ? 1 : check_count(L, 1)));
}

/* ---- to the next crossing ---- */

struct wanted {
    struct filter *filter;
    uint64_t kinds;
    bool met;
    struct trace_record at;
};

static void on_crossing(void *ctx, const struct trace_record *r)
{
    struct wanted *w = ctx;

    if (w->met || !filter_meets(w->filter, r))
        return;
    w->met = true;
    w->at = *r;
    sim_stop_request();
}

static void push_record(lua_State *L, const struct trace_record *r)
{
    lua_createtable(L, 0, FIELDS);
    for (int f = 0; f < FIELDS; f++) {
        field_push(L, (enum field)f, field_get((enum field)f, r));
        lua_setfield(L, -2, field_names[f]);
    }
}

/* step_crossing([filter]): the event as a table, or nil and why the machine stands. */
static int l_flatfish_step_crossing(lua_State *L)
{
    struct wanted w = {.met = false};
    uint64_t kinds = 0;
    enum sim_stop why;
    int id;

    host_need_standing(L);
    w.filter = filter_make(L, 1);
    for (unsigned k = 1; k < TRACE_KINDS; k++)
        kinds |= kind_crosses(k) ? 1ull << k : 0;
    id = sim_listen(kinds & filter_kinds(w.filter), on_crossing, &w);
    why = id < 0 ? SIM_STOP_PANIC : script_run(UINT64_MAX);
    sim_unlisten(id);
    filter_free(w.filter);
    if (id < 0)
        return luaL_error(L, "%s", sim_error());
    if (host.failed || host.outside)
        return luaL_error(L, "%s", host.failed ? host.message : "the run was ended from outside");
    if (!w.met) {
        lua_pushnil(L);
        lua_pushstring(L, sim_stop_name(why));
        return 2;
    }
    push_record(L, &w.at);
    return 1;
}

/* ---- going back ---- */

static int failure(lua_State *L)
{
    lua_pushnil(L);
    lua_pushstring(L, sim_error());
    return 2;
}

static int l_flatfish_goto(lua_State *L)
{
    uint64_t to = check_count(L, 1);

    host_need_standing(L);
    guard_machine_too();
    guard_enter_machine();
    int bad = sim_goto(to);
    guard_leave_machine();
    if (bad != 0)
        return failure(L);
    lua_pushboolean(L, true);
    return 1;
}

/* A snapshot is a process and memory: not without end in the sandbox. */
static void snapshot_allowed(lua_State *L, lua_Integer more)
{
    if (host.config.sandbox && (lua_Integer)sim_snapshot_count() + more > SNAPSHOTS_SANDBOX)
        luaL_error(L, "the sandbox has at most %d snapshots", SNAPSHOTS_SANDBOX);
}

static int l_flatfish_snapshot(lua_State *L)
{
    int id;

    host_need_standing(L);
    snapshot_allowed(L, 1);
    id = sim_snapshot();
    if (id < 0)
        return failure(L);
    lua_pushinteger(L, id);
    return 1;
}

/* snapshots(max [, MiB]): from now on by themselves; 0 = off. */
static int l_flatfish_snapshots(lua_State *L)
{
    lua_Integer max = luaL_checkinteger(L, 1), mib = luaL_optinteger(L, 2, 1024);

    host_need_standing(L);
    luaL_argcheck(L, max >= 0 && max <= 1000, 1, "0 to 1000");
    luaL_argcheck(L, mib >= 1 && mib < 1 << 20, 2, "MiB of memory");
    snapshot_allowed(L, max);
    if (sim_snapshot_schedule((unsigned)max, max ? (uint64_t)mib << 20 : 0) != 0)
        return failure(L);
    lua_pushboolean(L, true);
    return 1;
}

/* ---- small things ---- */

/* stop([exit code]) */
static int l_flatfish_stop(lua_State *L)
{
    lua_Integer code = luaL_optinteger(L, 1, -1);

    host_need_machine(L);
    luaL_argcheck(L, code >= -1 && code <= 255, 1, "an exit code is 0 to 255");
    if (code >= 0)
        host.stop_code = (int)code;
    host.stopped = true;
    sim_stop_request();
    return 0;
}

/* quit(code): the script ends at once, with this exit code and no error. */
static int l_flatfish_quit(lua_State *L)
{
    lua_Integer code = luaL_optinteger(L, 1, 0);

    luaL_argcheck(L, code >= 0 && code <= 255, 1, "an exit code is 0 to 255");
    if (host.calling)
        return luaL_error(L, "quit() in a call-back: use stop(code)");
    host.stop_code = (int)code;
    host.stopped = host.quit = true;
    return luaL_error(L, "quit");
}

/* input(text [, at ticks]) */
static int l_flatfish_input(lua_State *L)
{
    size_t n;
    const char *text = luaL_checklstring(L, 1, &n);
    int bad;

    host_need_machine(L);
    guard_machine_too();
    if (lua_isnoneornil(L, 2))
        bad = sim_console_input((const uint8_t *)text, n);
    else
        bad = sim_console_input_at(check_count(L, 2), (const uint8_t *)text, n);
    if (bad != 0)
        return failure(L);
    lua_pushboolean(L, true);
    return 1;
}

static int l_flatfish_icount(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)sim_icount());
    return 1;
}

static int l_flatfish_ticks(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)sim_ticks());
    return 1;
}

static int l_flatfish_exit_code(lua_State *L)
{
    lua_pushinteger(L, sim_exit_code());
    return 1;
}

static int l_flatfish_where(lua_State *L)
{
    char text[256];

    host_where(text, sizeof text);
    lua_pushstring(L, text);
    return 1;
}

void open_control(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"run", l_flatfish_run},
        {"step", l_flatfish_step},
        {"step_crossing", l_flatfish_step_crossing},
        {"goto", l_flatfish_goto},
        {"goto_", l_flatfish_goto},
        {"snapshot", l_flatfish_snapshot},
        {"snapshots", l_flatfish_snapshots},
        {"stop", l_flatfish_stop},
        {"quit", l_flatfish_quit},
        {"input", l_flatfish_input},
        {"icount", l_flatfish_icount},
        {"ticks", l_flatfish_ticks},
        {"exit_code", l_flatfish_exit_code},
        {"where", l_flatfish_where},
        {NULL, NULL},
    };

    luaL_setfuncs(L, functions, 0);
}

/* sim/lua/timer.c -- flatfish.at(instruction, fn) and every(n, fn): exact, by instruction count.
 * The machine is run in stretches that end where the next one is due (script_run). Going back in
 * time does not plan past ones again; every() goes on from where the machine is.
 * SPDX-License-Identifier: MIT */
#include "sim/lua/host.h"

static struct hook *hooks;

uint64_t timer_due(void)
{
    uint64_t due = UINT64_MAX;

    for (struct hook *h = hooks; h; h = h->next)
        if (h->ref != LUA_NOREF && h->due < due)
            due = h->due;
    return due;
}

static void off(struct hook *h)
{
    hook_drop(h);
}

void timer_fire(void)
{
    uint64_t now = sim_icount();

    for (struct hook *h = hooks; h; h = h->next) {
        if (h->ref == LUA_NOREF || h->due > now)
            continue;
        int ref = h->ref;
        if (h->period)
            h->due = now + h->period - (now - h->due) % h->period;
        else
            h->due = UINT64_MAX;
        host_call_number(ref, (lua_Integer)now);
        if (!h->period && h->ref != LUA_NOREF)
            hook_drop(h);
    }
    hook_sweep(&hooks);
}

static int plan(lua_State *L, uint64_t due, uint64_t period)
{
    struct hook *h;

    hook_sweep(&hooks);
    h = hook_push(L, 2, off);
    h->due = due;
    h->period = period;
    h->next = hooks;
    hooks = h;
    if (host.running) {
        host.replan = true;
        sim_stop_request();
    }
    return 1;
}

static int l_flatfish_at(lua_State *L)
{
    uint64_t at = check_count(L, 1);

    if (at < sim_icount())
        return luaL_error(L, "at(%I): the machine is at %I already", (LUAI_UACINT)at,
                          (LUAI_UACINT)sim_icount());
    return plan(L, at, 0);
}

static int l_flatfish_every(lua_State *L)
{
    uint64_t n = check_count(L, 1);

    luaL_argcheck(L, n > 0 && n < 1ull << 62, 1, "a number of instructions, 1 or more");
    return plan(L, sim_icount() + n, n);
}

void close_timer(void)
{
    for (struct hook *h = hooks; h; h = h->next)
        hook_drop(h);
    hook_sweep(&hooks);
}

void open_timer(lua_State *L)
{
    lua_pushcfunction(L, l_flatfish_at);
    lua_setfield(L, -2, "at");
    lua_pushcfunction(L, l_flatfish_every);
    lua_setfield(L, -2, "every");
}

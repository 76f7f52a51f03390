/* sim/lua/guard.c -- limits, so that no script can hang or eat the machine it runs on.
 *
 * Three nets, one below the other. A hook every so many Lua instructions ends a call-back (in the
 * sandbox, the script too) that has run too long; from then on the hook comes at every instruction,
 * so no pcall() can hold the error. The allocator refuses what is over the limit. And because
 * neither sees C functions (patterns, sorting, finalizers run without hooks), a timer on CPU time
 * looks every fifth of a second whether the same stretch of Lua still runs, and if so ends the
 * process with one line: nothing else could be trusted then. Cost of all this for a call-back: one
 * addition. SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/event.h"
#include "sim/lua/host.h"

enum {
    PERIOD = 100000,       /* Lua instructions between two looks */
    PERIOD_SANDBOX = 1000, /* ... so that short-lived coroutines, too, are seen */
    STEPS = 200000000,     /* of one call-back, by default */
    STEPS_SANDBOX = 200000000,
    SECONDS_STUCK = 10, /* CPU seconds that one C function may take */
    SECONDS_STUCK_SANDBOX = 3,
    SECONDS_SANDBOX = 60, /* ... and a sandboxed script in all */
    LOOKS = 5             /* a second */
};
#define BYTES_SANDBOX (256ull << 20)
#define BYTES         (4096ull << 20)

uint64_t guard_calls;
bool guard_active;
volatile bool guard_choosing;

static struct {
    uint64_t bytes, most;  /* memory */
    uint64_t steps, limit; /* of the call-back `call`, or of the script */
    uint64_t call, beats;  /* beats: hooks so far */
    bool exceeded;
    unsigned depth;   /* machine runs inside Lua code */
    bool machine_too; /* the machine runs on the script's time */
    timer_t timer;
    bool ticking;
    /* what the timer saw */
    uint64_t seen_call, seen_beats;
    unsigned ending, still, total, still_most, total_most;
} guard;

bool guard_exceeded(void)
{
    return guard.exceeded;
}

/* ---- memory ---- */

void *guard_alloc(void *ud, void *p, size_t old, size_t n)
{
    (void)ud;
    if (!p)
        old = 0;
    if (n == 0) {
        free(p);
        guard.bytes -= old;
        return NULL;
    }
    if (guard.most && n > old && guard.bytes + (n - old) > guard.most)
        return NULL;
    p = realloc(p, n);
    if (p)
        guard.bytes += n - old;
    return p;
}

/* ---- instructions ---- */

static int period(void)
{
    return host.config.sandbox ? PERIOD_SANDBOX : PERIOD;
}

static void on_period(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    guard.beats++;
    if (guard.exceeded)
        luaL_error(L, "stopped: still running over its limit");
    if (host.config.ended && host.config.ended()) {
        host.outside = true;
        luaL_error(L, "the run was ended from outside");
    }
    if (!host.calling && !host.config.sandbox)
        return; /* a script's own loop may last */
    if (guard.call != guard_calls && !host.config.sandbox) {
        guard.call = guard_calls;
        guard.steps = 0;
    }
    guard.steps += period();
    if (guard.steps <= guard.limit)
        return;
    guard.exceeded = true;
    lua_sethook(L, on_period, LUA_MASKCOUNT, 1);
    lua_sethook(host.L, on_period, LUA_MASKCOUNT, 1);
    if (host.callbacks)
        lua_sethook(host.callbacks, on_period, LUA_MASKCOUNT, 1);
    luaL_error(L, "%s does not end: stopped after %I Lua instructions",
               host.calling ? "this call-back" : "the script", (LUAI_UACINT)guard.steps);
}

void guard_thread(lua_State *L)
{
    lua_sethook(L, on_period, LUA_MASKCOUNT, period());
}

/* ---- CPU time ---- */

/* In a signal handler: no stdio. */
static char *add(char *to, const char *end, const char *text)
{
    while (*text && to < end)
        *to++ = *text++;
    return to;
}

/* "flatfish: script: NAME: TEXT, at instruction N", and the process ends. */
static void say_and_exit(const char *text)
{
    char line[512], digits[24], *end = line + sizeof line - 1, *to = line;
    char *digit = digits + sizeof digits - 1;
    uint64_t n = sim_icount();

    *digit = 0;
    do
        *--digit = (char)('0' + n % 10);
    while (n /= 10);
    to = add(to, end, "flatfish: script: ");
    to = add(to, end, host.path ? host.path : "prompt");
    to = add(to, end, ": ");
    to = add(to, end, text);
    to = add(to, end, ", at instruction ");
    to = add(to, end, digit);
    *to++ = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, (size_t)(to - line));
    (void)ignored;
    _exit(EXIT_FAILURE);
}

static void on_look(int signal)
{
    (void)signal;
    if (!guard_active && !guard_choosing && !(guard.machine_too && (guard.depth || host.running)))
        return;
    guard.total++;
    if (host.config.sandbox && guard.total > guard.total_most)
        say_and_exit("its CPU time is over (--sandbox)");
    if (!guard_active)
        return;
    if (host.config.ended && host.config.ended() && ++guard.ending > LOOKS)
        say_and_exit("ended from outside while a library function ran");
    if (guard.seen_call != guard_calls || guard.seen_beats != guard.beats ||
        !(host.calling || host.config.sandbox)) {
        guard.seen_call = guard_calls;
        guard.seen_beats = guard.beats;
        guard.still = 0;
    }
    unsigned most = guard.exceeded ? LOOKS : guard.still_most;
    if (++guard.still > most)
        say_and_exit("stopped: a library function or finalizer does not end");
}

static void look_start(void)
{
    struct sigaction act = {.sa_handler = on_look, .sa_flags = SA_RESTART};
    struct sigevent how = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM};
    struct itimerspec every = {{0, 1000000000 / LOOKS}, {0, 1000000000 / LOOKS}};

    sigaction(SIGVTALRM, &act, NULL);
    if (timer_create(CLOCK_PROCESS_CPUTIME_ID, &how, &guard.timer) != 0)
        return;
    timer_settime(guard.timer, 0, &every, NULL);
    guard.ticking = true;
}

void guard_forked(void)
{
    guard.ticking = false;
    look_start();
}

void guard_machine_too(void)
{
    guard.machine_too = host.config.sandbox;
}

void guard_enter_machine(void)
{
    if (guard_active) {
        guard_active = false;
        guard.depth++;
    }
}

void guard_leave_machine(void)
{
    if (guard.depth) {
        guard.depth--;
        guard_active = true;
    }
}

void guard_open(lua_State *L)
{
    const struct script_config *c = &host.config;

    guard.most = c->limit_bytes ? c->limit_bytes : c->sandbox ? BYTES_SANDBOX : BYTES;
    guard.limit = c->limit_steps ? c->limit_steps : c->sandbox ? STEPS_SANDBOX : STEPS;
    guard.still_most = LOOKS * (c->sandbox ? SECONDS_STUCK_SANDBOX : SECONDS_STUCK);
    guard.total_most = LOOKS * (c->limit_seconds ? c->limit_seconds : SECONDS_SANDBOX);
    guard_thread(L);
    look_start();
}

void guard_close(void)
{
    if (guard.ticking)
        timer_delete(guard.timer);
    memset(&guard, 0, sizeof guard);
    guard_active = false;
}

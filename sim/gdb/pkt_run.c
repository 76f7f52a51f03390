/* sim/gdb/pkt_run.c -- packets that move the machine: forwards, backwards, again from the start.
 * There is one CPU: whichever threads are told to go on, the machine does. The first action that
 * steps says whose instruction is meant.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "sim/gdb/conn.h"
#include "sim/gdb/session.h"
#include "sim/snap.h"

static struct id resumed(struct session *s)
{
    struct id id = s->resumed;

    if (id.pid > 0 && id.tid <= 0)
        id = target_thread_of(id.pid);
    return id.pid > 0 && id.tid > 0 ? id : s->stopped;
}

/* GDB says whom it waits for by Hc when it goes back. */
static void scope_of_resumed(struct session *s)
{
    s->scope = s->resumed.pid;
}

/* `monitor to`: an ordinary stop tells GDB that the machine has moved. */
static void run_errand(struct session *s)
{
    const char *why = resume_goto(s->errand_icount);

    s->errand = NO_ERRAND;
    s->end_told = false;
    s->scope = PID_ALL;
    s->stop = (struct stop){.kind = STOP_PLAIN, .id = target_running()};
    if (why)
        snprintf(s->stop.text, sizeof s->stop.text, "%.150s", why);
    reply_moved(s);
}

static void run_on(struct session *s)
{
    if (reply_held_back(s))
        return;
    if (s->errand == ON_CONTINUE) {
        run_errand(s);
        return;
    }
    resume_continue(&s->stop);
    reply_moved(s);
}

/* Whose step is meant; tid 0 = nobody's, which has been said. */
static struct id stepped(struct session *s, struct id id)
{
    if (id.tid <= 0)
        id = id.pid > 0 ? target_thread_of(id.pid) : s->stopped;
    if (target_alive(id))
        return id;
    reply_error(s, "that thread is not there any more");
    return (struct id){0, 0};
}

static void step(struct session *s, struct id id)
{
    if (reply_held_back(s))
        return;
    if (s->errand == ON_STEP) {
        run_errand(s);
        return;
    }
    id = stepped(s, id);
    if (!id.tid)
        return;
    resume_step(id, &s->stop);
    reply_moved(s);
}

void pkt_go(struct session *s, const char *at, const char *end)
{
    uint8_t rip[8];
    uint64_t to;

    if (read_hex(&at, end, &to)) {
        memcpy(rip, &to, sizeof rip);
        register_set(resumed(s), (unsigned)register_find("rip"), rip);
    }
    run_on(s);
}

void pkt_go_signal(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    run_on(s);
}

void pkt_step(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    step(s, resumed(s));
}

void pkt_step_signal(struct session *s, const char *at, const char *end)
{
    pkt_step(s, at, end);
}

void pkt_cont_which(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    text_puts(&s->reply, "vCont;c;C;s;S;t;r");
}

struct action {
    char what;
    uint64_t low, high;
    struct id id;
};

static bool read_action(struct session *s, const char **at, const char *end, struct action *a)
{
    uint64_t signal;

    *a = (struct action){.what = *at < end ? *(*at)++ : 0, .id = {-1, -1}};
    if ((a->what == 'C' || a->what == 'S') && !read_hex(at, end, &signal))
        return false;
    if (a->what == 'r' &&
        !(read_hex(at, end, &a->low) && read_char(at, end, ',') && read_hex(at, end, &a->high)))
        return false;
    if (read_char(at, end, ':') && !read_id(s, at, end, &a->id))
        return false;
    return a->what && strchr("cCsStr", a->what);
}

/* The first action that names a step, else going on. */
static bool read_actions(struct session *s, const char *at, const char *end, struct action *chosen)
{
    struct action a;

    chosen->what = 0;
    do {
        if (!read_action(s, &at, end, &a))
            return false;
        s->scope = !chosen->what || a.id.pid == s->scope ? a.id.pid : PID_ALL;
        if (!chosen->what || (strchr("cCt", chosen->what) && strchr("sSr", a.what)))
            *chosen = a;
    } while (read_char(&at, end, ';'));
    return at == end;
}

static void step_range(struct session *s, const struct action *a)
{
    struct id id = stepped(s, a->id);

    if (!id.tid || reply_held_back(s))
        return;
    resume_range(id, a->low, a->high, &s->stop);
    reply_moved(s);
}

void pkt_cont(struct session *s, const char *at, const char *end)
{
    struct action a = {0};

    if (!read_actions(s, at, end, &a)) {
        reply_code(s, 1);
        return;
    }
    if (s->scope > 0 && !target_process(s->scope)) {
        reply_error(s, "that process is not there any more");
    } else if (a.what == 's' || a.what == 'S') {
        step(s, a.id);
    } else if (a.what == 'r') {
        step_range(s, &a);
    } else if (a.what == 't') {
        reply_stop(s);
    } else {
        run_on(s);
    }
}

void pkt_interrupt(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    reply_ok(s); /* it stands already */
}

static struct id stepped_back(struct session *s)
{
    struct id seen = s->others ? s->stopped : s->looked;

    if (s->resumed.pid > 0)
        return resumed(s);
    if (target_alive(s->mine))
        return s->mine;
    return target_alive(seen) ? seen : resumed(s);
}

void pkt_back_step(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    if (reply_held_back(s))
        return;
    scope_of_resumed(s);
    reverse_step(stepped_back(s), &s->stop);
    s->end_told = false;
    reply_moved(s);
}

void pkt_back_go(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    if (reply_held_back(s))
        return;
    if (s->errand == ON_CONTINUE) {
        run_errand(s);
        return;
    }
    scope_of_resumed(s);
    reverse_continue(&s->stop);
    s->end_told = false;
    reply_moved(s);
}

void pkt_why(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    s->stop = (struct stop){.kind = STOP_PLAIN, .id = s->stopped};
    reply_stop(s);
}

/* ---- the beginning and the end ---- */

/* Where debugging began, with the process that was killed for it: in GDB the others are still
 * there.
 */
static const char *to_start(struct session *s)
{
    const char *why = resume_goto(s->begun);

    s->end_told = s->held_back = s->killed = false;
    s->errand = NO_ERRAND;
    s->detached_n = s->again ? s->detached_n : 0;
    s->stop = (struct stop){.kind = STOP_PLAIN, .id = target_running()};
    if (s->again && target_thread_of(s->again).tid)
        s->stop.id = target_thread_of(s->again);
    session_take(s, s->stop.id.pid);
    s->again = 0;
    return why;
}

void pkt_restart(struct session *s, const char *at, const char *end)
{
    const char *why = to_start(s);

    (void)at, (void)end;
    if (why)
        reply_error(s, why);
    else
        reply_stop(s);
}

void pkt_restart_old(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    to_start(s);
    s->quiet = true;
}

static void end_machine(struct session *s)
{
    s->over = true;
    s->end = GDB_KILLED;
}

void pkt_kill(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    s->quiet = true;
    end_machine(s);
}

/* A nest does not lose a process without its parent's doing: one that is killed is let go of, and
 * the machine ends when none is left and the client does not begin again. */
void pkt_kill_process(struct session *s, const char *at, const char *end)
{
    uint64_t pid;

    if (!read_hex(&at, end, &pid) || at != end || !session_holds(s, (int64_t)pid)) {
        reply_error(s, "no process of that number is held");
        return;
    }
    session_let_go(s, (int64_t)pid);
    s->again = (int64_t)pid;
    s->killed = !session_holds_any(s);
    reply_ok(s);
}

/* ---- letting go: the machine runs on when no process is held any more ---- */

void pkt_detach(struct session *s, const char *at, const char *end)
{
    uint64_t pid = 0;
    bool one = read_char(&at, end, ';');

    if (one && (!read_hex(&at, end, &pid) || at != end)) {
        reply_code(s, 1);
        return;
    }
    if (one)
        session_let_go(s, (int64_t)pid);
    else
        stop_remove_of(PID_ALL);
    if (!one || !session_holds_any(s)) {
        catch_remove(-1);
        s->let_go = true;
    }
    reply_ok(s);
}

void pkt_attach(struct session *s, const char *at, const char *end)
{
    uint64_t pid;

    if (!read_hex(&at, end, &pid) || !target_thread_of((int64_t)pid).tid) {
        reply_error(s, "there is no process of that number in the nest now");
        return;
    }
    session_take(s, (int64_t)pid);
    s->stop = (struct stop){.kind = STOP_PLAIN, .id = target_thread_of((int64_t)pid)};
    reply_stop(s);
}

/* sim/gdb/session.c -- one client from its first packet to its last, and the waiting for clients.
 * A packet is looked up in packets.def and its handler fills one reply. Nothing that a client sends
 * is trusted; one that vanishes leaves the machine standing for the next.
 * SPDX-License-Identifier: MIT */
#include "sim/gdb/session.h"

#include <stdio.h>
#include <string.h>

#include "sim/gdb/conn.h"
#include "sim/regs.h"
#include "sim/snap.h"

static struct session session;
static bool pending; /* a packet has come while the machine ran */
static bool wanted;  /* somebody has to be listened to */
static bool served;  /* a client has been greeted and is not known to be gone */

static const struct {
    const char *prefix;
    packet_fn *fn;
} packets[] = {
#define PACKET(prefix, handler, text) {prefix, pkt_##handler},
#include "sim/gdb/packets.def"
#undef PACKET
};

/* ---- replies ---- */

void reply_ok(struct session *s)
{
    text_clear(&s->reply);
    text_puts(&s->reply, "OK");
}

void reply_code(struct session *s, unsigned code)
{
    text_clear(&s->reply);
    text_printf(&s->reply, "E%02x", code);
}

void reply_error(struct session *s, const char *why)
{
    text_clear(&s->reply);
    text_puts(&s->reply, "E.");
    for (; *why; why++)
        text_add(&s->reply, *why < ' ' || strchr("$#}*", *why) ? "?" : why, 1);
}

void reply_id(struct session *s, struct text *to, struct id id)
{
    if (s->multiprocess)
        text_printf(to, "p%llx.%llx", (unsigned long long)id.pid, (unsigned long long)id.tid);
    else
        text_printf(to, "%llx", (unsigned long long)(id.pid == PID_KERNEL ? PID_KERNEL : id.tid));
}

static bool read_number(const char **at, const char *end, int64_t *n)
{
    uint64_t number;

    if (read_char(at, end, '-')) {
        *n = -1;
        return read_hex(at, end, &number);
    }
    if (!read_hex(at, end, &number) || number > INT64_MAX)
        return false;
    *n = (int64_t)number;
    return true;
}

struct owner {
    int64_t tid;
    struct id id;
};

static bool take_owner(void *ctx, struct id id)
{
    struct owner *o = ctx;

    if (id.pid != PID_KERNEL && id.tid == o->tid)
        o->id = id;
    return !o->id.tid;
}

/* A client that knows no processes gives the thread only. */
static struct id alone(int64_t tid)
{
    struct owner o = {tid, {PID_KERNEL, 0}};

    if (tid <= 0)
        return (struct id){tid, tid};
    if (tid != PID_KERNEL)
        target_threads(take_owner, &o);
    return o.id.tid ? o.id : (struct id){PID_KERNEL, 1};
}

bool read_id(struct session *s, const char **at, const char *end, struct id *id)
{
    (void)s;
    if (!read_char(at, end, 'p')) {
        if (!read_number(at, end, &id->tid))
            return false;
        *id = alone(id->tid);
        return true;
    }
    id->tid = -1;
    return read_number(at, end, &id->pid) &&
           (!read_char(at, end, '.') || read_number(at, end, &id->tid));
}

struct id session_general(struct session *s)
{
    struct id id = s->general;

    if (id.pid > 0 && id.tid <= 0)
        id = target_thread_of(id.pid);
    return id.pid > 0 ? id : s->stopped;
}

static bool same(struct id a, struct id b)
{
    return a.pid == b.pid && a.tid == b.tid;
}

void session_look(struct session *s)
{
    struct id id = session_general(s);

    s->looked = id;
    if (same(id, s->stopped) || same(id, s->other))
        return;
    s->others = s->other.tid != 0;
    s->other = id;
}

/* ---- stops ---- */

static void add_register(struct text *to, struct id id, unsigned n)
{
    uint8_t value[16];

    if (!register_get(id, n, value))
        return;
    text_printf(to, "%02x:", n);
    text_hex(to, value, register_bytes(n));
    text_puts(to, ";");
}

static void add_reason(struct session *s, struct text *to)
{
    static const char *const watch[] = {[2] = "watch", [3] = "rwatch", [4] = "awatch"};

    switch (s->stop.kind) {
    case STOP_BREAK:
        text_puts(to, s->swbreak ? "swbreak:;" : "");
        return;
    case STOP_HARD:
        text_puts(to, s->hwbreak ? "hwbreak:;" : "");
        return;
    case STOP_WATCH:
        text_printf(to, "%s:%llx;", watch[s->stop.how], (unsigned long long)s->stop.addr);
        return;
    case STOP_BEGIN:
        text_puts(to, "replaylog:begin;");
        return;
    case STOP_END:
        text_puts(to, "replaylog:end;");
        return;
    case STOP_PLAIN:
    case STOP_FETCH:
    case STOP_NEW:
    case STOP_GONE:
    case STOP_CATCH:
    case STOP_INTERRUPT:
        return;
    }
}

void reply_say(struct session *s, const char *line)
{
    struct text out = {0};

    (void)s;
    text_puts(&out, "O");
    text_hex(&out, line, strlen(line));
    text_hex(&out, "\n", 1);
    conn_send(&out);
    text_free(&out);
}

/* Whose end the client wants to hear of: GDB can take it only of a process that it waits for; of
 * one that it has let go, GDB 13 breaks down. */
static bool tells_end_of(int64_t pid)
{
    return session.multiprocess && session_holds(&session, pid) &&
           (session.scope <= 0 || session.scope == pid);
}

static bool tells_start_of(int64_t pid)
{
    return session_new(&session, pid);
}

static void gone(struct session *s, int64_t pid)
{
    int code = s->stop.kind != STOP_END         ? 0
               : resume_last() == SIM_STOP_EXIT ? sim_exit_code() & 0xff
                                                : 1;

    session_forget(s, pid);
    if (s->stop.kind == STOP_END && !session_exited(s, pid) && s->exited_n < PIDS)
        s->exited[s->exited_n++] = pid;

    text_printf(&s->reply, "W%02x", code);
    if (s->multiprocess)
        text_printf(&s->reply, ";process:%llx", (unsigned long long)pid);
}

/* GDB waits for ever when it has resumed one process and hears of another: it is then told of the
 * one that it waits for, and in words of what really happened. */
static struct id in_scope(struct session *s, struct id id)
{
    char name[64], line[200];

    if (s->scope <= 0 || id.pid == s->scope)
        return id;
    if (!s->stop.text[0]) {
        target_thread_name(id, name, sizeof name);
        snprintf(line, sizeof line,
                 "stopped in %s; 'set schedule-multiple on' goes there by itself", name);
        reply_say(s, line);
    }
    s->stop.kind =
        s->stop.kind == STOP_BREAK || s->stop.kind == STOP_HARD ? STOP_PLAIN : s->stop.kind;
    return target_thread_of(s->scope);
}

static void add_place(struct session *s, struct id id)
{
    s->mine = s->looked = s->other = (struct id){0, 0};
    s->others = false;
    s->stopped = s->general = id; /* whom Hc named stays: a client says it once */
    text_puts(&s->reply, s->stop.kind == STOP_INTERRUPT ? "T02" : "T05");
    text_puts(&s->reply, "thread:");
    reply_id(s, &s->reply, id);
    text_puts(&s->reply, ";");
    add_register(&s->reply, id, (unsigned)register_find("rbp"));
    add_register(&s->reply, id, (unsigned)register_find("rsp"));
    add_register(&s->reply, id, (unsigned)register_find("rip"));
}

void reply_stop(struct session *s)
{
    struct id id = s->stop.id;

    text_clear(&s->reply);
    if ((s->stop.kind == STOP_END && s->end_told) || s->stop.kind == STOP_GONE) {
        gone(s, s->stop.kind == STOP_GONE ? id.pid : session_general(s).pid);
        return;
    }
    if (!target_alive(id))
        id = target_running();
    s->exited_n = 0;
    if (s->let_go)
        s->detached_n = 0;
    s->let_go = false;
    id = in_scope(s, session_seen(s, id));
    if (!id.tid) { /* the process that was resumed is there no more */
        gone(s, s->scope);
        return;
    }
    if (s->stop.text[0])
        reply_say(s, s->stop.text);
    s->end_told = s->stop.kind == STOP_END;
    add_place(s, id);
    add_reason(s, &s->reply);
}

/* A process that GDB 13 meets first in the list of threads at some other's stop becomes the
 * selected one, and the stop is lost. One whose thread reports a breakpoint that GDB knows nothing
 * of is only made known, with its symbols and its breakpoints, and the machine is let go on. */
static bool introduce(struct session *s)
{
    struct id id = session_stranger(s);

    if (!id.tid)
        return false;
    session_know(s, id.pid);
    add_place(s, id);
    text_puts(&s->reply, "swbreak:;");
    return true;
}

void reply_moved(struct session *s)
{
    text_clear(&s->reply);
    s->held_back = introduce(s);
    if (!s->held_back)
        reply_stop(s);
    else if (s->stop.kind == STOP_NEW)
        s->held_back = session_stranger(s).tid != 0;
}

bool reply_held_back(struct session *s)
{
    bool held = s->held_back && s->errand == NO_ERRAND;

    s->held_back = false;
    if (held)
        reply_moved(s);
    return held;
}

/* ---- packets ---- */

static packet_fn *find(const char *packet, size_t n, size_t *name)
{
    packet_fn *fn = NULL;

    *name = 0;
    for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
        size_t length = strlen(packets[i].prefix);
        if (length > *name && length <= n && memcmp(packet, packets[i].prefix, length) == 0) {
            *name = length;
            fn = packets[i].fn;
        }
    }
    return fn;
}

static void handle(struct session *s)
{
    size_t n, name;
    const char *packet = conn_packet(&n);
    packet_fn *fn = find(packet, n, &name);

    text_clear(&s->reply);
    s->quiet = false;
    s->scope = 0;
    if (fn)
        fn(s, packet + name, packet + n);
    s->goes_on = s->let_go && !s->over;
    if (!s->quiet)
        conn_send(&s->reply);
}

static void say(const char *line)
{
    if (session.config.say)
        session.config.say(line);
}

static void greet(struct session *s)
{
    struct id first = target_running();

    s->multiprocess = s->swbreak = s->hwbreak = s->comings = s->extended = s->end_told = false;
    s->held_back = s->killed = false;
    s->again = 0;
    if (!s->met)
        s->begun = sim_icount();
    s->met = true;
    s->resumed = s->mine = s->looked = s->other = (struct id){0, 0};
    s->others = false;
    s->general = s->stopped = first; /* also the first in the list: GDB wants it so */
    s->stop = (struct stop){.kind = STOP_PLAIN, .id = first};
    s->known_n = s->detached_n = s->exited_n = 0;
    s->goes_on = s->let_go = false;
    s->errand = NO_ERRAND;
    memset(s->files, 0, sizeof s->files);
    pending = wanted = false;
    served = true;
    say("a debugger has connected");
}

static void lost(struct session *s)
{
    served = false;
    if (s->killed) {
        s->over = true;
        s->end = GDB_KILLED;
    }
    stop_remove_of(PID_ALL);
    catch_remove(-1);
    s->general = (struct id){PID_KERNEL, 1};
    s->resumed = (struct id){0, 0};
    say(s->goes_on ? "the debugger has gone; the machine runs on"
                   : "the debugger has gone; the machine stands and waits for another");
}

/* Takes a client that is waiting within this time. */
static bool meet(struct session *s, int timeout_ms)
{
    if (served && !conn_connected())
        lost(s);
    if (!conn_connected() && conn_accept(timeout_ms))
        greet(s);
    return conn_connected();
}

static bool ended(const struct session *s)
{
    return s->config.ended && s->config.ended();
}

static bool wait_for_client(struct session *s)
{
    while (!meet(s, ended(s) ? 0 : 200))
        if (ended(s) || s->over)
            return false;
    return true;
}

/* A machine that was let go is only held for somebody who asks for it. */
static bool let_alone(struct session *s)
{
    if (!s->goes_on)
        return false;
    wanted = pending;
    if (!meet(s, 0) || (served && !pending && s->goes_on))
        return true;
    s->goes_on = false;
    return false;
}

enum gdb_end gdb_serve(void)
{
    struct session *s = &session;

    s->over = false;
    s->end = GDB_OVER;
    if (let_alone(s))
        return GDB_GOES_ON;
    while (!s->over && !s->goes_on && wait_for_client(s)) {
        enum conn_event event = pending ? CONN_PACKET : conn_read(200);
        pending = wanted = false;
        if (event == CONN_PACKET)
            handle(s);
        else if (ended(s))
            break;
    }
    if (s->goes_on)
        return GDB_GOES_ON;
    conn_drop();
    return s->end;
}

bool gdb_poll(void)
{
    if (wanted || !conn_wants())
        return wanted;
    if (!conn_connected()) {
        wanted = true;
        return true;
    }
    switch (conn_read(0)) {
    case CONN_NOTHING:
        return false;
    case CONN_PACKET:
        pending = true;
        break;
    case CONN_INTERRUPT:
    case CONN_LOST:
        break;
    }
    wanted = true;
    return true;
}

enum sim_stop gdb_stopped(void)
{
    return resume_last();
}

int gdb_open(const char *where, const struct gdb_config *config)
{
    session = (struct session){.config = *config};
    resume_open(config);
    lives_told(tells_start_of, tells_end_of);
    return conn_listen(where);
}

const char *gdb_address(void)
{
    return conn_address();
}

void gdb_close(void)
{
    conn_close();
    stop_remove_of(PID_ALL);
    text_free(&session.reply);
    text_free(&session.document);
}

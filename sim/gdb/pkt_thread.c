/* sim/gdb/pkt_thread.c -- packets about processes and threads.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "sim/event.h"
#include "sim/gdb/session.h"

void pkt_select(struct session *s, const char *at, const char *end)
{
    char which = at < end ? *at++ : 0;
    struct id id;

    if ((which != 'g' && which != 'c') || !read_id(s, &at, end, &id)) {
        reply_code(s, 1);
        return;
    }
    if (which == 'g')
        s->general = id; /* in any case: GDB goes on and asks, and must not get another thread's */
    if (id.pid > 0 && id.tid > 0 && !target_alive(id)) {
        reply_error(s, "that thread is not there any more");
        return;
    }
    if (which == 'c')
        s->resumed = id;
    reply_ok(s);
}

void pkt_alive(struct session *s, const char *at, const char *end)
{
    struct id id;

    if (read_id(s, &at, end, &id) && target_alive(id))
        reply_ok(s);
    else
        reply_code(s, 1);
}

void pkt_current(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    text_puts(&s->reply, "QC");
    reply_id(s, &s->reply, session_general(s));
}

static bool add_thread(void *ctx, struct id id)
{
    struct session *s = ctx;

    if (session_exited(s, id.pid) || session_hides(s, id.pid))
        return true;
    session_know(s, id.pid);
    text_puts(&s->reply, s->reply.n > 1 ? "," : "");
    reply_id(s, &s->reply, id);
    return s->reply.n < (1 << 16) - 64;
}

void pkt_threads(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    text_puts(&s->reply, "m");
    target_threads(add_thread, s);
    if (s->reply.n == 1)
        s->reply.at[0] = 'l';
}

void pkt_threads_more(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    text_puts(&s->reply, "l");
}

void pkt_thread_extra(struct session *s, const char *at, const char *end)
{
    char name[64], state[128], line[200];
    struct id id;

    if (!read_id(s, &at, end, &id)) {
        reply_code(s, 1);
        return;
    }
    target_thread_name(id, name, sizeof name);
    target_thread_state(id, state, sizeof state);
    snprintf(line, sizeof line, "%s, %s", name, state);
    text_hex(&s->reply, line, strlen(line));
}

void pkt_thread_events(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    reply_ok(s); /* threads come and go in the list, seen at every stop */
}

void pkt_attached(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    text_puts(&s->reply, s->config.owned ? "0" : "1");
}

/* ---- documents, read in pieces ---- */

static void give_piece(struct session *s, const char *at, const char *end)
{
    uint64_t from, n;

    text_clear(&s->reply);
    if (!read_hex(&at, end, &from) || !read_char(&at, end, ',') || !read_hex(&at, end, &n)) {
        reply_code(s, 1);
        return;
    }
    if (!text_good(&s->document) || from > s->document.n) {
        reply_code(s, 1);
        return;
    }
    size_t left = s->document.n - (size_t)from;
    size_t piece = n < left ? (size_t)n : left;
    piece = piece < 1 << 14 ? piece : 1 << 14;
    text_puts(&s->reply, piece < left ? "m" : "l");
    if (piece)
        text_escape(&s->reply, s->document.at + from, piece);
}

static bool from_start(const char *at, const char *end)
{
    return end - at >= 2 && at[0] == '0' && at[1] == ',';
}

void pkt_features(struct session *s, const char *at, const char *end)
{
    static const char name[] = "target.xml:";

    if ((size_t)(end - at) < sizeof name - 1 || memcmp(at, name, sizeof name - 1) != 0) {
        reply_code(s, 0);
        return;
    }
    text_clear(&s->document);
    text_puts(&s->document, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
                            "<target><architecture>i386:x86-64</architecture>");
    register_xml(&s->document);
    text_puts(&s->document, "</target>");
    give_piece(s, at + sizeof name - 1, end);
}

/* GDB 13 keeps one map for all processes and reaches nothing outside it, so this one says what is
 * true of each at any time: the two halves of canonical addresses. A PC decides for itself how wide
 * its addresses are. */
void pkt_memory_map(struct session *s, const char *at, const char *end)
{
    static const char memory[] = "<memory type=\"ram\" start=\"0x%llx\" length=\"0x%llx\"/>";
    uint64_t half = sim_debug_block() ? 1ull << 47 : 1ull << 63;

    if (at == end || *at++ != ':') {
        reply_code(s, 0);
        return;
    }
    text_clear(&s->document);
    text_puts(&s->document, "<?xml version=\"1.0\"?><!DOCTYPE memory-map PUBLIC "
                            "\"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\" "
                            "\"http://sourceware.org/gdb/gdb-memory-map.dtd\"><memory-map>");
    text_printf(&s->document, memory, 0ull, (unsigned long long)half);
    text_printf(&s->document, memory, (unsigned long long)-half, (unsigned long long)half);
    text_puts(&s->document, "</memory-map>");
    give_piece(s, at, end);
}

static bool add_thread_xml(void *ctx, struct id id)
{
    struct session *s = ctx;
    char name[64], state[128];

    if (session_exited(s, id.pid) || session_hides(s, id.pid))
        return true;
    session_know(s, id.pid);
    target_thread_name(id, name, sizeof name);
    target_thread_state(id, state, sizeof state);
    text_puts(&s->document, "<thread id=\"");
    reply_id(s, &s->document, id);
    text_puts(&s->document, "\" core=\"0\" name=\"");
    text_xml(&s->document, name);
    text_puts(&s->document, "\">");
    text_xml(&s->document, state);
    text_puts(&s->document, "</thread>");
    return true;
}

void pkt_threads_xml(struct session *s, const char *at, const char *end)
{
    if (!read_char(&at, end, ':')) {
        reply_code(s, 0);
        return;
    }
    if (from_start(at, end)) {
        text_clear(&s->document);
        text_puts(&s->document, "<?xml version=\"1.0\"?><threads>");
        target_threads(add_thread_xml, s);
        text_puts(&s->document, "</threads>");
    }
    give_piece(s, at, end);
}

void pkt_exec_file(struct session *s, const char *at, const char *end)
{
    char path[64];
    uint64_t pid = (uint64_t)session_general(s).pid;

    read_hex(&at, end, &pid);
    if (!read_char(&at, end, ':') || !target_exec_file((int64_t)pid, path, sizeof path)) {
        reply_code(s, 1);
        return;
    }
    text_clear(&s->document);
    text_puts(&s->document, path);
    give_piece(s, at, end);
}

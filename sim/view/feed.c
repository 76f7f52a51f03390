/* sim/view/feed.c -- see feed.h.
 * The events of the last moment lie in a ring, which costs the machine next to nothing; at every
 * tick the newest of them are sent, and always the whole account. Invariant: `from` is a place up
 * to which the viewer was told, with `whole` saying that the ring has every event since then, as
 * far as it kept them. SPDX-License-Identifier: MIT */
#include "sim/view/feed.h"

#include <string.h>

#include "sim/event.h"
#include "sim/regs.h"
#include "sim/trace/ring.h"
#include "sim/view/wire.h"

enum { ROWS = 4096, LABELS = 1024, BACKLOG = 2 << 20 };

static struct {
    struct ring ring;
    uint64_t last;            /* icount of the last event taken */
    uint64_t sent;            /* of ring.seen */
    struct trace_record runs; /* it: says who runs since then, as the account has it */
    bool whole;
    struct view_events at; /* where the viewer was told up to, and who ran there */
    uint64_t dropped;
    struct sim_space told[SIM_SPACES];
    unsigned labels; /* of which the viewer knows */
} feed;

static void take(void *ctx, const struct trace_record *r, size_t n)
{
    (void)ctx;
    if (n && r->icount < feed.last) { /* it has gone back */
        feed.ring.seen = feed.sent = 0;
        feed.whole = false;
    }
    ring_take(&feed.ring, r, n);
    if (n) {
        feed.last = r[n - 1].icount;
        feed.runs = r[n - 1];
    }
}

static struct trace_record *room(void *ctx)
{
    (void)ctx;
    return ring_room(&feed.ring);
}

int feed_open(void)
{
    struct sim_sink sink = {.take = take, .room = room, .ctx = &feed, .goes_back = true};

    memset(&feed, 0, sizeof feed);
    if (ring_open(&feed.ring, FEED_KEPT) != 0)
        return sim_fail("no memory for the viewer's events");
    feed_moved();
    if (sim_sink_add(&sink) != 0)
        return -1;
    return 0;
}

void feed_close(void)
{
    if (!feed.ring.record)
        return;
    sim_sink_remove(&feed);
    ring_close(&feed.ring);
}

uint64_t feed_dropped(void)
{
    return feed.dropped;
}

static void here(struct view_events *at)
{
    uint32_t thread;

    at->from = at->to = sim_icount();
    if (feed.ring.seen) {
        at->domain = feed.runs.to;
        at->behalf = feed.runs.behalf;
        at->thread = feed.runs.thread;
        return;
    }
    at->domain = (uint16_t)sim_domain_now();
    at->behalf = (uint16_t)sim_behalf_now(&thread);
    at->thread = thread;
}

void feed_moved(void)
{
    sim_event_flush();
    feed.ring.seen = feed.sent = feed.last = 0;
    feed.whole = true;
    here(&feed.at);
}

/* ---- sending ---- */

static void send_spaces(void)
{
    for (unsigned i = 0; i < sim_space_count(); i++) {
        const struct sim_space *s = sim_space(i);
        struct view_space v;
        if (!s || memcmp(s, &feed.told[i], sizeof *s) == 0)
            continue;
        v = (struct view_space){s->cr3, i, s->id, s->parent, s->level, s->live, 0};
        wire_begin(VIEW_SPACE);
        wire_put(&v, sizeof v);
        wire_put(s->name, strnlen(s->name, sizeof s->name));
        if (wire_end())
            feed.told[i] = *s;
    }
}

static void send_labels(void)
{
    for (const char *text; feed.labels + 1 < LABELS && (text = sim_label(feed.labels + 1));) {
        struct view_label v = {.id = feed.labels + 1};
        wire_begin(VIEW_LABEL);
        wire_put(&v, sizeof v);
        wire_put(text, strlen(text));
        if (!wire_end())
            return;
        feed.labels++;
    }
}

static void send_sums(void)
{
    static struct sim_charge rows[ROWS];
    struct view_sums sums = {.icount = sim_icount()};
    size_t n = sim_charges(rows, ROWS);

    wire_begin(VIEW_SUMS);
    wire_put(&sums, sizeof sums);
    for (size_t i = 0; i < n && i < ROWS; i++) {
        struct view_row row = {rows[i].instructions, rows[i].entries, rows[i].domain,
                               rows[i].behalf, 0};
        wire_put(&row, sizeof row);
    }
    wire_end();
}

/* The last n records of the ring. */
static void put_newest(size_t n)
{
    struct ring_part part[2];
    size_t kept = (size_t)ring_parts(&feed.ring, part), skip = kept - n;

    for (int i = 0; i < 2; i++) {
        size_t over = skip < part[i].n ? skip : part[i].n;
        wire_put(part[i].r + over, (part[i].n - over) * sizeof *part[i].r);
        skip -= over;
    }
}

static const struct trace_record *newest(size_t n)
{
    struct ring_part part[2];

    ring_parts(&feed.ring, part);
    return n <= part[1].n ? part[1].r + (part[1].n - n) : part[0].r + (part[0].n - (n - part[1].n));
}

static void send_events(size_t most)
{
    uint64_t fresh = feed.ring.seen - feed.sent;
    size_t n = fresh < most ? (size_t)fresh : most;
    struct view_events e = feed.at;

    e.to = sim_icount();
    if ((n < fresh || !feed.whole) && n) {
        const struct trace_record *first = newest(n);
        e.from = first->icount;
        e.domain = first->from;
        e.behalf = first->from >> 1;
        e.thread = 0;
    }
    feed.dropped += fresh - n;
    if (n || feed.whole) {
        wire_begin(VIEW_EVENTS);
        wire_put(&e, sizeof e);
        put_newest(n);
        if (!wire_end())
            feed.dropped += n;
    }
    here(&feed.at);
    feed.sent = feed.ring.seen;
    feed.whole = true;
}

bool feed_send(size_t most)
{
    sim_event_flush();
    if (wire_flush() > BACKLOG) /* it is slow: what comes stays in the ring, or is dropped */
        return false;
    send_spaces();
    send_labels();
    send_events(most < FEED_KEPT ? most : FEED_KEPT);
    send_sums();
    return true;
}

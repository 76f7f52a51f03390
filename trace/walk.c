/* trace/walk.c -- see walk.h.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "trace/walk.h"

enum { PROGRESS_EVENTS = 1 << 15 };

void walk_begin(struct walk *w, struct trace_reader *t, const struct trace_pick *pick)
{
    const struct trace_facts *f = trace_facts(t);
    uint64_t start = f->dropped ? f->first : f->start;

    *w = (struct walk){.reader = t, .pick = *pick};
    w->now.begin = start > pick->from ? start : pick->from;
    if (pick->from)
        trace_read_seek(t, pick->from);
    else
        trace_read_packets(t, 0, SIZE_MAX);
}

void walk_resume(struct walk *w, struct trace_reader *t, size_t n, const struct trace_span *now)
{
    *w = (struct walk){.reader = t, .pick = {.to = UINT64_MAX, .kinds = UINT64_MAX}, .now = *now};
    w->known = now->by.kind != 0;
    trace_read_packets(t, n, SIZE_MAX);
}

/* The range ends where it was asked to, or with the last event. */
static bool walk_end(struct walk *w)
{
    uint64_t last = trace_facts(w->reader)->last;

    w->done = w->now;
    w->done.end = w->pick.to < last ? w->pick.to : last;
    if (w->done.end < w->done.begin)
        w->done.end = w->done.begin;
    return false;
}

static void tell_progress(const struct walk *w)
{
    uint64_t bytes = trace_facts(w->reader)->bytes;

    if (w->pick.progress && w->events % PROGRESS_EVENTS == 0 && bytes)
        w->pick.progress(w->pick.ctx, (double)trace_read_offset(w->reader) / bytes);
}

bool walk_next(struct walk *w, struct trace_record *r)
{
    if (!trace_read_next(w->reader, r) || r->icount > w->pick.to)
        return walk_end(w);
    w->events++;
    tell_progress(w);
    if (!w->known) {
        w->known = true;
        w->now.by.to = r->from;
        w->now.by.behalf = r->from >> 1;
    }
    w->crossed = trace_kind_crosses(r->kind);
    if (w->crossed) {
        w->done = w->now;
        w->done.end = r->icount;
        w->now.begin = r->icount;
        w->now.by = *r;
    }
    return true;
}

const char *walk_space(const struct trace_reader *t, unsigned index, char name[WALK_NAME])
{
    const struct trace_extra *x = trace_space(t, index);

    if (x && x->text[0])
        return x->text;
    snprintf(name, WALK_NAME, "space %u", index);
    return name;
}

const char *walk_domain(const struct trace_reader *t, unsigned domain, char name[WALK_NAME])
{
    char space[WALK_NAME];

    snprintf(name, WALK_NAME, "%.70s/%s", walk_space(t, domain >> 1, space),
             domain & 1 ? "user" : "kernel");
    return name;
}

const char *walk_reason(const struct trace_record *by, char text[WALK_NAME])
{
    const char *kind = trace_kind_name(by->kind);

    if (by->kind == 0)
        snprintf(text, WALK_NAME, "start");
    else if (by->kind == TRACE_EXCEPTION)
        snprintf(text, WALK_NAME, "%s %" PRIu32 " error 0x%" PRIx32, kind, by->reason & 0xff,
                 by->reason >> 8);
    else if (TRACE_REASON_BYTES(by->kind) == 0 && by->reason == 0)
        snprintf(text, WALK_NAME, "%s", kind);
    else
        snprintf(text, WALK_NAME, "%s %" PRIu32, kind, by->reason);
    return text;
}

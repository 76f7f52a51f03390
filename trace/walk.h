/* trace/walk.h -- going through a trace, or a part of it, knowing at every event where control
 * was and for how long: what all reports are made of.
 * A *span* is the time between two crossings. Its instructions belong to the domain that the first
 * of them entered. The span before the first crossing belongs to where that one came from.
 * SPDX-License-Identifier: MIT */
#ifndef TRACE_WALK_H
#define TRACE_WALK_H

#include "trace/reader.h"

struct trace_pick {
    uint64_t from, to; /* icount, both included */
    uint64_t kinds;    /* bit 1 << kind; reports say what they leave out by it */
    /* Called every few thousand events; may be NULL. */
    void (*progress)(void *ctx, double part);
    void *ctx;
};

struct trace_span {
    uint64_t begin, end;    /* icount */
    struct trace_record by; /* the crossing that began it; kind 0: where the walk began */
};

struct walk {
    struct trace_reader *reader;
    struct trace_pick pick;
    struct trace_span now;  /* `end` is not known yet */
    struct trace_span done; /* the span that the event ended, when `crossed` */
    bool crossed;
    bool known; /* now.by is filled */
    uint64_t events;
};

void walk_begin(struct walk *w, struct trace_reader *t, const struct trace_pick *pick);
/* Goes on as a walk over everything would with the first event of packet n, when it knew that
 * `now`. */
void walk_resume(struct walk *w, struct trace_reader *t, size_t n, const struct trace_span *now);
/* The next event of the range, of any kind; false at the end, with the last span in w->done (its
 * begin may equal its end). */
bool walk_next(struct walk *w, struct trace_record *r);
static inline bool walk_picks(const struct walk *w, unsigned kind)
{
    return w->pick.kinds >> kind & 1;
}

#define WALK_NAME 80
/* "pager", or "space 7" where the trace names none; lies in `name` or in the reader. */
const char *walk_space(const struct trace_reader *t, unsigned index, char name[WALK_NAME]);
/* "pager/user" */
const char *walk_domain(const struct trace_reader *t, unsigned domain, char name[WALK_NAME]);
/* Why control came: "syscall 4", "exception 14 error 0x6", "cr3"; "start" for kind 0. */
const char *walk_reason(const struct trace_record *by, char text[WALK_NAME]);

#endif

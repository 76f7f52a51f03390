/* gui/chain.c -- follows control; see chain.h.
 * SPDX-License-Identifier: MIT */
#include "gui/chain.h"

static bool leaves_user(const struct trace_record *r)
{
    return r->from & 1 && !(r->to & 1);
}

/* ---- where it begins ---- */

struct search {
    bool faults; /* only page faults */
    uint64_t at, found;
    bool any, before;
};

static bool search_span(void *ctx, const struct trace_span *span, uint64_t begun)
{
    struct search *s = ctx;

    if (!span->by.kind || !leaves_user(&span->by) ||
        (s->faults && (span->by.kind != TRACE_EXCEPTION || (span->by.reason & 0xff) != 14)))
        return true;
    if (s->before ? begun > s->at : begun < s->at)
        return !s->before;
    s->found = begun;
    s->any = true;
    return s->before;
}

/* Goes back in ever longer stretches. */
static bool search_back(struct model *m, struct search *s)
{
    struct model_visit v = {.span = search_span, .ctx = s};

    for (uint64_t length = 1 << 14;; length *= 4) {
        uint64_t from = s->at - m->start > length ? s->at - length : m->start;
        model_visit(m, from, s->at + 1, &v);
        if (s->any || from == m->start)
            return s->any;
    }
}

bool chain_fault(struct model *m, uint64_t at, bool before, uint64_t *found)
{
    struct search s = {.faults = true, .at = before ? at - 1 : at + 1, .before = before};
    struct model_visit v = {.span = search_span, .ctx = &s};

    if (before && at <= m->start)
        return false;
    if (before)
        search_back(m, &s);
    else
        model_visit(m, s.at, UINT64_MAX, &v);
    *found = s.found;
    return s.any;
}

/* ---- the legs ---- */

struct follow {
    struct model *m;
    struct chain *c;
    unsigned crossings;
};

static bool comes_back(const struct chain *c, const struct trace_record *by)
{
    return by->to == c->cause.from &&
           (by->thread == c->cause.thread || !by->thread || !c->cause.thread);
}

static bool leg_add(void *ctx, const struct trace_span *span, uint64_t begun)
{
    struct follow *f = ctx;
    struct chain *c = f->c;
    struct chain_leg *last = c->legs ? &c->leg[c->legs - 1] : NULL;

    if (begun < c->begin)
        return true;
    if (!last)
        c->cause = span->by;
    else if (comes_back(c, &span->by))
        c->whole = true;
    c->end = c->whole ? span->begin : span->end;
    if (c->whole || ++f->crossings > CHAIN_CROSSINGS)
        return false;
    if (last && last->kernel && !(span->by.to & 1)) {
        last->end = span->end;
        last->crossings++;
        last->entity = model_charged(f->m, span->by.to, span->by.behalf);
        return true;
    }
    if (c->legs == CHAIN_LEGS)
        return false;
    c->leg[c->legs++] =
        (struct chain_leg){.by = span->by,
                           .begin = span->begin,
                           .end = span->end,
                           .entity = model_charged(f->m, span->by.to, span->by.behalf),
                           .kernel = !(span->by.to & 1),
                           .crossings = 1};
    return true;
}

bool chain_follow(struct model *m, uint64_t at, struct chain *c)
{
    struct search s = {.at = at, .before = true};
    struct follow f = {.m = m, .c = c};
    struct model_visit v = {.span = leg_add, .ctx = &f};

    c->legs = 0;
    c->whole = false;
    if (!search_back(m, &s))
        return false;
    c->begin = s.found;
    model_visit(m, c->begin, UINT64_MAX, &v);
    return c->legs > 0;
}

/* gui/live_keep.c -- stretches of events and accounts at moments, in order and bounded.
 * Invariant: stretches are sorted and no two overlap; what comes later takes the place of what was
 * known of the same time. Where there are too many events, those farthest from the machine's place
 * go; the account of their time stays. SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "gui/live_keep.h"

enum { STRETCH_MAX = 1 << 16 };

static void drop(struct live *l, size_t i)
{
    l->events -= l->stretch[i].n;
    free(l->stretch[i].record);
    memmove(&l->stretch[i], &l->stretch[i + 1], (--l->stretches - i) * sizeof *l->stretch);
}

static bool insert(struct live *l, size_t i, struct live_stretch s)
{
    if (l->stretches == l->room) {
        size_t room = l->room ? l->room * 2 : 64;
        struct live_stretch *more = realloc(l->stretch, room * sizeof *more);
        if (!more) {
            free(s.record);
            return false;
        }
        l->stretch = more;
        l->room = room;
    }
    memmove(&l->stretch[i + 1], &l->stretch[i], (l->stretches++ - i) * sizeof s);
    l->stretch[i] = s;
    l->events += s.n;
    return true;
}

/* ---- making room in time ---- */

/* How many of the first records lie before `icount`. */
static size_t before(const struct live_stretch *s, uint64_t icount)
{
    size_t low = 0, high = s->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->record[middle].icount < icount)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The part of `s` from `from` on, as a stretch of its own. */
static struct live_stretch tail(const struct live_stretch *s, uint64_t from)
{
    size_t skip = before(s, from + 1);
    struct live_stretch t = *s;

    t.from = from;
    t.n = s->n - skip;
    if (skip) {
        t.domain = s->record[skip - 1].to;
        t.behalf = s->record[skip - 1].behalf;
        t.thread = s->record[skip - 1].thread;
    }
    t.record = malloc((t.n + 1) * sizeof *t.record);
    if (t.record)
        memcpy(t.record, s->record + skip, t.n * sizeof *t.record);
    return t;
}

static void cut_end(struct live *l, struct live_stretch *s, uint64_t to)
{
    size_t n = before(s, to);

    l->events -= s->n - n;
    s->n = n;
    s->to = to;
}

/* Takes [from, to] away from what is known. */
static void clear(struct live *l, uint64_t from, uint64_t to)
{
    for (size_t i = 0; i < l->stretches; i++) {
        struct live_stretch *s = &l->stretch[i];
        struct live_stretch rest = {.record = NULL};
        if (s->to <= from || s->from >= to)
            continue;
        if (s->to > to)
            rest = tail(s, to);
        if (s->from < from)
            cut_end(l, s, from);
        else
            drop(l, i--);
        if (rest.record)
            insert(l, ++i, rest);
    }
}

static uint64_t distance(const struct live *l, size_t i)
{
    const struct live_stretch *s = &l->stretch[i];
    uint64_t now = l->state.icount;

    return now < s->from ? s->from - now : now > s->to ? now - s->to : 0;
}

static void bound(struct live *l)
{
    while (l->stretches > 1 && (l->events > LIVE_EVENTS || l->stretches > LIVE_SUMS)) {
        size_t worst = 0;
        for (size_t i = 1; i < l->stretches; i++)
            if (distance(l, i) > distance(l, worst))
                worst = i;
        drop(l, worst);
    }
}

/* ---- events ---- */

static bool sound(const struct trace_record *r, uint64_t from, uint64_t to)
{
    return r->icount >= from && r->icount <= to && r->kind > 0 && r->kind < TRACE_KINDS &&
           r->kind != TRACE_SPACE; /* names come by messages of their own */
}

static size_t copy_sound(struct trace_record *to, const uint8_t *from, size_t n,
                         const struct view_events *e)
{
    uint64_t last = e->from;
    size_t good = 0;

    for (size_t i = 0; i < n; i++) {
        memcpy(&to[good], from + i * sizeof *to, sizeof *to);
        if (!sound(&to[good], last, e->to))
            continue;
        last = to[good].icount;
        good++;
    }
    return good;
}

/* Behind what is known already, without a gap. */
static bool append(struct live *l, struct live_stretch *s, const struct live_stretch *new)
{
    struct trace_record *more;

    if (s->to != new->from || s->n + new->n > STRETCH_MAX)
        return false;
    more = realloc(s->record, (s->n + new->n + 1) * sizeof *more);
    if (!more)
        return false;
    memcpy(more + s->n, new->record, new->n * sizeof *more);
    s->record = more;
    s->n += new->n;
    s->to = new->to;
    l->events += new->n;
    free(new->record);
    return true;
}

void keep_events(struct live *l, const uint8_t *body, size_t n)
{
    struct view_events e;
    struct live_stretch s;
    size_t i = 0;

    if (n < sizeof e)
        return;
    memcpy(&e, body, sizeof e);
    n = (n - sizeof e) / sizeof *s.record;
    if (e.from > e.to || e.to > MODEL_END_MAX || e.from < l->start || (e.from == e.to && !n))
        return;
    s = (struct live_stretch){e.from, e.to, e.thread, e.domain, e.behalf, NULL, 0};
    if (!(s.record = malloc((n + 1) * sizeof *s.record)))
        return;
    s.n = copy_sound(s.record, body + sizeof e, n, &e);
    clear(l, s.from, s.to);
    while (i < l->stretches && l->stretch[i].from < s.from)
        i++;
    if (i == 0 || !append(l, &l->stretch[i - 1], &s))
        insert(l, i, s);
    bound(l);
    l->changes++;
}

/* ---- sums ---- */

static int by_icount(const struct live_sums *a, uint64_t icount)
{
    return a->icount < icount ? -1 : a->icount > icount;
}

/* Every second one goes, but the first and the last; what lies between is then known less finely.
 */
static void thin(struct live *l)
{
    size_t n = 1;

    for (size_t i = 1; i < l->sums_n; i++) {
        if (i & 1 && i + 1 < l->sums_n)
            free(l->sums[i].row);
        else
            l->sums[n++] = l->sums[i];
    }
    l->sums_n = n;
}

static struct view_row *copy_rows(const uint8_t *from, size_t n)
{
    struct view_row *row = malloc((n + 1) * sizeof *row);

    if (row)
        memcpy(row, from, n * sizeof *row);
    return row;
}

static void keep_recent(struct live *l, const struct live_sums *s)
{
    struct live_sums copy = *s;

    copy.row = copy_rows((const uint8_t *)s->row, s->rows);
    if (!copy.row)
        return;
    free(l->recent[0].row);
    l->recent[0] = l->recent[1];
    l->recent[1] = copy;
}

void keep_sums(struct live *l, const uint8_t *body, size_t n)
{
    struct view_sums head;
    struct live_sums s;
    size_t i = 0;

    if (n < sizeof head)
        return;
    memcpy(&head, body, sizeof head);
    s = (struct live_sums){.icount = head.icount, .rows = (n - sizeof head) / sizeof *s.row};
    if (s.icount > MODEL_END_MAX || s.icount < l->start ||
        !(s.row = copy_rows(body + sizeof head, s.rows)))
        return;
    keep_recent(l, &s);
    if (l->sums_n == LIVE_SUMS)
        thin(l);
    while (i < l->sums_n && by_icount(&l->sums[i], s.icount) < 0)
        i++;
    if (i < l->sums_n && l->sums[i].icount == s.icount) {
        free(s.row);
        return;
    }
    memmove(&l->sums[i + 1], &l->sums[i], (l->sums_n++ - i) * sizeof s);
    l->sums[i] = s;
    l->changes++;
}

void keep_free(struct live *l)
{
    while (l->stretches)
        drop(l, l->stretches - 1);
    free(l->stretch);
    for (size_t i = 0; i < l->sums_n; i++)
        free(l->sums[i].row);
    free(l->recent[0].row);
    free(l->recent[1].row);
}

/* gui/score_bands.c -- what stands above the lanes of a score: the whole run, the axis, measured
 * regions and markers. SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gui/notes.h"
#include "gui/score.h"

enum { BAND = 15 };

/* ---- the whole run ---- */

static void stack(struct score *s, const struct columns *c, unsigned col)
{
    double each = s->overview.w / c->cols, y = s->overview.y + s->overview.h;
    double left = round(s->overview.x + col * each);
    double right = round(s->overview.x + (col + 1) * each);

    for (unsigned level = 0; level < c->rows; level++) {
        double part =
            c->total[col] > 0 ? c->cell[(size_t)level * c->cols + col] / c->total[col] : 0;
        double h = part * s->overview.h;
        if (h < 0.3)
            continue;
        look_colour(s->cr, level);
        look_paint(s->cr, (struct rect){left, y - h, right - left, h});
        y -= h;
    }
}

static struct { /* the same in every picture of a model: the last one is kept */
    unsigned long model;
    struct columns columns;
} overview;

static bool overview_make(const struct model *m, unsigned cols)
{
    uint16_t *level_of = calloc(index_lanes(m->index) + 1, sizeof *level_of);

    columns_free(&overview.columns);
    for (unsigned i = 0; level_of && i < index_lanes(m->index); i++) {
        const struct index_lane *l = index_lane(m->index, i);
        unsigned e = model_charged(m, l->to, l->behalf);
        level_of[i] = l->what == INDEX_RUN ? score_style(m->entity[e].shade) : COLUMNS_NOWHERE;
    }
    overview.model = 0;
    if (level_of && columns_init(&overview.columns, SCORE_STYLES, cols, m->start,
                                 m->end > m->start ? m->end : m->start + 1)) {
        columns_index(&overview.columns, m, level_of, false);
        overview.model = m->number;
    }
    free(level_of);
    return overview.model != 0;
}

static void overview_columns(struct score *s)
{
    const struct model *m = s->v->model;
    unsigned cols = (unsigned)(s->overview.w / 4) + 1;

    if ((overview.model != m->number || overview.columns.cols != cols) && !overview_make(m, cols))
        return;
    cairo_save(s->cr); /* columns end where the next begin: smoothed edges would shine through */
    cairo_set_antialias(s->cr, CAIRO_ANTIALIAS_NONE);
    for (unsigned col = 0; col < cols; col++)
        stack(s, &overview.columns, col);
    cairo_restore(s->cr);
}

void score_overview(struct score *s)
{
    const struct view *v = s->v;
    double length = v->model->end > v->model->start ? v->model->end - v->model->start : 1;
    double from = s->overview.x + (v->from - v->model->start) / length * s->overview.w;
    double w = fmax(3, (v->to - v->from) / length * s->overview.w);

    overview_columns(s);
    look_ink(s->cr, &v->look, LOOK_FAINT);
    look_box(s->cr, s->overview, 0.6);
    look_text(s->cr, s->overview.x - 10, s->overview.y + s->overview.h / 2, 11, LOOK_RIGHT,
              s->overview.x - 14, "whole run");
    look_ink(s->cr, &v->look, LOOK_MARK);
    look_box(s->cr,
             (struct rect){from, s->overview.y - 2, fmin(w, s->overview.w), s->overview.h + 4}, 2);
}

/* ---- the axis ---- */

/* Near by, whole numbers from the left edge on; the edge itself is in the title. */
static void tick_text(char *text, double at, double step, double from)
{
    char rest[LOOK_NUMBER];

    if (step >= from / 1000 && step >= 1) {
        look_short(text, at);
        return;
    }
    look_short(rest, at - from);
    snprintf(text, LOOK_NUMBER, "+%.20s", rest);
}

void score_axis(struct score *s)
{
    const struct view *v = s->v;
    double y = s->overview.y + s->overview.h + 16, length = v->to - v->from;
    double step = fmax(1, look_step(length, (unsigned)(s->plot.w / 110) + 1));
    bool far = step >= v->from / 1000.0;
    double base = far ? 0 : v->from;
    double first = ceil((v->from - base) / step) * step + base;

    /* Counted, since far out in time a small step no longer changes a number. */
    for (unsigned i = 0; i < 200 && first + i * step <= v->to; i++) {
        char text[LOOK_NUMBER];
        double at = first + i * step;
        double x = score_x(s, at);
        tick_text(text, at, step, v->from);
        look_ink(s->cr, &v->look, LOOK_GRID);
        look_line(s->cr, x, y + 8, x, s->plot.y + s->plot.h, 0.6);
        look_ink(s->cr, &v->look, LOOK_FAINT);
        look_text(s->cr, x, y, 10.5, LOOK_CENTRE, 0, text);
    }
}

/* ---- notes ---- */

/* A flag on the axis, with its words. */
void score_notes(struct score *s)
{
    const struct notes *notes = s->v->notes;

    for (unsigned i = 0; notes && i < notes->n; i++) {
        const struct note *note = &notes->note[i];
        double x = score_x(s, note->at), y = s->overview.y + s->overview.h + 5;
        if (note->at < s->v->from || note->at > s->v->to)
            continue;
        look_ink(s->cr, &s->v->look, LOOK_MARK);
        look_line(s->cr, x, y, x, s->plot.y + s->plot.h, 1);
        look_paint(s->cr, (struct rect){x, y, 9, 7});
        look_tag(s->cr, (struct rect){x + 9, y, s->plot.x + s->plot.w - x - 9, 14}, 10,
                 note->words);
    }
}

/* ---- regions ---- */

static struct rect band(const struct score *s, unsigned n)
{
    return (struct rect){s->bands.x, s->bands.y + n * BAND, s->bands.w, BAND};
}

static void region_draw(struct score *s, unsigned n, double from, double to)
{
    struct rect b = band(s, n);
    double x1 = fmax(b.x, score_x(s, from)), x2 = fmin(b.x + b.w, score_x(s, to));

    if (x2 < x1)
        return;
    look_ink(s->cr, &s->v->look, LOOK_FAINT);
    look_paint(s->cr, (struct rect){x1, b.y + 4, fmax(1.5, x2 - x1), 7});
    look_line(s->cr, x1, b.y + 1, x1, b.y + BAND - 1, 1.2);
    look_line(s->cr, x2, b.y + 1, x2, b.y + BAND - 1, 1.2);
}

struct regions {
    struct score *s;
    uint16_t open[INDEX_REGIONS];
    double since[INDEX_REGIONS];
};

static bool region_event(void *ctx, const struct trace_record *r)
{
    struct regions *g = ctx;
    unsigned n = r->kind == TRACE_BEGIN || r->kind == TRACE_END
                     ? model_region(g->s->v->model, r->reason)
                     : INDEX_REGIONS;

    if (n == INDEX_REGIONS)
        return true;
    if (r->kind == TRACE_BEGIN && g->open[n]++ == 0)
        g->since[n] = r->icount;
    else if (r->kind == TRACE_END && g->open[n] && --g->open[n] == 0 && n < 6)
        region_draw(g->s, n, g->since[n], r->icount);
    return true;
}

static void regions_near(struct score *s)
{
    struct regions g = {.s = s};
    struct model_visit visit = {.event = region_event, .ctx = &g};

    model_regions(s->v->model, s->v->from, g.open);
    for (unsigned n = 0; n < INDEX_REGIONS; n++)
        g.since[n] = s->v->from;
    model_visit(s->v->model, s->v->from, s->v->to, &visit);
    for (unsigned n = 0; n < 6; n++)
        if (g.open[n])
            region_draw(s, n, g.since[n], s->v->to);
}

/* The columns in which lane `lane` has anything, as stretches. */
static void stretches(struct score *s, unsigned lane, unsigned n, bool entries,
                      void (*draw)(struct score *, unsigned, double, double))
{
    const struct model *m = s->v->model;
    uint16_t *row_of = malloc((index_lanes(m->index) + 1) * sizeof *row_of);
    struct columns c = {.rows = 0};
    double each;

    for (unsigned i = 0; row_of && i < index_lanes(m->index); i++)
        row_of[i] = i == lane ? 0 : COLUMNS_NOWHERE;
    if (row_of && columns_init(&c, 1, (unsigned)s->plot.w, s->v->from, s->v->to)) {
        columns_index(&c, m, row_of, entries);
        each = (double)(s->v->to - s->v->from) / c.cols;
        for (unsigned i = 0, first; i < c.cols; i++) {
            for (first = i; i < c.cols && c.cell[i] > 0; i++)
                ;
            if (i > first)
                draw(s, n, s->v->from + first * each, s->v->from + i * each);
        }
    }
    columns_free(&c);
    free(row_of);
}

static void band_name(struct score *s, unsigned n, const char *text)
{
    struct rect b = band(s, n);

    look_ink(s->cr, &s->v->look, LOOK_FAINT);
    look_text(s->cr, b.x - 10, b.y + BAND / 2.0, 10.5, LOOK_RIGHT, b.x - 14, text);
}

static unsigned regions(struct score *s)
{
    const struct model *m = s->v->model;
    unsigned n = 0;

    for (unsigned i = 0; i < index_lanes(m->index) && n < 6; i++) {
        const struct index_lane *l = index_lane(m->index, i);
        char text[48];
        if (l->what != INDEX_REGION)
            continue;
        if (l->id == INDEX_ANY)
            snprintf(text, sizeof text, "other regions");
        else
            snprintf(text, sizeof text, "region %u", l->id);
        band_name(s, n, text);
        if (!s->close)
            stretches(s, i, n, false, region_draw);
        n++;
    }
    if (n && s->close)
        regions_near(s);
    return n;
}

/* ---- markers ---- */

struct marks {
    struct score *s;
    unsigned n;
    double free_from; /* where the next label has room */
};

static bool mark_event(void *ctx, const struct trace_record *r)
{
    struct marks *k = ctx;
    struct rect b = band(k->s, k->n);
    double x = score_x(k->s, r->icount);
    char text[MODEL_LABEL];

    if (r->kind != TRACE_MARK)
        return true;
    look_ink(k->s->cr, &k->s->v->look, LOOK_TEXT);
    look_line(k->s->cr, x, b.y + (x < k->free_from ? BAND - 4 : 1), x, b.y + BAND, 1);
    if (x < k->free_from)
        return true;
    k->free_from = x + 9 +
                   look_text(k->s->cr, x + 3, b.y + 6, 9.5, LOOK_LEFT, 0,
                             model_mark(k->s->v->model, r->reason, text));
    return true;
}

static void mark_ticks(struct score *s, unsigned n, double from, double to)
{
    struct rect b = band(s, n);
    double x1 = score_x(s, from), x2 = score_x(s, to);

    look_ink(s->cr, &s->v->look, LOOK_TEXT);
    look_paint(s->cr, (struct rect){x1, b.y + 3, x2 - x1, BAND - 6});
}

static void marks(struct score *s, unsigned n)
{
    struct marks k = {.s = s, .n = n};
    struct model_visit visit = {.event = mark_event, .ctx = &k};
    const struct model *m = s->v->model;
    bool any = false;

    for (unsigned i = 0; i < index_lanes(m->index); i++) {
        if (index_lane(m->index, i)->what != INDEX_MARK)
            continue;
        any = true;
        if (!s->close)
            stretches(s, i, n, true, mark_ticks);
    }
    if (any)
        band_name(s, n, "markers");
    if (any && s->close)
        model_visit(s->v->model, s->v->from, s->v->to, &visit);
}

void score_bands(struct score *s)
{
    cairo_save(s->cr);
    marks(s, regions(s));
    cairo_restore(s->cr);
}

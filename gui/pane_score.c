/* gui/pane_score.c -- the score: lanes of levels and threads over instruction time.
 * From the whole run down to single crossings: far away a lane's height says which share of a
 * column it had, near by each span is a box with its reason, and arcs show control passing.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "gui/live.h"
#include "gui/pane.h"
#include "gui/score.h"

enum { LABELS = 176, OVERVIEW = 20, AXIS = 24, BAND = 15 };

unsigned score_style(unsigned level)
{
    return level ? 1 + (level - 1) % 7 : 0;
}

struct rect score_plot(struct rect r)
{
    double left = r.w > 700 ? LABELS : r.w / 4;

    r = pane_inside(r);
    return (struct rect){r.x + left, r.y, r.w - left > 15 ? r.w - left - 14 : 1, r.h};
}

/* Rows of the bands: one for marks, one for each region, as far as there are some. */
static unsigned bands(const struct model *m)
{
    unsigned marks = 0, regions = 0;

    for (unsigned i = 0; i < index_lanes(m->index); i++) {
        const struct index_lane *l = index_lane(m->index, i);
        marks |= l->what == INDEX_MARK;
        regions += l->what == INDEX_REGION;
    }
    return marks + (regions < 6 ? regions : 6);
}

void score_areas(struct score *s, struct rect r)
{
    double y, band = BAND * bands(s->v->model);

    s->plot = score_plot(r);
    y = s->plot.y;
    s->overview = (struct rect){s->plot.x, y, s->plot.w, OVERVIEW};
    y += OVERVIEW + AXIS + 6;
    s->bands = (struct rect){s->plot.x, y, s->plot.w, band};
    y += band + (band > 0 ? 4 : 0);
    s->lanes = (struct rect){s->plot.x, y, s->plot.w, s->plot.y + s->plot.h - y};
    if (s->lanes.h < 1)
        s->lanes.h = 1;
}

double score_x(const struct score *s, double icount)
{
    const struct view *v = s->v;

    return s->plot.x + (icount - (double)v->from) / (double)(v->to - v->from) * s->plot.w;
}

struct rect score_row(const struct score *s, unsigned n)
{
    const struct row *r = &s->rows.row[n];

    return (struct rect){s->lanes.x, s->lanes.y + r->y - s->v->rows_above, s->lanes.w, r->h};
}

/* The kernel's row is the last one; in the columns it has a row for each style. */
static bool score_map(struct score *s)
{
    const struct model *m = s->v->model;
    unsigned users = s->rows.n && s->rows.row[s->rows.n - 1].kernel ? s->rows.n - 1 : s->rows.n;

    s->row_of = calloc(index_lanes(m->index) + 1, sizeof *s->row_of);
    if (!s->row_of ||
        !columns_init(&s->cols, users + SCORE_STYLES, (unsigned)s->plot.w, s->v->from, s->v->to))
        return false;
    for (unsigned i = 0; i < index_lanes(m->index); i++) {
        const struct index_lane *l = index_lane(m->index, i);
        if (l->what != INDEX_RUN)
            s->row_of[i] = COLUMNS_NOWHERE;
        else if (l->to & 1)
            s->row_of[i] = rows_find(&s->rows, m, l->to, l->thread);
        else
            s->row_of[i] = users + score_style(m->entity[model_charged(m, l->to, l->behalf)].shade);
    }
    return true;
}

static bool score_begin(struct score *s, cairo_t *cr, struct view *v, struct rect r)
{
    double most;

    *s = (struct score){.cr = cr, .v = v};
    score_areas(s, r);
    if (!rows_make(&s->rows, v->model, v->threads, s->lanes.h) || !score_map(s))
        return false;
    most = s->rows.height > s->lanes.h ? s->rows.height - s->lanes.h : 0;
    if (v->rows_above > most)
        v->rows_above = most;
    s->close = (v->to - v->from) / s->cols.cols < 1ull << index_base(v->model->index);
    return true;
}

static void score_end(struct score *s)
{
    columns_free(&s->cols);
    rows_free(&s->rows);
    free(s->row_of);
}

static void draw_label(struct score *s, unsigned n)
{
    const struct row *row = &s->rows.row[n];
    struct rect r = score_row(s, n);
    const struct model_entity *e = &s->v->model->entity[row->entity];
    double left = s->plot.x - 12 - (LABELS - 24);
    char text[MODEL_LABEL + 32];

    if (left < 4)
        left = 4;
    if (s->v->entity == (int)row->entity && !row->kernel) {
        look_ink(s->cr, &s->v->look, LOOK_PANEL);
        look_paint(s->cr, (struct rect){left - 2, r.y, s->plot.x - left, r.h});
    }
    look_fill(s->cr, &s->v->look, row->kernel ? 0 : e->shade,
              (struct rect){s->plot.x - 16, r.y + 2, 10, r.h - 4});
    rows_label(&s->rows, s->v->model, n, text, sizeof text);
    look_ink(s->cr, &s->v->look, row->first ? LOOK_TEXT : LOOK_FAINT);
    look_text(s->cr, s->plot.x - 22, r.y + r.h / 2, 11.5, LOOK_RIGHT, s->plot.x - 22 - left, text);
}

static void draw_grid(struct score *s)
{
    for (unsigned n = 0; n < s->rows.n; n++) {
        struct rect r = score_row(s, n);
        if (r.y + r.h < s->lanes.y - 1 || r.y > s->lanes.y + s->lanes.h)
            continue;
        draw_label(s, n);
        look_ink(s->cr, &s->v->look, LOOK_GRID);
        look_line(s->cr, r.x, r.y + r.h, r.x + r.w, r.y + r.h, 0.6);
    }
}

static void draw_selection(struct score *s)
{
    double x = score_x(s, s->v->at);

    if (!s->v->at_known || x < s->plot.x || x > s->plot.x + s->plot.w)
        return;
    look_ink(s->cr, &s->v->look, LOOK_MARK);
    look_line(s->cr, x, s->overview.y + OVERVIEW, x, s->plot.y + s->plot.h, 1.5);
}

/* Where the machine is, of one that runs. */
static void draw_now(struct score *s)
{
    const struct live *l = s->v->live;
    double x = l ? score_x(s, (double)l->state.icount) : -1;

    if (x < s->plot.x || x > s->plot.x + s->plot.w)
        return;
    look_ink(s->cr, &s->v->look, LOOK_TEXT);
    cairo_set_dash(s->cr, (double[]){5, 3}, 2, 0);
    look_line(s->cr, x, s->overview.y + OVERVIEW, x, s->plot.y + s->plot.h, 1.5);
    cairo_set_dash(s->cr, NULL, 0, 0);
}

static void score_draw(cairo_t *cr, struct view *v, struct rect r)
{
    char note[128], from[LOOK_NUMBER], to[LOOK_NUMBER], length[LOOK_NUMBER];
    struct score s;

    look_number(from, v->from);
    look_number(to, v->to);
    look_number(length, v->to - v->from);
    if (trace_facts(v->model->reader)->events)
        snprintf(note, sizeof note, "instructions %s to %s: %s of them", from, to, length);
    else
        snprintf(note, sizeof note, "this trace has no events: nothing ran while it was made");
    pane_frame(cr, v, r, "Score", note);
    if (!score_begin(&s, cr, v, r)) {
        score_end(&s);
        return;
    }
    cairo_save(cr);
    cairo_rectangle(cr, r.x, r.y, r.w, r.h);
    cairo_clip(cr);
    score_overview(&s);
    score_axis(&s);
    score_bands(&s);
    cairo_rectangle(cr, r.x, s.lanes.y, r.w, s.lanes.h);
    cairo_clip(cr);
    draw_grid(&s);
    if (s.close)
        score_spans(&s);
    else
        columns_index(&s.cols, v->model, s.row_of, false);
    score_columns(&s);
    cairo_restore(cr);
    draw_selection(&s);
    draw_now(&s);
    score_notes(&s);
    score_end(&s);
}

/* ---- the mouse ---- */

struct under {
    struct view *v;
    double at;
    unsigned row;
    const struct score *s;
    struct trace_span span;
    uint64_t begun;
    bool found;
};

/* The span that is there; of several in one pixel, one of the row that is pointed at. */
static bool is_under(void *ctx, const struct trace_span *span, uint64_t begun)
{
    struct under *u = ctx;
    unsigned row = rows_find(&u->s->rows, u->v->model, span->by.to, span->by.thread);

    if (!u->found || row == u->row) {
        u->span = *span;
        u->begun = begun;
        u->found = true;
    }
    return row != u->row;
}

static unsigned row_at(const struct score *s, double y)
{
    for (unsigned n = 0; n < s->rows.n; n++)
        if (y < score_row(s, n).y + score_row(s, n).h)
            return n;
    return s->rows.n;
}

static bool span_at(struct view *v, struct rect r, double x, double y, struct under *u,
                    struct score *s)
{
    struct model_visit visit = {.span = is_under, .ctx = u};
    double each;
    uint64_t from;

    if (!score_begin(s, NULL, v, r))
        return false;
    each = (v->to - v->from) / s->plot.w;
    *u = (struct under){.v = v, .s = s};
    u->at = v->from + (x - s->plot.x) * each;
    u->row = row_at(s, y);
    from = u->at < v->model->start ? v->model->start : (uint64_t)u->at;
    if (!rect_has(s->lanes, x, y) || u->row >= s->rows.n || from >= v->to)
        return false;
    /* From far away a pixel may hold millions of events: look at the first of them. */
    if (each > 1ull << index_base(v->model->index))
        each = 1ull << index_base(v->model->index);
    model_visit(v->model, from, from + (uint64_t)each + 1, &visit);
    return u->found;
}

static void words_of(struct view *v, const struct under *u, char words[PANE_WORDS])
{
    const struct trace_record *by = &u->span.by;
    char reason[MODEL_LABEL], at[LOOK_NUMBER];
    unsigned charged = model_charged(v->model, by->to, by->behalf);

    model_reason(v->model, by, reason);
    look_number(at, u->begun);
    snprintf(words, PANE_WORDS,
             "%s %.40s, thread %" PRIu32 ", by %.60s at instruction %s, address 0x%" PRIx64,
             by->to & 1 ? "in" : "kernel for", v->model->entity[charged].label, by->thread, reason,
             at, by->addr);
}

static bool score_hover(struct view *v, struct rect r, double x, double y, char words[PANE_WORDS])
{
    struct under u = {.found = false};
    struct score s = {.cr = NULL};
    bool found = span_at(v, r, x, y, &u, &s);

    if (found)
        words_of(v, &u, words);
    score_end(&s);
    return found;
}

bool score_moment(struct view *v, struct rect r, double x, double y, uint64_t *at)
{
    struct under u = {.found = false};
    struct score s = {.cr = NULL};
    bool found = span_at(v, r, x, y, &u, &s) && u.span.by.to != INDEX_UNSEEN;

    *at = v->to - v->from < s.plot.w * 2 ? (uint64_t)u.at : u.begun;
    score_end(&s);
    return found;
}

static void score_click(struct view *v, struct rect r, double x, double y)
{
    struct under u = {.found = false};
    struct score s = {.cr = NULL};

    if (span_at(v, r, x, y, &u, &s))
        view_select(v, u.begun);
    else if (rect_has(s.overview, x, y))
        view_pan(v, v->model->start +
                        (x - s.overview.x) / s.overview.w * (v->model->end - v->model->start) -
                        (v->from + (v->to - v->from) / 2.0));
    score_end(&s);
}

static void score_scroll(struct view *v, double rows)
{
    v->rows_above += rows * 17;
    if (v->rows_above < 0)
        v->rows_above = 0;
}

const struct pane pane_score = {
    .name = "score",
    .title = "Score",
    .draw = score_draw,
    .hover = score_hover,
    .click = score_click,
    .scroll = score_scroll,
};

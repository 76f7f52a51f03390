/* gui/score_spans.c -- the lanes of a score: spans one by one where they are wide enough to be
 * seen, and the share of each column for all others. SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gui/score.h"

enum { ARCS_MAX = 4096, ARC_ROOM = 7 };
static const double WIDE = 1.5; /* pixels from which a span is drawn by itself */
static const double INSET = 2;  /* between a box and its lane */

/* ---- spans ---- */

struct arc {
    double x;
    unsigned from, to; /* rows */
    double room;       /* pixels to the nearest other */
};

struct spans {
    struct score *s;
    unsigned row; /* of the span before; UINT_MAX = none */
    double width;
    struct arc *arc;
    unsigned arcs;
};

static unsigned row_of_span(const struct score *s, const struct trace_record *by)
{
    return rows_find(&s->rows, s->v->model, by->to, by->thread);
}

static struct rect box_of(const struct score *s, unsigned row, double x1, double x2)
{
    struct rect r = score_row(s, row);

    return (struct rect){x1, r.y + INSET, x2 - x1, r.h - 2 * INSET};
}

/* A server on a client's time has the client's colour at its foot. */
static void draw_behalf(struct score *s, struct rect box, const struct trace_record *by)
{
    const struct model *m = s->v->model;
    unsigned for_whom = m->of_space[by->behalf];

    if (!(by->to & 1) || for_whom == model_entity(m, by->to) || box.w < 4)
        return;
    cairo_set_source_rgb(s->cr, 0, 0, 0);
    look_paint(s->cr, (struct rect){box.x + 0.5, box.y + box.h - 5.5, box.w - 1, 1});
    look_colour(s->cr, m->entity[for_whom].shade);
    cairo_rectangle(s->cr, box.x + 0.8, box.y + box.h - 4.5, box.w - 1.6, 4);
    cairo_fill(s->cr);
}

static void draw_span(struct score *s, unsigned row, double x1, double x2,
                      const struct trace_span *span, uint64_t begun)
{
    const struct model *m = s->v->model;
    struct rect box = box_of(s, row, x1, x2);
    char text[MODEL_LABEL];
    unsigned e = model_charged(m, span->by.to, span->by.behalf);

    look_fill(s->cr, &s->v->look, m->entity[e].shade, box);
    draw_behalf(s, box, &span->by);
    if (box.w > 30) {
        model_reason(m, &span->by, text);
        look_tag(s->cr, (struct rect){box.x, box.y, box.w, box.h}, 10, text);
    }
    if (s->v->at_known && s->v->at == begun) {
        look_ink(s->cr, &s->v->look, LOOK_MARK);
        look_box(s->cr, box, 2.5);
    }
}

static void note_arc(struct spans *p, unsigned row, double x, double width)
{
    if (p->row != UINT32_MAX && p->row != row && p->arcs < ARCS_MAX)
        p->arc[p->arcs++] = (struct arc){x, p->row, row, fmin(p->width, width)};
    p->row = row;
    p->width = width;
}

static bool span_draw(void *ctx, const struct trace_span *span, uint64_t begun)
{
    struct spans *p = ctx;
    struct score *s = p->s;
    double x1 = score_x(s, span->begin), x2 = score_x(s, span->end);
    unsigned row = row_of_span(s, &span->by);

    if (row >= s->rows.n)
        return true;
    note_arc(p, row, x1, x2 - x1);
    if (x2 - x1 < WIDE) {
        uint32_t lane = model_lane(s->v->model, &span->by);
        if (lane != UINT32_MAX && s->row_of[lane] != COLUMNS_NOWHERE)
            columns_add(&s->cols, s->row_of[lane], span->begin, span->end);
        return true;
    }
    draw_span(s, row, x1, x2, span, begun);
    return true;
}

/* From the lane that control left to the one it reached, bent to the right, with a head. */
static void draw_arc(struct score *s, const struct arc *a)
{
    struct rect from = score_row(s, a->from), to = score_row(s, a->to);
    bool up = to.y < from.y;
    double y1 = from.y + from.h * (up ? 0.35 : 0.65);
    double y2 = up ? to.y + to.h - INSET : to.y + INSET;
    double bend = fmin(14, a->room * 0.6), head = up ? 5 : -5;

    if (a->room < ARC_ROOM) {
        look_line(s->cr, a->x, y1, a->x, y2, 0.5);
        return;
    }
    cairo_move_to(s->cr, a->x, y1);
    cairo_curve_to(s->cr, a->x + bend, y1 + (y2 - y1) * 0.3, a->x + bend, y1 + (y2 - y1) * 0.7,
                   a->x + 1, y2);
    cairo_set_line_width(s->cr, 1.2);
    cairo_stroke(s->cr);
    cairo_move_to(s->cr, a->x + 1, y2);
    cairo_line_to(s->cr, a->x - 1, y2 + head);
    cairo_line_to(s->cr, a->x + 4.5, y2 + head);
    cairo_close_path(s->cr);
    cairo_fill(s->cr);
}

void score_spans(struct score *s)
{
    struct spans p = {.s = s, .row = UINT32_MAX, .arc = malloc(ARCS_MAX * sizeof *p.arc)};
    struct model_visit visit = {.span = span_draw, .ctx = &p};

    if (!p.arc)
        return;
    model_visit(s->v->model, s->v->from, s->v->to, &visit);
    look_ink(s->cr, &s->v->look, LOOK_TEXT);
    for (unsigned i = 0; i < p.arcs; i++)
        if (p.arc[i].room >= WIDE)
            draw_arc(s, &p.arc[i]);
    free(p.arc);
}

/* ---- columns ---- */

/* What a column shows of one row of the columns, in steps of one pixel: how high, above what. */
struct piece {
    double y, h;
};

static double share(const struct score *s, unsigned row, unsigned col)
{
    const struct columns *c = &s->cols;
    double whole = s->close ? (double)(c->to - c->from) / c->cols : c->total[col];
    double part = c->cell[(size_t)row * c->cols + col];

    return part > 0 && whole > 0 ? fmin(1, part / whole) : 0;
}

/* A rare visit is one pixel high, and so can still be seen. */
static double height(double part, double room)
{
    return part > 0 ? fmax(1, round(part * room)) : 0;
}

/* Row `row` of the columns, on top of those from `below` on, in one lane. */
static struct piece piece_at(const struct score *s, struct rect lane, unsigned below, unsigned row,
                             unsigned col)
{
    struct piece p = {lane.y + lane.h, 0};

    for (unsigned i = below; i <= row; i++) {
        p.h = height(share(s, i, col), lane.h);
        p.y -= p.h;
    }
    return p;
}

static bool alike(struct piece a, struct piece b)
{
    return a.y == b.y && a.h == b.h;
}

/* The next box from column *i on: equal neighbours become one. */
static struct rect piece_box(const struct score *s, struct rect lane, unsigned below, unsigned row,
                             unsigned *i)
{
    struct piece p = piece_at(s, lane, below, row, *i);
    double each = s->plot.w / s->cols.cols;
    unsigned first = *i;

    for (++*i; *i < s->cols.cols; ++*i)
        if (!alike(p, piece_at(s, lane, below, row, *i)))
            break;
    return (struct rect){s->plot.x + first * each, p.y, (*i - first) * each, p.h};
}

static void draw_pieces(struct score *s, struct rect lane, unsigned below, unsigned row,
                        unsigned level)
{
    look_colour(s->cr, level);
    for (unsigned i = 0; i < s->cols.cols;) {
        struct rect r = piece_box(s, lane, below, row, &i);
        if (r.h > 0)
            look_paint(s->cr, r);
    }
    for (unsigned i = 0; i < s->cols.cols && look_hatch_of(level);) {
        struct rect r = piece_box(s, lane, below, row, &i);
        if (r.h > 2)
            look_hatch_add(s->cr, look_hatch_of(level), r);
    }
    look_hatch_end(s->cr, look_hatch_of(level));
}

void score_columns(struct score *s)
{
    const struct model *m = s->v->model;
    unsigned users = s->cols.rows - SCORE_STYLES;

    for (unsigned n = 0; n < s->rows.n; n++) {
        struct rect lane = score_row(s, n);
        lane.y += INSET;
        lane.h -= 2 * INSET;
        if (lane.y + lane.h < s->lanes.y || lane.y > s->lanes.y + s->lanes.h)
            continue;
        if (!s->rows.row[n].kernel)
            draw_pieces(s, lane, n, n, m->entity[s->rows.row[n].entity].shade);
        for (unsigned i = 0; s->rows.row[n].kernel && i < SCORE_STYLES; i++)
            draw_pieces(s, lane, users, users + i, i);
    }
}

/* gui/pane_path.c -- the path: the fault or call that is selected, as a chain through all levels.
 * A column for each who had a part, the deepest level at the left, the kernel at the right; a row
 * for each leg, with why control came, and what the leg cost, as a number and as a bar.
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gui/chain.h"
#include "gui/pane.h"

enum { ROW_MIN = 15, ROW_MAX = 26, HEAD = 34, COSTS = 150, COLUMNS_MAX = 16, KERNEL = -1 };

struct path {
    cairo_t *cr;
    struct view *v;
    struct rect r;
    struct chain chain;
    bool any;
    int column[COLUMNS_MAX]; /* entity, or KERNEL */
    unsigned columns;
    uint64_t most; /* of one leg */
    double row;    /* height of a leg */
};

static int who(const struct chain_leg *leg)
{
    return leg->kernel ? KERNEL : (int)leg->entity;
}

static unsigned column_of(const struct path *p, int who)
{
    unsigned n = 0;

    while (n < p->columns && p->column[n] != who)
        n++;
    return n;
}

static void column_add(struct path *p, int who)
{
    if (column_of(p, who) == p->columns && p->columns < COLUMNS_MAX)
        p->column[p->columns++] = who;
}

/* Entities are sorted by level. */
static int deepest_first(const void *left, const void *right)
{
    int a = *(const int *)left, b = *(const int *)right;

    return a == b ? 0 : a < b ? 1 : -1;
}

/* malloc'd: a chain may be long. */
static struct path *path_new(cairo_t *cr, struct view *v, struct rect r)
{
    struct path *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->cr = cr;
    p->v = v;
    p->r = pane_inside(r);
    p->any = v->at_known && chain_follow(v->model, v->at, &p->chain);
    if (!p->any)
        return p;
    column_add(p, model_entity(v->model, p->chain.cause.from));
    for (unsigned i = 0; i < p->chain.legs; i++) {
        column_add(p, who(&p->chain.leg[i]));
        if (p->chain.leg[i].end - p->chain.leg[i].begin > p->most)
            p->most = p->chain.leg[i].end - p->chain.leg[i].begin;
    }
    p->row = fmin(ROW_MAX, fmax(ROW_MIN, (p->r.h - HEAD - 20) / (p->chain.legs + 1)));
    qsort(p->column, p->columns, sizeof *p->column, deepest_first);
    return p;
}

static double column_x(const struct path *p, unsigned n)
{
    double w = p->r.w - COSTS;

    return p->r.x + w * (n + 0.5) / p->columns;
}

static double column_w(const struct path *p)
{
    return fmin(120, (p->r.w - COSTS) / p->columns - 14);
}

static unsigned level_of(const struct path *p, int who)
{
    return who == KERNEL ? 0 : p->v->model->entity[who].shade;
}

static void draw_heads(struct path *p)
{
    for (unsigned n = 0; n < p->columns; n++) {
        double x = column_x(p, n), w = column_w(p);
        struct rect r = {x - w / 2, p->r.y, w, 20};
        look_fill(p->cr, &p->v->look, level_of(p, p->column[n]), r);
        look_tag(p->cr, r, 11,
                 p->v->model->entity[p->column[n] == KERNEL ? 0 : p->column[n]].label);
        look_ink(p->cr, &p->v->look, LOOK_GRID);
        look_line(p->cr, x, p->r.y + 22, x, p->r.y + p->r.h, 1);
    }
}

static double letters(const struct path *p)
{
    return fmin(12.5, fmax(9.5, p->row * 0.48));
}

static void draw_arrow(struct path *p, double x1, double x2, double y, const char *words)
{
    double head = x2 > x1 ? -7 : 7, left = fmin(x1, x2) + 8, room = fabs(x2 - x1) - 16;

    look_ink(p->cr, &p->v->look, LOOK_TEXT);
    if (fabs(x2 - x1) < 4)
        return;
    look_line(p->cr, x1, y, x2, y, 1.1);
    cairo_move_to(p->cr, x2, y);
    cairo_line_to(p->cr, x2 + head, y - 3.5);
    cairo_line_to(p->cr, x2 + head, y + 3.5);
    cairo_close_path(p->cr);
    cairo_fill(p->cr);
    look_text(p->cr, left, y - 0.25 * p->row - 2, letters(p), LOOK_LEFT, room, words);
}

static void draw_cost(struct path *p, const struct chain_leg *leg, double y)
{
    double x = p->r.x + p->r.w - COSTS + 74, most = COSTS - 78;
    uint64_t n = leg->end - leg->begin;
    char text[LOOK_NUMBER];

    look_number(text, n);
    look_ink(p->cr, &p->v->look, LOOK_TEXT);
    look_text(p->cr, x - 6, y, letters(p) + 1, LOOK_RIGHT, 0, text);
    look_fill(p->cr, &p->v->look, level_of(p, who(leg)),
              (struct rect){x, y - 5, fmax(1, most * n / fmax(1, p->most)), 10});
}

static void draw_leg(struct path *p, unsigned i, double y)
{
    const struct chain_leg *leg = &p->chain.leg[i];
    int before = i ? who(leg - 1) : (int)model_entity(p->v->model, p->chain.cause.from);
    double from = column_x(p, column_of(p, before)), to = column_x(p, column_of(p, who(leg)));
    char words[MODEL_LABEL];

    model_reason(p->v->model, &leg->by, words);
    draw_arrow(p, from, to, y, words);
    look_fill(p->cr, &p->v->look, level_of(p, who(leg)), (struct rect){to - 5, y, 10, p->row});
    draw_cost(p, leg, y + p->row / 2);
}

static void draw_return(struct path *p, double y)
{
    int last = who(&p->chain.leg[p->chain.legs - 1]);
    int home = model_entity(p->v->model, p->chain.cause.from);

    if (!p->chain.whole) {
        look_ink(p->cr, &p->v->look, LOOK_FAINT);
        look_text(p->cr, p->r.x, y, 11, LOOK_LEFT, p->r.w, "... its thread does not run again");
        return;
    }
    draw_arrow(p, column_x(p, column_of(p, last)), column_x(p, column_of(p, home)), y, "goes on");
}

static unsigned rows_that_fit(const struct path *p)
{
    double n = (p->r.h - HEAD - 20) / p->row;

    return n > 1 ? (unsigned)n : 1;
}

static void draw_legs(struct path *p)
{
    unsigned fit = rows_that_fit(p), shown = 0;
    double y = p->r.y + HEAD + 8;
    char text[80];

    if (p->v->legs_above >= p->chain.legs)
        p->v->legs_above = p->chain.legs - 1;
    draw_heads(p);
    for (unsigned i = p->v->legs_above; i < p->chain.legs && shown < fit; i++, shown++)
        draw_leg(p, i, y + shown * p->row);
    y += shown * p->row;
    if (p->v->legs_above + shown >= p->chain.legs) {
        draw_return(p, y);
        return;
    }
    snprintf(text, sizeof text, "%u legs more: scroll", p->chain.legs - p->v->legs_above - shown);
    look_ink(p->cr, &p->v->look, LOOK_FAINT);
    look_text(p->cr, p->r.x, y + 10, 11, LOOK_LEFT, p->r.w, text);
}

static void path_draw(cairo_t *cr, struct view *v, struct rect r)
{
    struct path *p = path_new(cr, v, r);
    char note[PANE_WORDS] = "select a moment in the score", reason[MODEL_LABEL], sum[LOOK_NUMBER];

    if (p && p->any) {
        model_reason(v->model, &p->chain.cause, reason);
        look_number(sum, p->chain.end - p->chain.begin);
        snprintf(note, sizeof note, "%s of %s: %s instructions in %u leg%s", reason,
                 v->model->entity[model_entity(v->model, p->chain.cause.from)].label, sum,
                 p->chain.legs, p->chain.legs == 1 ? "" : "s");
    }
    pane_frame(cr, v, r, "Path", note);
    if (p && p->any)
        draw_legs(p);
    free(p);
}

static int leg_at(const struct path *p, double y)
{
    double n = p->any ? floor((y - p->r.y - HEAD - 8) / p->row) + p->v->legs_above : -1;

    return p->any && n >= p->v->legs_above && n < p->chain.legs ? (int)n : -1;
}

static bool path_hover(struct view *v, struct rect r, double x, double y, char words[PANE_WORDS])
{
    struct path *p = rect_has(r, x, y) ? path_new(NULL, v, r) : NULL;
    int i = p ? leg_at(p, y) : -1;
    char reason[MODEL_LABEL], at[LOOK_NUMBER];

    if (i >= 0) {
        const struct chain_leg *leg = &p->chain.leg[i];
        model_reason(v->model, &leg->by, reason);
        look_number(at, leg->begin);
        snprintf(words, PANE_WORDS, "leg %d, by %.70s at instruction %s: %s%.70s%s", i + 1, reason,
                 at, leg->kernel ? "the kernel for " : "", v->model->entity[leg->entity].label,
                 leg->crossings > 1 ? ", with changes of space" : "");
    }
    free(p);
    return i >= 0;
}

static void path_click(struct view *v, struct rect r, double x, double y)
{
    struct path *p = rect_has(r, x, y) ? path_new(NULL, v, r) : NULL;
    int i = p ? leg_at(p, y) : -1;

    if (i >= 0)
        v->entity = p->chain.leg[i].entity;
    free(p);
}

static void path_scroll(struct view *v, double rows)
{
    double above = v->legs_above + rows;

    v->legs_above = above < 0 ? 0 : (unsigned)above;
}

const struct pane pane_path = {
    .name = "path",
    .title = "Path",
    .draw = path_draw,
    .hover = path_hover,
    .click = path_click,
    .scroll = path_scroll,
};

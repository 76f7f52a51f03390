/* gui/pane_compare.c -- two traces side by side: the same workload in different nests. For each
 * program of either, and for each measured region, a bar for this trace, one for the other, and by
 * how much they differ. Programs are matched by name, for their levels differ. Whole runs.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gui/pane.h"

enum { LEGEND = 22, ROW_MAX = 44, NUMBERS = 150 };
static const unsigned PARTS = 3;

struct side {
    struct model_cost cost;
    bool there;
};

struct compared {
    char name[MODEL_LABEL];
    unsigned shade;
    int entity; /* of this trace, -1 = it has none, or this is a region */
    struct side side[2];
};

struct compare {
    cairo_t *cr;
    struct view *v;
    struct rect r;
    struct compared *row;
    unsigned n;
    double h, names, most;
};

static double whole(const struct side *s)
{
    return (double)(s->cost.own + s->cost.others + s->cost.kernel);
}

/* The row of that name that this side has not filled yet: two pagers are two rows. */
static struct compared *row_of(struct compare *c, const char *name, unsigned side)
{
    for (unsigned i = 0; i < c->n; i++)
        if (!c->row[i].side[side].there && strcmp(c->row[i].name, name) == 0)
            return &c->row[i];
    c->row[c->n] = (struct compared){.entity = -1};
    snprintf(c->row[c->n].name, MODEL_LABEL, "%s", name);
    return &c->row[c->n++];
}

static bool add_programs(struct compare *c, struct model *m, unsigned side)
{
    struct model_cost *cost = calloc(m->entities, sizeof *cost);

    if (!cost)
        return false;
    model_costs(m, 0, UINT64_MAX, cost);
    for (unsigned i = m->entities; i-- > 0;) {
        struct compared *row;
        if (!cost[i].own && !cost[i].others && !cost[i].kernel)
            continue;
        row = row_of(c, m->entity[i].name, side);
        row->side[side] = (struct side){cost[i], true};
        if (!row->shade)
            row->shade = m->entity[i].shade;
        if (side == 0)
            row->entity = (int)i;
    }
    free(cost);
    return true;
}

static void add_regions(struct compare *c, const struct model *m, unsigned side)
{
    for (unsigned i = 0; i < index_lanes(m->index); i++) {
        const struct index_lane *l = index_lane(m->index, i);
        char name[MODEL_LABEL];
        struct compared *row;
        if (l->what != INDEX_REGION || !l->instructions)
            continue;
        snprintf(name, sizeof name, "region %" PRIu32, l->id);
        row = row_of(c, name, side);
        row->side[side].there = true;
        row->side[side].cost.own = l->instructions;
    }
}

static bool compare_begin(struct compare *c, cairo_t *cr, struct view *v, struct rect r)
{
    struct model *side[2] = {v->model, v->other};

    *c = (struct compare){.cr = cr, .v = v, .r = pane_inside(r)};
    if (!v->other)
        return false;
    c->row = calloc(index_lanes(side[0]->index) + index_lanes(side[1]->index) + side[0]->entities +
                        side[1]->entities,
                    sizeof *c->row);
    if (!c->row)
        return false;
    for (unsigned s = 0; s < 2; s++)
        if (!add_programs(c, side[s], s))
            return false;
    for (unsigned s = 0; s < 2; s++)
        add_regions(c, side[s], s);
    for (unsigned i = 0; i < c->n; i++)
        c->most = fmax(c->most, fmax(whole(&c->row[i].side[0]), whole(&c->row[i].side[1])));
    c->names = fmin(110, c->r.w * 0.25);
    c->r.y += LEGEND;
    c->r.h -= LEGEND;
    c->h = c->n ? fmin(ROW_MAX, c->r.h / c->n) : 0;
    return true;
}

static void compare_end(struct compare *c)
{
    free(c->row);
}

/* As in the overhead: own work plain, work for others striped, the kernel grey. The other trace's
 * bar is the lower one, and pale. */
static void draw_bar(struct compare *c, const struct compared *row, unsigned side, struct rect r)
{
    static const unsigned hatch[] = {0, 4 | 8, 2};
    const struct model_cost *cost = &row->side[side].cost;
    double part[] = {cost->own, cost->others, cost->kernel};
    double x = r.x;

    for (unsigned i = 0; i < PARTS; i++) {
        struct rect p = {x, r.y, c->most > 0 ? r.w * part[i] / c->most : 0, r.h};
        x += p.w;
        if (p.w < 0.3)
            continue;
        look_colour(c->cr, i == 2 ? 0 : row->shade);
        look_paint(c->cr, p);
        look_hatch(c->cr, hatch[i], p);
        if (side == 1) {
            cairo_set_source_rgba(c->cr, 1, 1, 1, 0.5);
            look_paint(c->cr, p);
        }
        look_ink(c->cr, &c->v->look, LOOK_TEXT);
        look_box(c->cr, p, p.w < 3 ? 0.2 : 0.8);
    }
}

static void difference(const struct compared *row, char text[64])
{
    double a = whole(&row->side[0]), b = whole(&row->side[1]);
    char number[LOOK_NUMBER];

    look_short(number, fabs(b - a));
    if (!row->side[0].there || !row->side[1].there)
        snprintf(text, 64, "%s %s", row->side[0].there ? "only A:" : "only B:", number);
    else if (a > 0)
        snprintf(text, 64, "%s%s   %+.1f %%", b < a ? "\u2212" : "+", number, 100 * (b - a) / a);
    else
        snprintf(text, 64, "%s", number);
}

static void draw_row(struct compare *c, unsigned i)
{
    const struct compared *row = &c->row[i];
    double y = c->r.y + i * c->h, bars = c->r.w - c->names - NUMBERS, half = (c->h - 6) / 2;
    char text[64];

    if (row->entity >= 0 && row->entity == c->v->entity) {
        look_ink(c->cr, &c->v->look, LOOK_PANEL);
        look_paint(c->cr, (struct rect){c->r.x - 4, y, c->r.w + 8, c->h});
    }
    look_ink(c->cr, &c->v->look, LOOK_TEXT);
    look_text(c->cr, c->r.x, y + c->h / 2, 11.5, LOOK_LEFT, c->names - 6, row->name);
    for (unsigned s = 0; s < 2; s++)
        draw_bar(c, row, s,
                 (struct rect){c->r.x + c->names, y + 3 + s * half, fmax(bars, 10), half - 1});
    difference(row, text);
    look_ink(c->cr, &c->v->look, LOOK_TEXT);
    look_text(c->cr, c->r.x + c->r.w, y + c->h / 2, 11.5, LOOK_RIGHT, NUMBERS, text);
}

static void draw_sums(struct compare *c)
{
    double a = (double)(c->v->model->end - c->v->model->start);
    double b = (double)(c->v->other->end - c->v->other->start);
    char text[160], na[LOOK_NUMBER], nb[LOOK_NUMBER];

    look_short(na, a);
    look_short(nb, b);
    snprintf(text, sizeof text, "A, above: %s instructions; B, pale: %s, %+.1f %%", na, nb,
             a > 0 ? 100 * (b - a) / a : 0);
    look_ink(c->cr, &c->v->look, LOOK_TEXT);
    look_text(c->cr, c->r.x, c->r.y - LEGEND + 8, 11, LOOK_LEFT, c->r.w, text);
}

static void compare_draw(cairo_t *cr, struct view *v, struct rect r)
{
    char note[PANE_WORDS] = "give another trace with --compare";
    struct compare c;
    bool there = compare_begin(&c, cr, v, r);

    if (there)
        snprintf(note, sizeof note, "B: %.200s", v->other_name);
    pane_frame(cr, v, r, "Compare", note);
    if (there)
        draw_sums(&c);
    for (unsigned i = 0; there && i < c.n; i++)
        draw_row(&c, i);
    compare_end(&c);
}

static int compared_at(const struct compare *c, double x, double y)
{
    unsigned i = c->h > 0 && y >= c->r.y ? (unsigned)((y - c->r.y) / c->h) : c->n;

    return i < c->n && x >= c->r.x && x < c->r.x + c->r.w ? (int)i : -1;
}

static bool compare_hover(struct view *v, struct rect r, double x, double y, char words[PANE_WORDS])
{
    struct compare c;
    int i = compare_begin(&c, NULL, v, r) ? compared_at(&c, x, y) : -1;
    char a[LOOK_NUMBER], b[LOOK_NUMBER], text[64];

    if (i >= 0) {
        look_number(a, (uint64_t)whole(&c.row[i].side[0]));
        look_number(b, (uint64_t)whole(&c.row[i].side[1]));
        difference(&c.row[i], text);
        snprintf(words, PANE_WORDS, "%.60s: A %s, B %s instructions: %s", c.row[i].name, a, b,
                 text);
    }
    compare_end(&c);
    return i >= 0;
}

static void compare_click(struct view *v, struct rect r, double x, double y)
{
    struct compare c;
    int i = compare_begin(&c, NULL, v, r) ? compared_at(&c, x, y) : -1;

    if (i >= 0)
        v->entity = c.row[i].entity;
    compare_end(&c);
}

static bool compare_shown(const struct view *v)
{
    return v->other != NULL;
}

const struct pane pane_compare = {
    .name = "compare",
    .title = "Compare",
    .shown = compare_shown,
    .draw = compare_draw,
    .hover = compare_hover,
    .click = compare_click,
};

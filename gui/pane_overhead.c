/* gui/pane_overhead.c -- what each level cost in the range shown: its own work, its work for
 * others, the kernel's work on its behalf, as stacked bars with the numbers beside them. All bars
 * together are the range. Counted in instructions, in crossings, or in cycles as a cost model has
 * them. SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gui/pane.h"

enum { LEGEND = 22, ROW_MAX = 40 };
static const unsigned PARTS = 3;

struct overhead {
    cairo_t *cr;
    struct view *v;
    struct rect r;               /* of the rows */
    struct model_cost *cost;     /* by entity */
    struct model_cycles *cycles; /* the same, priced; all 0 without a cost model */
    unsigned *shown, n;          /* entities with a cost, deepest first */
    double row, names, numbers;  /* height; width of the columns */
    double most, sum;
};

static double part_of(const struct overhead *o, unsigned e, unsigned part)
{
    const struct model_cost *c = &o->cost[e];
    const struct model_cycles *p = &o->cycles[e];

    if (o->v->count_crossings)
        return part ? 0 : (double)c->entries;
    if (o->v->priced >= 0)
        return part == 0 ? p->own : part == 1 ? p->others : p->kernel;
    return part == 0 ? c->own : part == 1 ? c->others : c->kernel;
}

static double whole_of(const struct overhead *o, unsigned e)
{
    return part_of(o, e, 0) + part_of(o, e, 1) + part_of(o, e, 2);
}

static bool overhead_begin(struct overhead *o, cairo_t *cr, struct view *v, struct rect r)
{
    const struct model *m = v->model;

    *o = (struct overhead){.cr = cr, .v = v, .r = pane_inside(r)};
    o->cost = calloc(m->entities, sizeof *o->cost);
    o->shown = calloc(m->entities, sizeof *o->shown);
    o->cycles = calloc(m->entities, sizeof *o->cycles);
    if (!o->cost || !o->shown || !o->cycles)
        return false;
    model_costs(v->model, v->from, v->to >= m->end ? UINT64_MAX : v->to, o->cost);
    if (v->priced >= 0)
        model_cycles(v->model, v->from, v->to >= m->end ? UINT64_MAX : v->to, &v->price[v->priced],
                     o->cycles);
    for (unsigned i = m->entities; i-- > 0;) {
        double whole = whole_of(o, i);
        if (whole > 0)
            o->shown[o->n++] = i;
        o->most = fmax(o->most, whole);
        o->sum += whole;
    }
    o->names = fmin(130, o->r.w * 0.3);
    o->numbers = o->r.w > 420 ? 170 : o->r.w > 300 ? 64 : 0;
    o->r.y += LEGEND;
    o->r.h -= LEGEND;
    o->row = o->n ? fmin(ROW_MAX, o->r.h / o->n) : 0;
    return true;
}

static void overhead_end(struct overhead *o)
{
    free(o->cost);
    free(o->cycles);
    free(o->shown);
}

/* Own work is plain, work for others striped, both in the level's colour; the kernel is grey, as in
 * its lane of the score. */
static void draw_part(struct overhead *o, unsigned level, unsigned part, struct rect r)
{
    static const unsigned hatch[] = {0, 4 | 8, 2};

    if (r.w < 0.3)
        return;
    look_colour(o->cr, part == 2 ? 0 : level);
    look_paint(o->cr, r);
    look_hatch(o->cr, hatch[part], r);
    cairo_set_source_rgb(o->cr, 0, 0, 0);
    look_box(o->cr, r, r.w < 3 ? 0.2 : 0.8);
}

static void draw_legend(struct overhead *o)
{
    static const char *const words[] = {"own work", "work for others", "kernel on its behalf"};
    double x = o->r.x, y = o->r.y - LEGEND;

    for (unsigned part = 0; part < PARTS && !o->v->count_crossings; part++) {
        draw_part(o, part == 2 ? 0 : 1, part, (struct rect){x, y + 1, 22, 12});
        look_ink(o->cr, &o->v->look, LOOK_TEXT);
        x += 28 +
             look_text(o->cr, x + 27, y + 7, 10.5, LOOK_LEFT, o->r.x + o->r.w - x - 27,
                       words[part]) +
             14;
    }
}

static void draw_row(struct overhead *o, unsigned i)
{
    unsigned e = o->shown[i];
    const struct model_entity *entity = &o->v->model->entity[e];
    double bars = o->r.w - o->names - o->numbers - 12, y = o->r.y + i * o->row;
    double x = o->r.x + o->names + 6, whole = whole_of(o, e);
    char number[LOOK_NUMBER], text[96];

    if (o->v->entity == (int)e) {
        look_ink(o->cr, &o->v->look, LOOK_PANEL);
        look_paint(o->cr, (struct rect){o->r.x - 4, y, o->r.w + 8, o->row});
    }
    look_ink(o->cr, &o->v->look, LOOK_TEXT);
    look_text(o->cr, o->r.x, y + o->row / 2, 11.5, LOOK_LEFT, o->names, entity->label);
    for (unsigned part = 0; part < PARTS; part++) {
        double w = bars * part_of(o, e, part) / o->most;
        draw_part(o, entity->shade, part, (struct rect){x, y + 4, w, fmax(2, o->row - 8)});
        x += w;
    }
    if (o->numbers <= 0)
        return;
    look_ink(o->cr, &o->v->look, LOOK_TEXT);
    look_number(number, (uint64_t)whole);
    snprintf(text, sizeof text, "%s", number);
    if (o->numbers > 100)
        look_text(o->cr, o->r.x + o->r.w - 58, y + o->row / 2, 11.5, LOOK_RIGHT, 0, text);
    snprintf(text, sizeof text, "%.2f %%", o->sum > 0 ? 100 * whole / o->sum : 0);
    look_text(o->cr, o->r.x + o->r.w, y + o->row / 2, 11.5, LOOK_RIGHT, 0, text);
}

static void overhead_draw(cairo_t *cr, struct view *v, struct rect r)
{
    char note[96], sum[LOOK_NUMBER];
    struct overhead o;

    if (overhead_begin(&o, cr, v, r)) {
        look_number(sum, (uint64_t)o.sum);
        snprintf(note, sizeof note, "%s %s%s in this range", sum,
                 v->count_crossings ? "crossings"
                 : v->priced >= 0   ? "modelled cycles, "
                                    : "instructions",
                 v->count_crossings || v->priced < 0 ? "" : v->price[v->priced].name);
        pane_frame(cr, v, r, "Overhead", note);
        draw_legend(&o);
        for (unsigned i = 0; i < o.n; i++)
            draw_row(&o, i);
    }
    overhead_end(&o);
}

static int entity_at(const struct overhead *o, double x, double y)
{
    unsigned i = o->row > 0 && y >= o->r.y ? (unsigned)((y - o->r.y) / o->row) : o->n;

    return i < o->n && x >= o->r.x && x < o->r.x + o->r.w ? (int)o->shown[i] : -1;
}

static void words_of(const struct overhead *o, int e, char words[PANE_WORDS])
{
    char own[LOOK_NUMBER], others[LOOK_NUMBER], kernel[LOOK_NUMBER], entries[LOOK_NUMBER];
    bool priced = o->v->priced >= 0 && !o->v->count_crossings;

    look_number(own, priced ? (uint64_t)o->cycles[e].own : o->cost[e].own);
    look_number(others, priced ? (uint64_t)o->cycles[e].others : o->cost[e].others);
    look_number(kernel, priced ? (uint64_t)o->cycles[e].kernel : o->cost[e].kernel);
    look_number(entries, o->cost[e].entries);
    snprintf(words, PANE_WORDS,
             "%.60s: %s %s of its own, %s for others, %s by the kernel; %s crossings",
             o->v->model->entity[e].label, own, priced ? "modelled cycles" : "instructions", others,
             kernel, entries);
}

static bool overhead_hover(struct view *v, struct rect r, double x, double y,
                           char words[PANE_WORDS])
{
    struct overhead o;
    int e = overhead_begin(&o, NULL, v, r) ? entity_at(&o, x, y) : -1;

    if (e >= 0)
        words_of(&o, e, words);
    overhead_end(&o);
    return e >= 0;
}

static void overhead_click(struct view *v, struct rect r, double x, double y)
{
    struct overhead o;

    if (overhead_begin(&o, NULL, v, r))
        v->entity = entity_at(&o, x, y);
    overhead_end(&o);
}

const struct pane pane_overhead = {
    .name = "overhead",
    .title = "Overhead",
    .draw = overhead_draw,
    .hover = overhead_hover,
    .click = overhead_click,
};

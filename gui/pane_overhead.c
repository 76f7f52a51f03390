/* gui/pane_overhead.c -- what each level cost in the range shown, as stacked bars with a table
 * beside them: its own work, its work for others, other levels' and the kernel's work on its
 * behalf, and how long it waited while none of these went on. A bar is a level's life in the range;
 * own work, work for others and the kernel's of all levels together are the range. Counted in
 * instructions, in crossings, or in cycles as a cost model has them (waiting has no price).
 * SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gui/pane.h"

enum { LEGEND = 22, ROW_MAX = 40, ROW_MIN = 15, COLUMN = 88 };
enum part { OWN, OTHERS, SERVED, KERNEL, WAITING, PARTS };

static const char *const part_words[PARTS] = {"own work", "work for others", "others' work for it",
                                              "kernel's work for it", "waiting"};
static const char *const part_short[PARTS] = {"own", "for others", "by others", "kernel",
                                              "waiting"};
static const char *const part_heads[PARTS] = {"own", "for others", "others for it", "kernel for it",
                                              "waiting"};

struct overhead {
    cairo_t *cr;
    struct view *v;
    struct rect r;               /* of the rows */
    struct model_cost *cost;     /* by entity */
    struct model_cycles *cycles; /* the same, priced; all 0 without a cost model */
    unsigned *shown, n;          /* entities with a cost, deepest first */
    unsigned above, fit;         /* rows scrolled past; that there is room for */
    double row, names, numbers;  /* height; width of the columns */
    bool table;                  /* there is room for all numbers */
    double most, sum;
};

static double part_of(const struct overhead *o, unsigned e, enum part part)
{
    const struct model_cost *c = &o->cost[e];
    const struct model_cycles *p = &o->cycles[e];
    const uint64_t counted[PARTS] = {c->own, c->others, c->served, c->kernel, c->waiting};
    const double priced[PARTS] = {p->own, p->others, p->served, p->kernel, 0};

    if (o->v->count_crossings)
        return part == OWN ? (double)c->entries : 0;
    return o->v->priced >= 0 ? priced[part] : (double)counted[part];
}

/* What is nobody else's. */
static double work_of(const struct overhead *o, unsigned e)
{
    return part_of(o, e, OWN) + part_of(o, e, OTHERS) + part_of(o, e, KERNEL);
}

static double whole_of(const struct overhead *o, unsigned e)
{
    return work_of(o, e) + part_of(o, e, SERVED) + part_of(o, e, WAITING);
}

static void places(struct overhead *o)
{
    o->table = !o->v->count_crossings && o->r.w > 1000;
    o->names = fmin(130, o->r.w * 0.3);
    o->numbers = o->table ? 64 + (PARTS + 1) * COLUMN : o->r.w > 420 ? 170 : o->r.w > 300 ? 64 : 0;
    o->r.y += LEGEND;
    o->r.h -= LEGEND;
    o->fit = o->r.h >= 2 * ROW_MIN ? (unsigned)(o->r.h / ROW_MIN) : 1;
    if (o->n > o->fit)
        o->fit--; /* the last line says how many more there are */
    o->above = o->n > o->fit ? (unsigned)fmin(o->v->costs_above, o->n - o->fit) : 0;
    o->row = o->n > o->fit ? ROW_MIN : o->n ? fmin(ROW_MAX, o->r.h / o->n) : 0;
}

static bool overhead_begin(struct overhead *o, cairo_t *cr, struct view *v, struct rect r)
{
    const struct model *m = v->model;
    uint64_t to = v->to >= m->end ? UINT64_MAX : v->to;

    *o = (struct overhead){.cr = cr, .v = v, .r = pane_inside(r)};
    o->cost = calloc(m->entities, sizeof *o->cost);
    o->shown = calloc(m->entities, sizeof *o->shown);
    o->cycles = calloc(m->entities, sizeof *o->cycles);
    if (!o->cost || !o->shown || !o->cycles)
        return false;
    model_costs(v->model, v->from, to, o->cost);
    if (v->priced >= 0)
        model_cycles(v->model, v->from, to, &v->price[v->priced], o->cycles);
    for (unsigned i = m->entities; i-- > 0;) {
        double whole = whole_of(o, i);
        if (whole > 0)
            o->shown[o->n++] = i;
        o->most = fmax(o->most, whole);
        o->sum += work_of(o, i);
    }
    places(o);
    return true;
}

static void overhead_end(struct overhead *o)
{
    free(o->cost);
    free(o->cycles);
    free(o->shown);
}

/* Own work is plain, work for others and by others hatched, all in the level's colour; the kernel's
 * is grey, as in its lane of the score; waiting is an empty line. */
static void draw_part(struct overhead *o, unsigned level, enum part part, struct rect r)
{
    static const unsigned hatch[PARTS] = {0, 4 | 8, 1, 2, 0};

    if (r.w < 0.3)
        return;
    if (part == WAITING) {
        look_ink(o->cr, &o->v->look, LOOK_FAINT);
        look_box(o->cr, (struct rect){r.x, r.y + r.h * 0.35, r.w, r.h * 0.3}, 0.8);
        return;
    }
    look_colour(o->cr, part == KERNEL ? 0 : level);
    look_paint(o->cr, r);
    look_hatch(o->cr, hatch[part], r);
    cairo_set_source_rgb(o->cr, 0, 0, 0);
    look_box(o->cr, r, r.w < 3 ? 0.2 : 0.8);
}

static void draw_legend(struct overhead *o)
{
    bool tight = o->r.w < 420;
    const char *const *words = tight ? part_short : o->r.w < 640 ? part_heads : part_words;
    double patch = tight ? 12 : 16;
    double x = o->r.x, y = o->r.y - LEGEND, end = o->r.x + o->r.w - (o->table ? o->numbers : 0);

    for (enum part part = 0; part < PARTS && !o->v->count_crossings; part++) {
        if (part == WAITING && o->v->priced >= 0)
            continue;
        if (x + patch + 20 > end)
            break;
        draw_part(o, part == KERNEL ? 0 : 1, part, (struct rect){x, y + 1, patch, 12});
        look_ink(o->cr, &o->v->look, LOOK_TEXT);
        x += patch + (tight ? 8 : 15) +
             look_text(o->cr, x + patch + 4, y + 7, 10.5, LOOK_LEFT, end - x - patch - 4,
                       words[part]);
    }
    look_ink(o->cr, &o->v->look, LOOK_FAINT);
    for (enum part part = 0; o->table && part < PARTS; part++)
        look_text(o->cr, o->r.x + o->r.w - 64 - (PARTS - part) * COLUMN, y + 7, 10.5, LOOK_RIGHT,
                  COLUMN - 6, part_heads[part]);
    if (o->table)
        look_text(o->cr, o->r.x + o->r.w - 64, y + 7, 10.5, LOOK_RIGHT, COLUMN - 6, "crossings");
}

/* Right of the bar: its parts, or its work alone, and the share of all work. */
static void draw_numbers(struct overhead *o, unsigned e, double y)
{
    double right = o->r.x + o->r.w, work = work_of(o, e);
    char number[LOOK_NUMBER], text[96];

    look_ink(o->cr, &o->v->look, LOOK_TEXT);
    for (enum part part = 0; o->table && part < PARTS; part++) {
        look_number(number, (uint64_t)part_of(o, e, part));
        look_text(o->cr, right - 64 - (PARTS - part) * COLUMN, y, 11, LOOK_RIGHT, COLUMN - 4,
                  number);
    }
    look_number(number, o->table ? o->cost[e].entries : (uint64_t)work);
    if (o->numbers > 100)
        look_text(o->cr, right - (o->table ? 64 : 58), y, o->table ? 11 : 11.5, LOOK_RIGHT, 0,
                  number);
    snprintf(text, sizeof text, "%.2f %%", o->sum > 0 ? 100 * work / o->sum : 0);
    if (o->numbers > 0)
        look_text(o->cr, right, y, 11.5, LOOK_RIGHT, 0, text);
}

static void draw_row(struct overhead *o, unsigned i)
{
    unsigned e = o->shown[o->above + i];
    const struct model_entity *entity = &o->v->model->entity[e];
    double bars = fmax(0, o->r.w - o->names - o->numbers - 12), y = o->r.y + i * o->row;
    double x = o->r.x + o->names + 6, gap = fmin(4, o->row / 6);

    if (o->v->entity == (int)e) {
        look_ink(o->cr, &o->v->look, LOOK_PANEL);
        look_paint(o->cr, (struct rect){o->r.x - 4, y, o->r.w + 8, o->row});
    }
    look_ink(o->cr, &o->v->look, LOOK_TEXT);
    look_text(o->cr, o->r.x, y + o->row / 2, 11.5, LOOK_LEFT, o->names, entity->label);
    for (enum part part = 0; part < PARTS; part++) {
        double w = bars * part_of(o, e, part) / o->most;
        draw_part(o, entity->shade, part, (struct rect){x, y + gap, w, fmax(2, o->row - 2 * gap)});
        x += w;
    }
    draw_numbers(o, e, y + o->row / 2);
}

static void draw_rows(struct overhead *o)
{
    unsigned rows = o->n - o->above < o->fit ? o->n - o->above : o->fit;
    char text[80];

    for (unsigned i = 0; i < rows; i++)
        draw_row(o, i);
    if (o->n <= o->fit)
        return;
    snprintf(text, sizeof text, "%u of %u levels: scroll", rows, o->n);
    look_ink(o->cr, &o->v->look, LOOK_FAINT);
    look_text(o->cr, o->r.x, o->r.y + rows * o->row + ROW_MIN / 2.0, 11, LOOK_LEFT, o->r.w, text);
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
        draw_rows(&o);
    }
    overhead_end(&o);
}

static int entity_at(const struct overhead *o, double x, double y)
{
    unsigned i = o->row > 0 && y >= o->r.y ? (unsigned)((y - o->r.y) / o->row) : o->n;

    if (i >= o->fit || i >= o->n - o->above || x < o->r.x || x >= o->r.x + o->r.w)
        return -1;
    return (int)o->shown[o->above + i];
}

static void words_of(const struct overhead *o, int e, char words[PANE_WORDS])
{
    char number[PARTS][LOOK_NUMBER], entries[LOOK_NUMBER];
    bool priced = o->v->priced >= 0 && !o->v->count_crossings;
    const struct model_cost *c = &o->cost[e];
    const struct model_cycles *p = &o->cycles[e];
    const uint64_t counted[PARTS] = {c->own, c->others, c->served, c->kernel, c->waiting};
    const double cycles[PARTS] = {p->own, p->others, p->served, p->kernel, 0};

    for (enum part part = 0; part < PARTS; part++)
        look_number(number[part], priced ? (uint64_t)cycles[part] : counted[part]);
    look_number(entries, c->entries);
    snprintf(
        words, PANE_WORDS,
        "%.50s: %s %s of its own, %s for others, %s by others for it, %s by the kernel; %s%s%s "
        "crossings",
        o->v->model->entity[e].label, number[OWN], priced ? "modelled cycles" : "instructions",
        number[OTHERS], number[SERVED], number[KERNEL], priced ? "" : number[WAITING],
        priced ? "" : " waiting; ", entries);
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

static void overhead_scroll(struct view *v, double rows)
{
    double above = v->costs_above + rows;

    v->costs_above = above < 0 ? 0 : fmin(above, v->model->entities);
}

const struct pane pane_overhead = {
    .name = "overhead",
    .title = "Overhead",
    .draw = overhead_draw,
    .hover = overhead_hover,
    .click = overhead_click,
    .scroll = overhead_scroll,
};

/* gui/pane_nest.c -- the nest: the tree of spaces as boxes in boxes, coloured by level, each as
 * large as what it and all that it holds cost in the range shown. A box is cut along its longer
 * side: first its own part, then one for each child. A space that cost next to nothing keeps room
 * for its name. SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "gui/pane.h"

enum { NAME = 18, PAD = 4 };

struct nest {
    cairo_t *cr;
    struct view *v;
    struct model_cost *cost;
    double *weight; /* of an entity and all below it */
    double sum;
    struct rect *box; /* of each entity, once it is placed */
};

static double own_weight(const struct nest *n, unsigned e)
{
    const struct model_cost *c = &n->cost[e];

    return n->v->count_crossings ? (double)c->entries : (double)(c->own + c->others + c->kernel);
}

/* Parents stand before their children. */
static void weigh(struct nest *n)
{
    const struct model *m = n->v->model;

    for (unsigned i = m->entities; i-- > 0;) {
        n->weight[i] += own_weight(n, i);
        n->sum += own_weight(n, i);
        if (m->entity[i].parent >= 0)
            n->weight[m->entity[i].parent] += n->weight[i];
    }
}

/* Children's shares are lifted, so that the smallest can be seen, and a nest of many levels too. */
enum { LIFT = 40 }; /* percent of a box dealt out evenly to what it holds */

static double own_share(double own, double whole)
{
    return whole > 0 ? (1 - LIFT / 100.0) * own / whole : 0;
}

static double child_share(double weight, double whole, unsigned children)
{
    return own_share(weight, whole) + LIFT / 100.0 / children;
}

static unsigned children(const struct nest *n, unsigned e)
{
    unsigned count = 0;

    for (unsigned i = e + 1; i < n->v->model->entities; i++)
        count += n->v->model->entity[i].parent == (int)e && n->weight[i] > 0;
    return count;
}

/* Cuts `share` of the longer side off the rest. */
static struct rect cut(struct rect *rest, double length, bool across)
{
    struct rect r = *rest;

    if (across) {
        r.w = fmin(length, rest->w);
        rest->x += r.w;
        rest->w -= r.w;
    } else {
        r.h = fmin(length, rest->h);
        rest->y += r.h;
        rest->h -= r.h;
    }
    return r;
}

static void place(struct nest *n, unsigned e, struct rect r);

static void place_children(struct nest *n, unsigned e, struct rect rest)
{
    unsigned held = children(n, e);
    bool across = rest.w > rest.h * 1.2;
    double side = across ? rest.w : rest.h;

    cut(&rest, side * own_share(own_weight(n, e), n->weight[e]), across);
    for (unsigned i = e + 1; i < n->v->model->entities; i++) {
        struct rect r;
        if (n->v->model->entity[i].parent != (int)e || n->weight[i] <= 0)
            continue;
        r = cut(&rest, side * child_share(n->weight[i], n->weight[e], held), across);
        place(n, i, (struct rect){r.x + PAD / 2.0, r.y + PAD / 2.0, r.w - PAD, r.h - PAD});
    }
}

static void place(struct nest *n, unsigned e, struct rect r)
{
    if (r.w < 3 || r.h < 3)
        return;
    n->box[e] = r;
    if (children(n, e))
        place_children(
            n, e, (struct rect){r.x + PAD, r.y + NAME + PAD, r.w - 2 * PAD, r.h - NAME - 2 * PAD});
}

static bool nest_begin(struct nest *n, cairo_t *cr, struct view *v, struct rect r)
{
    unsigned entities = v->model->entities;

    *n = (struct nest){.cr = cr, .v = v};
    n->cost = calloc(entities, sizeof *n->cost);
    n->weight = calloc(entities, sizeof *n->weight);
    n->box = calloc(entities, sizeof *n->box);
    if (!n->cost || !n->weight || !n->box)
        return false;
    model_costs(v->model, v->from, v->to >= v->model->end ? UINT64_MAX : v->to, n->cost);
    weigh(n);
    place(n, 0, pane_inside(r));
    return true;
}

static void nest_end(struct nest *n)
{
    free(n->cost);
    free(n->weight);
    free(n->box);
}

static void draw_box(struct nest *n, unsigned e)
{
    const struct model_entity *entity = &n->v->model->entity[e];
    struct rect r = n->box[e];
    char text[MODEL_LABEL + 48];

    if (r.w <= 0)
        return;
    look_fill(n->cr, &n->v->look, entity->shade, r);
    if (n->v->glow && n->v->glow[e] > 0.02)
        look_glow(n->cr, r, n->v->glow[e]);
    if (n->v->entity == (int)e) {
        look_ink(n->cr, &n->v->look, LOOK_MARK);
        look_box(n->cr, r, 3);
    }
    snprintf(text, sizeof text, "%s  %.1f %%", entity->label,
             n->sum > 0 ? 100 * own_weight(n, e) / n->sum : 0);
    look_tag(n->cr, (struct rect){r.x + 1, r.y + 1, r.w - 2, fmin(NAME, r.h)}, 11, text);
}

static void nest_draw(cairo_t *cr, struct view *v, struct rect r)
{
    struct nest n;

    pane_frame(cr, v, r, "Nest",
               v->count_crossings ? "size: crossings"
                                  : "size: instructions; %: without what it holds");
    if (nest_begin(&n, cr, v, r))
        for (unsigned e = 0; e < v->model->entities; e++)
            draw_box(&n, e);
    nest_end(&n);
}

/* The innermost box. */
static int box_at(const struct nest *n, double x, double y)
{
    int found = -1;

    for (unsigned e = 0; e < n->v->model->entities; e++)
        if (rect_has(n->box[e], x, y))
            found = e;
    return found;
}

static bool nest_hover(struct view *v, struct rect r, double x, double y, char words[PANE_WORDS])
{
    char own[LOOK_NUMBER], all[LOOK_NUMBER];
    struct nest n;
    int e = nest_begin(&n, NULL, v, r) ? box_at(&n, x, y) : -1;

    if (e >= 0) {
        look_number(own, (uint64_t)own_weight(&n, e));
        look_number(all, (uint64_t)n.weight[e]);
        snprintf(words, PANE_WORDS, "%.60s: %s %s, %s with all that it holds",
                 v->model->entity[e].label, own, v->count_crossings ? "crossings" : "instructions",
                 all);
    }
    nest_end(&n);
    return e >= 0;
}

static void nest_click(struct view *v, struct rect r, double x, double y)
{
    struct nest n;

    if (nest_begin(&n, NULL, v, r))
        v->entity = box_at(&n, x, y);
    nest_end(&n);
}

const struct pane pane_nest = {
    .name = "nest",
    .title = "Nest",
    .draw = nest_draw,
    .hover = nest_hover,
    .click = nest_click,
};

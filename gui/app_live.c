/* gui/app_live.c -- what keys and buttons ask of the machine, and the picture that follows it.
 * The range shown follows the run when all of it was shown, or its end was; the selection stays
 * where it is. SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gui/app_bar.h"
#include "gui/open.h"

enum { AROUND = 100000, FRAME_MS = 100 };
static const double REST = 0.25; /* seconds that the mouse rests before registers are asked for */
static const uint64_t speeds[] = {0,      30000000, 10000000, 3000000, 1000000, 300000,
                                  100000, 30000,    10000,    3000,    1000};
enum { SPEEDS = sizeof speeds / sizeof *speeds };

/* ---- the picture ---- */

static void glow(struct app *a)
{
    const struct live *l = a->live;
    struct model *m = a->view.model;
    double *g = calloc(m->entities, sizeof *g), sum = 0;

    for (size_t i = 0; g && i < l->recent[1].rows; i++) {
        const struct view_row *row = &l->recent[1].row[i];
        uint64_t before = i < l->recent[0].rows ? l->recent[0].row[i].instructions : 0;
        double n = row->instructions > before ? (double)(row->instructions - before) : 0;
        g[model_charged(m, row->domain, row->behalf)] += n;
        sum += n;
    }
    for (unsigned e = 0; g && e < m->entities; e++)
        g[e] = sum > 0 ? sqrt(g[e] / sum) : 0;
    if (g && l->state.what != VIEW_RUNS) { /* it stands: who has the CPU */
        memset(g, 0, m->entities * sizeof *g);
        g[model_charged(m, l->state.domain, l->state.behalf)] = 1;
    }
    free(a->glow);
    a->view.glow = a->glow = g;
}

/* The same entity in another model; -1 = it is not there. */
static int same_entity(const struct model *from, int entity, const struct model *to)
{
    unsigned space;

    if (entity < 0 || (unsigned)entity >= from->entities)
        return -1;
    if (entity == 0)
        return 0;
    space = from->entity[entity].space;
    return to->of_space[space] ? (int)to->of_space[space] : -1;
}

static void show(struct app *a, struct live_picture *p)
{
    struct view *v = &a->view;
    struct model *old = v->model;
    bool whole = v->from <= old->start && v->to >= old->end, last = v->to >= old->end;
    double length = v->to - v->from;

    v->entity = same_entity(old, v->entity, p->model);
    v->model = p->model;
    if (whole)
        view_range(v, p->model->start, p->model->end);
    else if (last && p->model->end > old->end)
        view_range(v, p->model->end - length, p->model->end);
    live_picture_close(a->picture);
    a->picture = p;
    a->search.model = p->model;
    if (v->at_known && (v->entity < 0 || p->model->entity[v->entity].space == INDEX_UNSEEN >> 1))
        view_select(v, v->at); /* what was not watched may be known now */
    app_live_selected(a);
    glow(a);
}

static void renew(struct app *a)
{
    double begun = open_now();
    struct live_picture *p;

    if (a->shown == a->live->changes || a->searching || a->down ||
        begun - a->renewed < fmax(FRAME_MS / 1000.0, 3 * a->took))
        return;
    a->shown = a->live->changes;
    p = live_picture(a->live);
    if (p)
        show(a, p);
    a->renewed = open_now();
    a->took = a->renewed - begun;
    a->changed = true;
}

/* ---- hovering ---- */

static void rest(struct app *a)
{
    struct live *l = a->live;

    if (!a->hovering || a->asked == a->hovered || l->state.what == VIEW_RUNS ||
        open_now() - a->hovered_since < REST)
        return;
    a->asked = a->hovered;
    live_ask(l, VIEW_LOOK, a->hovered, 0, NULL);
}

/* Where an address leads is asked again where the machine stands next. */
static void follow_again(struct app *a)
{
    struct live *l = a->live;

    if (!l->chain.known || l->state.what == VIEW_RUNS || a->followed == l->state.icount)
        return;
    if (a->followed != UINT64_MAX)
        live_ask(l, VIEW_FOLLOW, l->chain.head.va, l->chain.head.space, NULL);
    a->followed = l->state.icount;
}

void app_live_tick(struct app *a)
{
    struct live *l = a->live;

    if (!l)
        return;
    if (live_poll(l))
        a->changed = true;
    if (l->said[0] && strcmp(l->said, a->said) != 0) {
        app_say(a, "%s", l->said);
        l->said[0] = 0;
    }
    if (l->gone[0] && !a->gone) {
        a->gone = true;
        app_say(a, "%s", l->gone);
    }
    a->quit |= a->once && (a->gone || l->state.what == VIEW_ENDED);
    renew(a);
    rest(a);
    follow_again(a);
}

/* ---- asking ---- */

static bool runs(const struct live *l)
{
    return l->state.what == VIEW_RUNS;
}

static void ask(struct app *a, enum view_message kind, uint64_t n, uint64_t b)
{
    if (a->gone)
        app_say(a, "%s", a->live->gone);
    else
        live_ask(a->live, kind, n, b, NULL);
}

static void go_back(struct app *a, uint64_t instructions)
{
    uint64_t now = a->live->state.icount;

    ask(a, VIEW_GOTO, now > instructions ? now - instructions : 0, 0);
}

struct last {
    uint64_t before, found;
    bool any;
};

static bool last_span(void *ctx, const struct trace_span *span, uint64_t begun)
{
    struct last *l = ctx;

    if (begun >= l->before)
        return false;
    l->any = span->by.kind && span->by.to != INDEX_UNSEEN && span->by.from != INDEX_UNSEEN;
    l->found = begun;
    return true;
}

/* As far as the events before are known; else they are asked for, by living through them again. */
static void crossing_back(struct app *a)
{
    uint64_t now = a->live->state.icount;
    struct last l = {.before = now};
    struct model_visit visit = {.span = last_span, .ctx = &l};
    uint64_t from = now > AROUND ? now - AROUND : 0;

    model_visit(a->view.model, from, now, &visit);
    if (l.any)
        ask(a, VIEW_GOTO, l.found, 0);
    else
        ask(a, VIEW_GOTO, now, AROUND);
    if (!l.any)
        app_say(a, "what was before is brought back: once more, please");
}

static void change_speed(struct app *a, int step)
{
    uint64_t now = a->live->state.speed;
    int i = 0;

    while (i + 1 < SPEEDS && speeds[i] != now && (!now || speeds[i] == 0 || speeds[i] > now))
        i++;
    i += step;
    if (i >= 0 && i < SPEEDS)
        ask(a, VIEW_SPEED, speeds[i], 0);
}

void app_live_do(struct app *a, enum bar_part part)
{
    switch (part) {
    case BAR_CROSSING_BACK:
        crossing_back(a);
        break;
    case BAR_BACK:
        go_back(a, 1);
        break;
    case BAR_RUN:
        ask(a, runs(a->live) ? VIEW_PAUSE : VIEW_RUN, 0, 0);
        break;
    case BAR_STEP:
        ask(a, VIEW_STEP, 1, 0);
        break;
    case BAR_CROSSING:
        ask(a, VIEW_CROSSING, 0, 0);
        break;
    case BAR_SLOWER:
        change_speed(a, 1);
        break;
    case BAR_FASTER:
        change_speed(a, -1);
        break;
    default:
        break;
    }
}

void app_live_goto(struct app *a, uint64_t icount)
{
    ask(a, VIEW_GOTO, icount, AROUND);
}

void app_live_reach(struct app *a, const char *symbol)
{
    live_ask(a->live, VIEW_REACH, 0, 0, symbol);
}

void app_live_address(struct app *a, const char *address)
{
    const struct view *v = &a->view;
    uint32_t space = v->entity > 0 ? v->model->entity[v->entity].id : 0;
    char *end;
    uint64_t at = strtoull(address, &end, 16);

    if (!space)
        app_say(a, "select a level first, in the nest or by Tab");
    else if (end == address || *end)
        app_say(a, "'%.40s' is no address: hexadecimal, as 10000000", address);
    else
        live_ask(a->live, VIEW_FOLLOW, at, space, NULL);
}

/* ---- what is selected ---- */

static bool is_fault(void *ctx, const struct trace_span *span, uint64_t begun)
{
    struct trace_record *r = ctx;

    (void)begun;
    *r = span->by;
    return false;
}

void app_live_selected(struct app *a)
{
    struct view *v = &a->view;
    struct trace_record r = {.kind = 0};
    struct model_visit visit = {.span = is_fault, .ctx = &r};

    if (!a->live || !v->at_known || a->selected == v->at)
        return;
    model_visit(v->model, v->at, v->at + 1, &visit);
    if (!r.kind || r.to == INDEX_UNSEEN)
        return;
    a->selected = v->at;
    if (r.kind == TRACE_EXCEPTION && (r.reason & 0xff) == 14 && r.from & 1)
        live_ask(a->live, VIEW_FOLLOW, r.addr, v->model->entity[model_entity(v->model, r.from)].id,
                 NULL);
}

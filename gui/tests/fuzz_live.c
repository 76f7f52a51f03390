/* gui/tests/fuzz_live.c -- libFuzzer target: whatever bytes a simulator sends, nothing breaks: what
 * is kept stays in order and within bounds, and a model of it accounts for every instruction.
 * Input: messages as abi/viewer/viewer.h lays them out. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gui/layout.h"
#include "gui/live.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { WIDTH = 420, HEIGHT = 260 };

#define must(held) ((held) ? (void)0 : broken(__LINE__))
static void broken(int line)
{
    fprintf(stderr, "fuzz_live.c:%d does not hold\n", line);
    abort();
}

static void check_kept(const struct live *l)
{
    size_t events = 0;

    for (size_t i = 0; i < l->stretches; i++) {
        const struct live_stretch *s = &l->stretch[i];
        must(s->from <= s->to && (i == 0 || l->stretch[i - 1].to <= s->from));
        for (size_t k = 0; k < s->n; k++)
            must(s->record[k].icount >= (k ? s->record[k - 1].icount : s->from) &&
                 s->record[k].icount <= s->to);
        events += s->n;
    }
    must(events == l->events && (events <= LIVE_EVENTS || l->stretches == 1));
    for (size_t i = 1; i < l->sums_n; i++)
        must(l->sums[i - 1].icount < l->sums[i].icount);
}

static void check_account(struct model *m)
{
    struct model_cost *cost = calloc(m->entities, sizeof *cost);
    uint64_t sum = 0;

    must(cost != NULL);
    model_costs(m, 0, UINT64_MAX, cost);
    for (unsigned i = 0; i < m->entities; i++)
        sum += cost[i].own + cost[i].others + cost[i].kernel;
    must(sum == m->end - m->start);
    free(cost);
}

static void draw(struct live *l, struct model *m)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
    cairo_t *cr = cairo_create(s);
    struct rect all = {0, 0, WIDTH, HEIGHT};
    struct view v;

    view_init(&v, m);
    v.live = l;
    layout_draw(cr, &v, all, NULL);
    view_go(&v, l->state.icount);
    view_zoom(&v, v.at, 0.01);
    layout_draw(cr, &v, all, NULL);
    must(cairo_status(cr) == CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    cairo_surface_destroy(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct live *l = malloc(sizeof *l);
    struct live_picture *p;

    must(l && live_open(l, -1));
    live_take(l, bytes, n);
    check_kept(l);
    p = l->changes ? live_picture(l) : NULL;
    if (p) {
        check_account(p->model);
        draw(l, p->model);
    }
    live_picture_close(p);
    live_close(l);
    free(l);
    return 0;
}

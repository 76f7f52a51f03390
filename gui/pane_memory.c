/* gui/pane_memory.c -- where an address of a level leads: the mapping that covers it, the region of
 * the next space which that maps, and so on to the frame of memory; what each step allows; and who
 * else reaches the same frame. Only a machine that runs has memory; it answers for the moment at
 * which it stands. SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "gui/live.h"
#include "gui/pane.h"

enum { ROW = 58, ROW_MIN = 50, SHARERS = 190, LINE = 15, NAME = 118 };

static int entity_of(const struct model *m, uint32_t space)
{
    for (unsigned i = 1; i < m->entities; i++)
        if (m->entity[i].id == space)
            return (int)i;
    return -1;
}

static const char *label_of(const struct model *m, uint32_t space, char text[MODEL_LABEL])
{
    int e = entity_of(m, space);

    if (e >= 0)
        return m->entity[e].label;
    snprintf(text, MODEL_LABEL, "space %" PRIu32, space);
    return text;
}

static const char *prot(unsigned bits, char text[4])
{
    snprintf(text, 4, "%c%c%c", bits & 1 ? 'r' : '-', bits & 2 ? 'w' : '-', bits & 4 ? 'x' : '-');
    return text;
}

struct memory {
    cairo_t *cr;
    struct view *v;
    const struct live_chain *c;
    struct rect r; /* of the links */
    double row, sharers;
};

/* False: nothing is known. */
static bool memory_begin(struct memory *m, cairo_t *cr, struct view *v, struct rect r)
{
    *m = (struct memory){.cr = cr, .v = v, .r = pane_inside(r)};
    if (!v->live || !v->live->chain.known)
        return false;
    m->c = &v->live->chain;
    m->sharers = m->c->head.sharers && m->r.w > 420 ? SHARERS : 0;
    m->r.w -= m->sharers;
    m->row = fmin(ROW, fmax(ROW_MIN, m->r.h / (m->c->head.links + 1.0)));
    return true;
}

static struct rect row_at(const struct memory *m, unsigned i)
{
    return (struct rect){m->r.x, m->r.y + i * m->row, m->r.w, m->row};
}

static void draw_arrow(struct memory *m, struct rect r)
{
    double x = r.x + NAME / 2.0, y = r.y + r.h;

    look_ink(m->cr, &m->v->look, LOOK_TEXT);
    look_line(m->cr, x, y - 9, x, y - 2, 1.2);
    cairo_move_to(m->cr, x - 4, y - 4);
    cairo_line_to(m->cr, x + 4, y - 4);
    cairo_line_to(m->cr, x, y + 1);
    cairo_close_path(m->cr);
    cairo_fill(m->cr);
}

static void draw_link(struct memory *m, unsigned i)
{
    const struct view_link *l = &m->c->link[i];
    struct rect r = row_at(m, i);
    int e = entity_of(m->v->model, l->space);
    char name[MODEL_LABEL], p[4], q[4], text[PANE_WORDS];
    double x = r.x + NAME + 8, room = r.w - NAME - 10;

    look_fill(m->cr, &m->v->look, e < 0 ? 0 : m->v->model->entity[e].shade,
              (struct rect){r.x, r.y, NAME, r.h - 10});
    look_tag(m->cr, (struct rect){r.x, r.y, NAME, r.h - 10}, 11,
             label_of(m->v->model, l->space, name));
    look_ink(m->cr, &m->v->look, LOOK_TEXT);
    snprintf(text, sizeof text, "0x%" PRIx64, l->va);
    look_bold(m->cr, x, r.y + 7, 11, LOOK_LEFT, room, text);
    snprintf(text, sizeof text, "mapping %s, %" PRIu64 " KiB from 0x%" PRIx64, prot(l->map_prot, p),
             l->map_size / 1024, l->map_start);
    look_text(m->cr, x, r.y + 7 + LINE, 10.5, LOOK_LEFT, room, text);
    if (l->region)
        snprintf(text, sizeof text, "region %s, %" PRIu64 " KiB from 0x%" PRIx64 "%s%s",
                 prot(l->region_prot, q), l->region_size / 1024, l->region_start,
                 l->keeper ? ", has a keeper" : "", l->guarded ? "; writing asks it first" : "");
    else
        snprintf(text, sizeof text, "of no region");
    look_ink(m->cr, &m->v->look, LOOK_FAINT);
    look_text(m->cr, x, r.y + 7 + 2 * LINE, 10.5, LOOK_LEFT, room, text);
    draw_arrow(m, r);
}

/* What is allowed along the whole way: what each step allows. */
static unsigned allowed(const struct live_chain *c)
{
    unsigned bits = 7;

    for (uint32_t i = 0; i < c->head.links; i++)
        bits &= c->link[i].map_prot & (c->link[i].region ? c->link[i].region_prot : 7);
    return bits;
}

static void draw_end(struct memory *m)
{
    struct rect r = row_at(m, m->c->head.links);
    char text[PANE_WORDS + VIEW_TEXT], p[4];

    if (m->c->head.reached)
        snprintf(text, sizeof text, "memory at 0x%" PRIx64 ", frame %" PRIu64 "; allowed: %s",
                 m->c->head.pa, m->c->head.pa >> 12, prot(allowed(m->c), p));
    else
        snprintf(text, sizeof text, "%s", m->c->words);
    look_fill(m->cr, &m->v->look, 0, (struct rect){r.x, r.y, r.w - 4, fmin(24, r.h)});
    look_tag(m->cr, (struct rect){r.x, r.y, r.w - 4, fmin(24, r.h)}, 11, text);
}

static void draw_sharers(struct memory *m)
{
    double x = m->r.x + m->r.w + 8, y = m->r.y + 6;
    char text[PANE_WORDS], name[MODEL_LABEL], p[4];

    look_ink(m->cr, &m->v->look, LOOK_TEXT);
    look_bold(m->cr, x, y, 11, LOOK_LEFT, m->sharers, "the same frame");
    for (uint32_t i = 0; i < m->c->head.sharers && y < m->r.y + m->r.h - LINE; i++) {
        const struct view_sharer *s = &m->c->sharer[i];
        y += LINE;
        snprintf(text, sizeof text, "%.60s  0x%" PRIx64 "  %s",
                 label_of(m->v->model, s->space, name), s->va, prot(s->prot, p));
        look_text(m->cr, x, y, 10.5, LOOK_LEFT, m->sharers, text);
    }
}

static void memory_draw(cairo_t *cr, struct view *v, struct rect r)
{
    struct memory m;
    bool known = memory_begin(&m, cr, v, r);
    char note[PANE_WORDS], name[MODEL_LABEL];

    if (known)
        snprintf(note, sizeof note, "0x%" PRIx64 " of %.60s", m.c->head.va,
                 label_of(v->model, m.c->head.space, name));
    else
        snprintf(note, sizeof note, "%s",
                 v->live ? "m asks for an address of the level selected, or select a page fault"
                         : "a finished trace holds no memory: flatfish run --view shows it");
    pane_frame(cr, v, r, "Memory", note);
    if (!known)
        return;
    for (unsigned i = 0; i < m.c->head.links; i++)
        draw_link(&m, i);
    draw_end(&m);
    if (m.sharers > 0)
        draw_sharers(&m);
}

static int link_at(const struct memory *m, double x, double y)
{
    for (unsigned i = 0; i < m->c->head.links; i++)
        if (rect_has(row_at(m, i), x, y))
            return (int)i;
    return -1;
}

static bool memory_hover(struct view *v, struct rect r, double x, double y, char words[PANE_WORDS])
{
    struct memory m;
    int i = memory_begin(&m, NULL, v, r) ? link_at(&m, x, y) : -1;
    char name[MODEL_LABEL];

    if (i < 0)
        return false;
    snprintf(words, PANE_WORDS,
             "%.60s: address 0x%" PRIx64 ", mapping %" PRIu32 ", region %" PRIu32
             ", keeper port %" PRIu64,
             label_of(v->model, m.c->link[i].space, name), m.c->link[i].va, m.c->link[i].mapping,
             m.c->link[i].region, m.c->link[i].keeper);
    return true;
}

static void memory_click(struct view *v, struct rect r, double x, double y)
{
    struct memory m;
    int i = memory_begin(&m, NULL, v, r) ? link_at(&m, x, y) : -1;

    if (i >= 0)
        v->entity = entity_of(v->model, m.c->link[i].space);
}

static bool memory_shown(const struct view *v)
{
    return v->live != NULL;
}

const struct pane pane_memory = {
    .name = "memory",
    .title = "Memory",
    .shown = memory_shown,
    .draw = memory_draw,
    .hover = memory_hover,
    .click = memory_click,
};

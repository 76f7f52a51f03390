/* gui/layout.c -- the score above, over the whole width; the others below it, side by side.
 * SPDX-License-Identifier: MIT */
#include <limits.h>

#include "gui/layout.h"

enum { GAP = 3 };
static const double SCORE_PART = 0.56;

static bool is_shown(const struct view *v, unsigned n)
{
    return !pane_at(n)->shown || pane_at(n)->shown(v);
}

/* How many of the first n are shown, but for the score. */
static unsigned shown_before(const struct view *v, unsigned n)
{
    unsigned shown = 0;

    for (unsigned i = 1; i < n && pane_at(i); i++)
        shown += is_shown(v, i);
    return shown;
}

struct rect layout_place(const struct view *v, struct rect area, const struct pane *alone,
                         unsigned n)
{
    double top = area.h * SCORE_PART, below = area.h - top - GAP;
    unsigned others = shown_before(v, UINT_MAX);
    double w = (area.w - GAP * (others - 1.0)) / others;

    if (alone)
        return pane_at(n) == alone ? area : (struct rect){0, 0, 0, 0};
    if (n == 0)
        return (struct rect){area.x, area.y, area.w, top};
    if (!is_shown(v, n))
        return (struct rect){0, 0, 0, 0};
    return (struct rect){area.x + shown_before(v, n) * (w + GAP), area.y + top + GAP, w, below};
}

const struct pane *layout_find(const struct view *v, struct rect area, const struct pane *alone,
                               double x, double y, struct rect *where)
{
    for (unsigned n = 0; pane_at(n); n++) {
        *where = layout_place(v, area, alone, n);
        if (rect_has(*where, x, y))
            return pane_at(n);
    }
    return NULL;
}

void layout_draw(cairo_t *cr, struct view *v, struct rect area, const struct pane *alone)
{
    look_ink(cr, &v->look, LOOK_GRID);
    look_paint(cr, area);
    for (unsigned n = 0; pane_at(n); n++) {
        struct rect r = layout_place(v, area, alone, n);
        if (r.w <= 0)
            continue;
        cairo_save(cr);
        cairo_rectangle(cr, r.x, r.y, r.w, r.h);
        cairo_clip(cr);
        pane_at(n)->draw(cr, v, r);
        cairo_restore(cr);
    }
}

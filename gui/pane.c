/* gui/pane.c -- the list of panes, and the frame they have in common.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "gui/pane.h"

enum { TITLE = 24, MARGIN = 8 };

static const struct pane *const panes[] = {
#define PANE(name) &pane_##name,
#include "gui/panes.def"
#undef PANE
};

const struct pane *pane_at(unsigned n)
{
    return n < sizeof panes / sizeof *panes ? panes[n] : NULL;
}

const struct pane *pane_find(const char *name)
{
    for (unsigned i = 0; pane_at(i); i++)
        if (strcmp(pane_at(i)->name, name) == 0)
            return pane_at(i);
    return NULL;
}

struct rect pane_inside(struct rect r)
{
    double w = r.w - 2 * MARGIN, h = r.h - TITLE - MARGIN - 2;

    return (struct rect){r.x + MARGIN, r.y + TITLE + 2, w > 1 ? w : 1, h > 1 ? h : 1};
}

struct rect pane_frame(cairo_t *cr, const struct view *v, struct rect r, const char *title,
                       const char *note)
{
    double w;

    look_ink(cr, &v->look, LOOK_PAPER);
    look_paint(cr, r);
    look_ink(cr, &v->look, LOOK_PANEL);
    look_paint(cr, (struct rect){r.x, r.y, r.w, TITLE});
    look_ink(cr, &v->look, LOOK_TEXT);
    w = look_bold(cr, r.x + MARGIN, r.y + TITLE / 2, 13, LOOK_LEFT, r.w - 2 * MARGIN, title);
    look_ink(cr, &v->look, LOOK_FAINT);
    if (r.w - w - 3 * MARGIN > 40)
        look_text(cr, r.x + MARGIN + w + 12, r.y + TITLE / 2, 11, LOOK_LEFT,
                  r.w - w - 3 * MARGIN - 4, note);
    return pane_inside(r);
}

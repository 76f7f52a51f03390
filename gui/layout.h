/* gui/layout.h -- which panes are shown, and where: all of them, or one alone.
 * SPDX-License-Identifier: MIT */
#ifndef GUI_LAYOUT_H
#define GUI_LAYOUT_H

#include "gui/pane.h"

/* Where pane n lies in the area; w = 0: it is not shown. `alone`: NULL = all of them. */
struct rect layout_place(const struct view *v, struct rect area, const struct pane *alone,
                         unsigned n);
/* The pane at a point, and where it lies; NULL = none. */
const struct pane *layout_find(const struct view *v, struct rect area, const struct pane *alone,
                               double x, double y, struct rect *where);
void layout_draw(cairo_t *cr, struct view *v, struct rect area, const struct pane *alone);

#endif

/* gui/score.h -- what one drawing of a score works with; private to pane_score.c and score_*.c.
 * SPDX-License-Identifier: MIT */
#ifndef GUI_SCORE_H
#define GUI_SCORE_H

#include <cairo.h>

#include "gui/columns.h"
#include "gui/rows.h"
#include "gui/view.h"

enum { SCORE_STYLES = 8 }; /* of levels; the kernel's row holds one for each it works for */

struct score {
    cairo_t *cr;
    struct view *v;
    struct rect plot, overview, bands, lanes; /* bands: regions and marks */
    struct rows rows;
    struct columns cols; /* a row for each row but the kernel's, then SCORE_STYLES for the kernel */
    uint16_t *row_of;    /* lane -> row of cols */
    bool close;          /* so near that events are drawn one by one */
};

/* The parts of a score's rectangle. */
void score_areas(struct score *s, struct rect r);
double score_x(const struct score *s, double icount);
struct rect score_row(const struct score *s, unsigned n);
unsigned score_style(unsigned level);

void score_overview(struct score *s); /* score_bands.c: the whole run, with the range marked */
void score_axis(struct score *s);
void score_notes(struct score *s);
void score_bands(struct score *s);   /* regions and marks */
void score_spans(struct score *s);   /* score_spans.c: one by one, with arcs and reasons */
void score_columns(struct score *s); /* what is too short for that */

#endif

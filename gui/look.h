/* gui/look.h -- how everything looks: colours, hatchings, letters; light and dark.
 * Levels are told apart by colour *and* hatching, as in the pictures of scripts, so that a picture
 * is legible in black and white and for the colour-blind. SPDX-License-Identifier: MIT */
#ifndef GUI_LOOK_H
#define GUI_LOOK_H

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

struct rect {
    double x, y, w, h;
};

static inline bool rect_has(struct rect r, double x, double y)
{
    return x >= r.x && y >= r.y && x < r.x + r.w && y < r.y + r.h;
}

struct look {
    bool dark;
};

enum look_ink {
    LOOK_PAPER, /* behind everything */
    LOOK_PANEL, /* behind titles and lanes that stand out */
    LOOK_TEXT,
    LOOK_FAINT, /* lesser words and lines */
    LOOK_GRID,
    LOOK_MARK /* what is selected */
};
void look_ink(cairo_t *cr, const struct look *l, enum look_ink ink);

enum look_side { LOOK_LEFT, LOOK_CENTRE, LOOK_RIGHT };
/* y is the middle of the line. Cut to `room` with two dots when room > 0 and it is longer; nothing
 * is drawn when less than two letters are left. Returns the width drawn. */
double look_text(cairo_t *cr, double x, double y, double size, enum look_side side, double room,
                 const char *text);
double look_bold(cairo_t *cr, double x, double y, double size, enum look_side side, double room,
                 const char *text);
double look_width(cairo_t *cr, double size, const char *text);

/* The area of a level: colour, hatching, outline. Level 0 is grey. */
void look_fill(cairo_t *cr, const struct look *l, unsigned level, struct rect r);
/* Its parts: colour alone (what is counted by who reads an SVG), and hatching alone. */
void look_colour(cairo_t *cr, unsigned level);
void look_hatch(cairo_t *cr, unsigned hatch, struct rect r);
/* Adds the hatching's lines to the path, for many areas that look_hatch_end() draws at once. */
void look_hatch_add(cairo_t *cr, unsigned hatch, struct rect r);
void look_hatch_end(cairo_t *cr, unsigned hatch);
unsigned look_hatch_of(unsigned level);
/* Words on an area: black on a white box. */
void look_tag(cairo_t *cr, struct rect r, double size, const char *text);

void look_line(cairo_t *cr, double x1, double y1, double x2, double y2, double width);
void look_box(cairo_t *cr, struct rect r, double width);
void look_paint(cairo_t *cr, struct rect r);
/* Light along the edges, strength 0 .. 1. */
void look_glow(cairo_t *cr, struct rect r, double strength);

/* 1, 2 or 5 times a power of ten, so that about `n` of them cover `length`. */
double look_step(double length, unsigned n);
/* "153,784,404", and "154 M". */
void look_number(char *text, uint64_t n);
void look_short(char *text, double n);
enum { LOOK_NUMBER = 32 };

#endif

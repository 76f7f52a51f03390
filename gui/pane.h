/* gui/pane.h -- a pane: one way of looking at the view. Each pane_NAME.c exports one of these;
 * panes.def lists them. Drawing never changes anything; the rest changes the view only.
 * SPDX-License-Identifier: MIT */
#ifndef GUI_PANE_H
#define GUI_PANE_H

#include "gui/view.h"

enum { PANE_WORDS = 384 };

struct pane {
    const char *name, *title;
    bool (*shown)(const struct view *v); /* among the others; NULL: always */
    void (*draw)(cairo_t *cr, struct view *v, struct rect r);
    /* What is there, in words; false = nothing. */
    bool (*hover)(struct view *v, struct rect r, double x, double y, char words[PANE_WORDS]);
    /* Selects what is there. */
    void (*click)(struct view *v, struct rect r, double x, double y);
    void (*scroll)(struct view *v, double rows); /* NULL: there is nothing to scroll */
};

const struct pane *pane_find(const char *name);
const struct pane *pane_at(unsigned n); /* NULL = no more */
/* Background and title; returns what is left for the pane's own drawing. */
struct rect pane_frame(cairo_t *cr, const struct view *v, struct rect r, const char *title,
                       const char *note);

/* What pane_frame() leaves, for who has no cairo at hand. */
struct rect pane_inside(struct rect r);

/* The part of a score that shows time, for the window's mouse: x <-> icount. */
struct rect score_plot(struct rect r);
/* The moment at a point of a score: an instruction when single ones can be told apart, else where
 * the stay there begins. False = nothing is known there. */
bool score_moment(struct view *v, struct rect r, double x, double y, uint64_t *at);

#define PANE(name) extern const struct pane pane_##name;
#include "gui/panes.def"
#undef PANE

#endif

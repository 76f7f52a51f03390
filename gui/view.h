/* gui/view.h -- what is being looked at: the range, the selection, and who looks how. One for all
 * panes: what is selected in one is shown in all. Panes change it, window and export draw it.
 * SPDX-License-Identifier: MIT */
#ifndef GUI_VIEW_H
#define GUI_VIEW_H

#include "gui/look.h"
#include "gui/model.h"

struct live;
struct notes;

struct view {
    struct model *model;
    struct look look;
    uint64_t from, to; /* the range shown: from < to */
    int entity;        /* selected, -1 = none */
    bool at_known;
    uint64_t at;                /* the moment that is selected: where a span begins */
    bool count_crossings;       /* overhead and nest: by crossings, not instructions */
    struct price price[PRICES]; /* cost models that overhead can be counted by */
    int prices, priced;         /* how many; by which of them, -1 = none */
    bool threads;               /* score: a row for each thread, not for each space */
    double rows_above;          /* score: rows scrolled past */
    unsigned legs_above;        /* path: legs scrolled past */
    double costs_above;         /* overhead: levels scrolled past */
    struct notes *notes;        /* or NULL */
    struct model *other;        /* the trace compared with, or NULL */
    const char *other_name;
    struct live *live;  /* the machine that runs, or NULL */
    const double *glow; /* by entity, 0 .. 1: who is active now; or NULL */
};

void view_init(struct view *v, struct model *m);
/* Any range, made one that can be shown: within the trace, and not empty. */
void view_range(struct view *v, double from, double to);
/* Around `centre` (an icount); factor < 1 shows less. */
void view_zoom(struct view *v, double centre, double factor);
void view_pan(struct view *v, double instructions);
/* Selects the moment, and who runs then. */
void view_select(struct view *v, uint64_t icount);
/* As view_select, and scrolls so that it can be seen. */
void view_go(struct view *v, uint64_t icount);

#endif

/* gui/rows.h -- the lanes of a score: a row for each space, deepest level on top, the kernel below.
 * There is one CPU, so the threads of a space never run at once and share its row well; who wants
 * to tell them apart gets a row for each. SPDX-License-Identifier: MIT */
#ifndef GUI_ROWS_H
#define GUI_ROWS_H

#include "gui/model.h"

struct row {
    unsigned entity;
    uint32_t thread; /* INDEX_ANY = all of them */
    bool kernel;     /* all of the kernel, whoever it works for */
    bool first;      /* of its entity: it carries the name */
    double y, h;     /* from the top of the score's lanes */
};

struct rows {
    struct row *row;
    unsigned n;
    double height; /* of all */
};

/* Rows for `room` pixels, by space or by thread. False when memory is out. */
bool rows_make(struct rows *rows, const struct model *m, bool threads, double room);
void rows_free(struct rows *rows);
/* The row of a span or lane. */
unsigned rows_find(const struct rows *rows, const struct model *m, unsigned to, uint32_t thread);
void rows_label(const struct rows *rows, const struct model *m, unsigned n, char *text, size_t max);

#endif

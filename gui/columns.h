/* gui/columns.h -- what each column of a picture holds, row by row: the index, cut to pixels.
 * SPDX-License-Identifier: MIT */
#ifndef GUI_COLUMNS_H
#define GUI_COLUMNS_H

#include "gui/model.h"

enum { COLUMNS_NOWHERE = UINT16_MAX };

struct columns {
    unsigned rows, cols;
    uint64_t from, to;
    double *cell;  /* [row * cols + col]: instructions, or entries */
    double *total; /* [col]: instructions of all rows */
};

/* All zero; false when memory is out. columns_free() is for both. */
bool columns_init(struct columns *c, unsigned rows, unsigned cols, uint64_t from, uint64_t to);
void columns_free(struct columns *c);
/* Adds what the index knows; row_of[lane] says where to, COLUMNS_NOWHERE = nowhere. With `entries`
 * they are counted instead. */
void columns_index(struct columns *c, const struct model *m, const uint16_t *row_of, bool entries);
/* Adds one span. */
void columns_add(struct columns *c, unsigned row, uint64_t begin, uint64_t end);
/* Where a moment lies, in columns. */
double columns_x(const struct columns *c, double icount);

#endif

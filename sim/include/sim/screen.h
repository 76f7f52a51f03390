/* sim/screen.h -- what the PC's screen shows now. Looking changes nothing in the machine.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_SCREEN_H
#define SIM_SCREEN_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The screen's text as UTF-8, a line a row, blanks at the ends cut. Writes at most `max` bytes,
 * always with a NUL when max > 0, and returns the length of the whole text; 0 when the screen is
 * empty, off, or shows graphics. */
size_t sim_screen_text(char *out, size_t max);

struct sim_cell {
    uint16_t c;         /* Unicode */
    uint8_t fore, back; /* the PC's colours: 1 blue, 2 green, 4 red, 8 bright */
    bool blink;
};
struct sim_screen {
    unsigned width, height; /* in pixels */
    unsigned cols, rows;    /* of text; 0 = graphics, or the screen is off */
    bool off;
    bool cursor_on;
    unsigned cursor_col, cursor_row;
};
/* The text cell by cell, a row after the other. Rows that `max` cells do not hold are left out, of
 * `rows` too. */
void sim_screen_cells(struct sim_screen *screen, struct sim_cell *cells, size_t max);
/* The screen as a PNG file (text is drawn with the guest's own font). 0 or -1. */
int sim_screen_png(const char *path);

#ifdef __cplusplus
}
#endif
#endif

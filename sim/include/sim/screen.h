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
/* The screen as a PNG file (text is drawn with the guest's own font). 0 or -1. */
int sim_screen_png(const char *path);

#ifdef __cplusplus
}
#endif
#endif

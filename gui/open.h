/* gui/open.h -- opens a trace for a person who waits at a terminal; with a window on the screen
 * that shows the progress itself (window_tell()). SPDX-License-Identifier: MIT */
#ifndef GUI_OPEN_H
#define GUI_OPEN_H

#include "gui/model.h"

/* model_open() with a progress bar on a terminal, and a word when the index could not be kept. */
struct model *open_trace(const char *dir, char *err, size_t max);

double open_now(void); /* seconds, from some moment on */

#endif

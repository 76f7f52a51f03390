/* gui/window.h -- a window on the screen; the only part that knows SDL.
 * SPDX-License-Identifier: MIT */
#ifndef GUI_WINDOW_H
#define GUI_WINDOW_H

#include "gui/app.h"

struct window;

/* NULL with a line: there is no display. `hidden`: for measuring, drawn by software, nothing shown.
 */
struct window *window_open(const char *title, int width, int height, bool hidden, char *err,
                           size_t max);
void window_close(struct window *w);
/* An index_tell that shows a bar, and ends the program when it is told to. */
void window_tell(void *window, double part);
/* Words alone, for a moment; false = the window is to be closed. */
bool window_say(struct window *w, const char *words);
/* Until the app wants to end. */
void window_run(struct window *w, struct app *a);
/* Draws once and shows it. */
void window_show(struct window *w, struct app *a);
void window_size(const struct window *w, int *width, int *height);

#endif

/* gui/app_live.h -- the window of a machine that runs: its bar with buttons and slider, and the
 * picture that is made anew as the machine tells more; private to gui/app*.c and window.c. All do
 * nothing when the app shows a finished trace. SPDX-License-Identifier: MIT */
#ifndef GUI_APP_LIVE_H
#define GUI_APP_LIVE_H

#include "gui/app.h"

/* Takes what the machine has told, and makes a new picture when it is time. */
void app_live_tick(struct app *a);
/* False: the key is not one of the bar's. */
bool app_live_key(struct app *a, int key);
/* The bar under the panes; false = the mouse is elsewhere. */
bool app_live_press(struct app *a, double x, double y);
bool app_live_release(struct app *a, double x, double y);
bool app_live_move(struct app *a, double x, double y);
void app_live_draw(cairo_t *cr, struct app *a);
double app_live_height(const struct app *a);
/* Goes to the symbol, or asks about the address, that was typed. */
void app_live_reach(struct app *a, const char *symbol);
void app_live_address(struct app *a, const char *address);
/* A moment was selected: where does the address of its fault lead? */
void app_live_selected(struct app *a);

#endif

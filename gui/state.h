/* gui/state.h -- what a window remembers from one time to the next: size, dark, lanes, scale. In
 * $XDG_STATE_HOME/flatfish/view (or ~/.local/state). SPDX-License-Identifier: MIT */
#ifndef GUI_STATE_H
#define GUI_STATE_H

#include <stdbool.h>

struct state {
    int width, height;
    bool dark, threads;
    double scale;
};

void state_load(struct state *s);       /* what is not known stays as it is */
void state_save(const struct state *s); /* or not: nobody is told */

#endif

/* gui/app_bar.h -- the bar of a machine that runs: buttons, speed, slider; private to gui/app*.c.
 * SPDX-License-Identifier: MIT */
#ifndef GUI_APP_BAR_H
#define GUI_APP_BAR_H

#include "gui/app_live.h"

enum bar_part {
    BAR_CROSSING_BACK,
    BAR_BACK,
    BAR_RUN,
    BAR_STEP,
    BAR_CROSSING,
    BAR_SLOWER,
    BAR_SPEED,
    BAR_FASTER,
    BAR_SLIDER,
    BAR_PARTS
};

void app_live_do(struct app *a, enum bar_part part);
void app_live_goto(struct app *a, uint64_t icount);

#endif

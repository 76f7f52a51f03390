/* gui/live_keep.h -- what a live view keeps of the events and sums that it is sent; private to
 * gui/live*.c. SPDX-License-Identifier: MIT */
#ifndef GUI_LIVE_KEEP_H
#define GUI_LIVE_KEEP_H

#include "gui/live.h"

/* Bodies of EVENTS and SUMS; what makes no sense in them is left out. */
void keep_events(struct live *l, const uint8_t *body, size_t n);
void keep_sums(struct live *l, const uint8_t *body, size_t n);
void keep_free(struct live *l);

#endif

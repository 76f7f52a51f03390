/* sim/view/feed.h -- what the viewer is told of the machine; private to sim/view/.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_VIEW_FEED_H
#define SIM_VIEW_FEED_H

#include "abi/viewer/viewer.h"
#include "sim/machine.h"

int feed_open(void);
void feed_close(void);
/* Events since the last time, up to `most` of the newest, sums, spaces, labels. Nothing while the
 * viewer has not taken what was sent before: what is missed then counts as dropped; false = so it
 * is. */
bool feed_send(size_t most);
enum { FEED_RUNNING = 4096, FEED_KEPT = 32768 }; /* most: while it runs; when it stands */
/* The machine is somewhere else: what comes does not follow what was sent. */
void feed_moved(void);
uint64_t feed_dropped(void);

#endif

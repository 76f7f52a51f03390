/* sim/core/observe.h -- what going back has to know of observing.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_OBSERVE_H
#define SIM_CORE_OBSERVE_H

#include "sim/machine.h"

/* When observing began; 0 while it is off. */
uint64_t observe_since(void);
/* The machine came from a snapshot that holds no counts of this observing. */
bool observe_stale(void);
/* Nothing is counted until observe_again(), which begins from zero. */
void observe_pause(void);
int observe_again(void);

#endif

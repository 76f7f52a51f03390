/* gui/bench.h -- `flatfish view --bench`: what opening, zooming and panning cost on this machine.
 * SPDX-License-Identifier: MIT */
#ifndef GUI_BENCH_H
#define GUI_BENCH_H

#include <stdbool.h>

/* Prints figures, as text or JSON. Exit code, after a line when it is not 0. */
int bench(const char *trace, int width, int height, bool json);

#endif

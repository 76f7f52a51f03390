/* gui/price.h -- a cost model as the viewer knows it: cycles an instruction, and a crossing of each
 * kind. `flatfish view` reads the model's file and hands the numbers on. SPDX-License-Identifier:
 * MIT */
#ifndef GUI_PRICE_H
#define GUI_PRICE_H

#include <stdbool.h>

#include "abi/trace/record.h"

enum { PRICES = 4 };

struct price {
    char name[64];
    double instruction, event[TRACE_KINDS]; /* by kind */
};

/* NAME:INSTRUCTION:KIND=PRICE:KIND=PRICE... False = that is none. */
bool price_read(struct price *p, const char *text);

#endif

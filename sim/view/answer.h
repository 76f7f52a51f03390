/* sim/view/answer.h -- what the viewer asks of the machine as it stands; private to sim/view/.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_VIEW_ANSWER_H
#define SIM_VIEW_ANSWER_H

#include "sim/machine.h"

void answer_place(void);                   /* registers and symbol, here */
void answer_chain(uint32_t space, gva va); /* where this leads */
void answer_symbol(const char *text);      /* where this is, or that there is none */
void answer_said(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif

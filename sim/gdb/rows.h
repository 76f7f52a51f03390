/* sim/gdb/rows.h -- `monitor rows`: answers for programs; rows.def is the list of them.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_GDB_ROWS_H
#define SIM_GDB_ROWS_H

#include "sim/gdb/session.h"

void rows_run(struct session *s, const char *line, struct text *out);

#endif

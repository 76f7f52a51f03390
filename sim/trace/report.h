/* sim/trace/report.h -- a trace as tables for people, or in other programs' formats.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_TRACE_REPORT_H
#define SIM_TRACE_REPORT_H

#include <stdio.h>

#include "trace/walk.h"

/* The reports. Each goes from the beginning to `to`; false when memory is out. What cannot be
 * written shows in ferror(to). */
bool trace_summary(FILE *to, struct trace_reader *t, const struct trace_pick *pick);
bool trace_text(FILE *to, struct trace_reader *t, const struct trace_pick *pick);
bool trace_csv(FILE *to, struct trace_reader *t, const struct trace_pick *pick);
bool trace_folded(FILE *to, struct trace_reader *t, const struct trace_pick *pick);
bool trace_perfetto(FILE *to, struct trace_reader *t, const struct trace_pick *pick);

#endif

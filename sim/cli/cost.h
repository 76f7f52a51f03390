/* sim/cli/cost.h -- cost models: modelled cycles from exact counts. The files are
 * lua-scripts/cost/NAME.lua; their README says what is in one. SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_COST_H
#define SIM_CLI_COST_H

#include <stdint.h>
#include "abi/trace/record.h"

struct cost_model {
    char name[64], title[160];
    double instruction;        /* cycles each */
    double event[TRACE_KINDS]; /* likewise, by kind; the TLB's part is in that of CR3 */
    char estimates[256];       /* names of the prices that nobody measured */
};

/* `name`: of a model that comes with Flatfish, or a file (with a / or ending in .lua). 0, or an
 * exit code after a line on stderr that says what is wrong with it. */
int cost_load(const char *name, struct cost_model *model);

/* What this many instructions, with these events among them, would take. */
double cost_cycles(const struct cost_model *model, uint64_t instructions,
                   const uint64_t events[TRACE_KINDS]);

/* The models that the viewer can count by, as its words price=...: the one given, else those that
 * come with Flatfish. Returns how many, or -1 after a line with *code set. */
enum { COST_WORDS = 4 };
int cost_words(const char *given, char *words[COST_WORDS], int *code);

#endif

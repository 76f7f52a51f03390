/* sim/trace/tally.h -- a table from a 64-bit key to a count and a sum, for reports.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_TRACE_TALLY_H
#define SIM_TRACE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tally_row {
    uint64_t key, count, sum;
    bool used;
};

struct tally { /* zeroed memory is an empty one */
    struct tally_row *row;
    size_t used, room;
    bool no_memory;
};

void tally_add(struct tally *t, uint64_t key, uint64_t count, uint64_t sum);
/* Moves the rows to the front, most instructions first, then counts, then keys; returns how many
 * there are. Nothing may be added after that. */
size_t tally_sort(struct tally *t);
void tally_free(struct tally *t);

#endif

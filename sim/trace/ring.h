/* sim/trace/ring.h -- the last events of a run, as they came: records in memory, nothing packed.
 * The machine writes its batches straight into the ring (ring_room), so that keeping an event costs
 * next to nothing. Invariant: between batches, the last `keep` records are there, in two stretches:
 * up to `wrap`, then from the start up to `at`.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_TRACE_RING_H
#define SIM_TRACE_RING_H

#include "sim/event.h"

struct ring {
    struct trace_record *record; /* NULL = no ring */
    size_t room;                 /* records it has memory for */
    size_t at;                   /* where the next batch goes */
    size_t wrap;                 /* end of the older stretch; 0 = none yet */
    uint64_t keep;
    uint64_t seen; /* records that came */
};

struct ring_part {
    const struct trace_record *r;
    size_t n;
};

int ring_open(struct ring *k, uint64_t keep); /* 0, or -1 with errno */
void ring_close(struct ring *k);
/* Memory for the next SIM_BATCH records. */
struct trace_record *ring_room(struct ring *k);
/* Takes records from there, or copies them from anywhere else. */
void ring_take(struct ring *k, const struct trace_record *r, size_t n);
/* The records kept, older part first; returns how many they are. */
uint64_t ring_parts(const struct ring *k, struct ring_part part[2]);

#endif

/* sim/snap.h -- going back: snapshots in memory, goto, and snapshots on disk.
 * Only the machine goes back (CPU, memory, devices, the account, the console's input log); the
 * tool that calls keeps its own memory, sockets, scripts and probes.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_SNAP_H
#define SIM_SNAP_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Take one here, now. Returns an id, or -1. (A guest's own call, SIMCALL_SNAPSHOT, takes one only
 * when the last lies 5 million instructions back or more: from there any place is reached at once,
 * and a guest that calls in a loop costs the host next to nothing.) */
int sim_snapshot(void);
/* From now on take them by itself: dense near the present, sparse in the past, at most `max` of
 * them and `bytes` of memory. 0, 0 = off. */
int sim_snapshot_schedule(unsigned max, uint64_t bytes);
unsigned sim_snapshot_count(void);
uint64_t sim_snapshot_icount(unsigned n); /* n-th, oldest first */
/* The last count before this one at which registers or memory were changed by hand, 0 = never. Who
 * goes back behind it and lets the machine run from there has undone the change. */
uint64_t sim_snapshot_change(uint64_t before);
/* To icount == `to`, before any interrupt that is delivered there, back or forward; console input
 * is replayed from its log, output and events that were delivered before are not delivered again.
 * -1 when nothing reaches so far back. */
int sim_goto(uint64_t to);

/* Whole machine to a file, and back in another process of the same build. */
int sim_save(const char *path);
int sim_resume(const char *path, const struct sim_config *config);

#ifdef __cplusplus
}
#endif
#endif

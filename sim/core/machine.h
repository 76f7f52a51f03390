/* sim/core/machine.h -- what the core's files need of the running machine.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_MACHINE_H
#define SIM_CORE_MACHINE_H

#include "sim/machine.h"

/* A stop is under way: a callback has asked for it. */
bool machine_stopping(void);
/* Tools' callbacks are silent: the machine is only being brought somewhere. */
bool machine_replaying(void);
void machine_flush_code(void);
/* From a simcall: the guest ends the run, or wants a snapshot at the next boundary. */
void machine_exit(int code);
void machine_snapshot_wanted(void);
/* What the guest prints; delivered once, however often it is replayed. */
void machine_console(const uint8_t *bytes, size_t n);
/* A tool changes the machine: what was recorded of its future is no longer true. */
void machine_diverge(void);
/* The same, when it is something that is in no log: registers, memory, a device's wires. */
void machine_changed(void);

/* For snapshots: before the machine's memory is replaced, and after. */
void machine_leave_present(void);
void machine_restored(void);
/* Runs to `to` exactly, callbacks silent. */
int machine_replay(uint64_t to);

/* For a saved machine that is to be taken in: everything but a boot image. */
int machine_make_empty(const struct sim_config *config, const char *kernel);

/* sim/snap: called where the machine stands, between stretches of a run. Returns the icount at
 * which it wants to be called next (UINT64_MAX: not at all). */
uint64_t snap_due(uint64_t icount);
/* A guest asks for a snapshot here: is one due? In a loop it would cost the host more than the
 * guest. */
bool snap_worth_it(uint64_t icount);
void snap_diverge(void);
/* Something was changed by hand. Before the machine moves: what was changed by hand since it stands
 * is made part of its history. */
void snap_changed(void);
void snap_keep_change(void);
/* It runs on by itself now: a change that lies ahead has been gone back behind, and is undone. */
void snap_goes_on(void);
void snap_close(void);
/* What a saved file must say to make the same machine again. */
void snap_config(const struct sim_config *config);

#endif

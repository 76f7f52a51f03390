/* sim/probe.h -- probes that cost nothing until hit, and exact data watchpoints.
 * A probe is planted when its instruction is decoded; guest memory is never changed, and a probe
 * never changes the machine's timing or digest.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_PROBE_H
#define SIM_PROBE_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Called before the instruction at the probed address begins. After sim_stop_request() in here the
 * machine stands *before* that instruction; running on does not call the probe again for it. */
typedef void sim_probe_fn(void *ctx, int probe, gva pc);

/* Physical address, every space. */
int sim_probe_phys(gpa at, sim_probe_fn *fn, void *ctx);
/* Virtual address in the space with this page table root; SIM_CR3_ANY: in every space. Pages that
 * are not there yet are found when they come. */
#define SIM_CR3_ANY UINT64_MAX
int sim_probe_virt(uint64_t cr3, gva at, sim_probe_fn *fn, void *ctx);
void sim_probe_remove(int probe);

enum sim_watch { SIM_WATCH_READ = 1, SIM_WATCH_WRITE = 2 };
/* Called after the instruction that touched the bytes (any overlap), through whatever address it
 * did. `at`: the first watched byte touched; `value`: the first up to 8 bytes of the range now. */
typedef void sim_watch_fn(void *ctx, int watch, gva at, size_t n, unsigned how, uint64_t value);
int sim_watch(uint64_t cr3, gva at, size_t n, unsigned how, sim_watch_fn *fn, void *ctx);
void sim_watch_remove(int watch);

#ifdef __cplusplus
}
#endif
#endif

/* sim/core/digest.h -- one SHA-256 for a whole run: registers, memory and the event stream.
 *
 * Byte order is fixed (little-endian) and nothing of the host enters. What is hashed:
 *   events  every struct trace_record in order, 32 bytes each, fields in the order of record.h
 *   state   icount, ticks, memory size; every register of regs.def as name, NUL, 8 bytes; st0..7
 *           (10 bytes); vec0..31 as far as the CPU has them (64 bytes); then every 4 KiB page of
 *           memory that is not all zero, as physical address and contents; a page that is no
 *           memory counts as all zero
 *   whole   SHA-256 of the two above, state first
 * A machine that went back and on again has the digest of one that never did: the hash of the
 * events goes back with it. Reading state and listening to events changes nothing, so a digest
 * costs time only. SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_DIGEST_H
#define SIM_CORE_DIGEST_H

#include "sim/machine.h"

struct sim_digest { /* hexadecimal, NUL-terminated */
    char whole[65], state[65], events[65];
};

/* From here on the event stream is taken in. Once a process. */
int sim_digest_start(void);
/* What stands now. Flushes the events; may be called again later. */
void sim_digest_take(struct sim_digest *out);

#endif

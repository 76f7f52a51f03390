/* sim/core/fault.c -- the exceptions that came last, for who asks what a guest died of.
 * They are kept whether or not anybody looks at events, are machine state, and go back in time.
 * SPDX-License-Identifier: MIT */
#include "sim/fault.h"

#include "sim/core/shim.h"

static struct {
    uint64_t count; /* since power-on */
    struct sim_fault last[SIM_FAULTS];
} faults MACHINE_STATE = {.count = 0};

void up_exception(unsigned vector, unsigned error, uint64_t addr, uint64_t at, gva rip)
{
    struct sim_fault *f = &faults.last[faults.count++ % SIM_FAULTS];

    *f = (struct sim_fault){
        .icount = at, .rip = rip, .addr = addr, .error = error, .vector = (uint8_t)vector};
}

size_t sim_faults(struct sim_fault out[SIM_FAULTS])
{
    size_t n = 0;
    uint64_t first = faults.count < SIM_FAULTS ? 0 : faults.count - SIM_FAULTS;

    for (uint64_t i = first; i < faults.count; i++) {
        const struct sim_fault *f = &faults.last[i % SIM_FAULTS];
        if (f->icount == faults.last[(faults.count - 1) % SIM_FAULTS].icount)
            out[n++] = *f;
    }
    return n;
}

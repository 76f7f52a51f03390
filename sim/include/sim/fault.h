/* sim/fault.h -- exceptions: the last ones of the machine, and what they are called.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

struct sim_fault {
    uint64_t icount; /* the faulting instruction's, itself counted */
    gva rip;         /* of that instruction */
    uint64_t addr;   /* what CR2 says of a page fault; else 0 */
    uint32_t error;  /* error code; 0 where the vector has none */
    uint8_t vector;
};

/* The last exception and those that led to it: exceptions of one instruction, each met while the
 * one before was being delivered, oldest first. Returns how many. A triple fault is made of at most
 * six: a harmless one, one whose delivery it may fail with, a page fault, what its delivery met,
 * the double fault, what its delivery met (SDM 3A, table 6-5). */
#define SIM_FAULTS 8
size_t sim_faults(struct sim_fault out[SIM_FAULTS]);

/* "page fault"; NULL = a vector that has no name. */
const char *sim_fault_name(unsigned vector);

#ifdef __cplusplus
}
#endif
#endif

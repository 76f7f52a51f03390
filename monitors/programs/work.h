/* monitors/programs/work.h -- what the workloads share: options with defaults, the measured region,
 * numbers that only look random, a checksum. A workload prints the same text at any depth, on any
 * machine; what it does between work_begin(WORK_MAIN) and work_end(WORK_MAIN) is what experiments
 * count, other numbers mark parts of that. SPDX-License-Identifier: MIT */
#ifndef MONITORS_PROGRAMS_WORK_H
#define MONITORS_PROGRAMS_WORK_H

#include "abi/simcall/simcall.h"
#include "monitors/lib/mon.h"

#define WORK_MAIN 1 /* the number of the region that every workload has */

struct work_option {
    const char *key;
    uint64_t value; /* the default; work_options puts in what was said */
    uint64_t least, most;
    const char *text;
};

/* Reads key=value arguments into the table, which a line without key ends. Anything else: usage on
 * standard error, exit status 2. */
void work_options(const char *purpose, struct work_option *options);

static inline void work_begin(unsigned region)
{
    simcall_BEGIN(region, 0, 0);
}

static inline void work_end(unsigned region)
{
    simcall_END(region, 0, 0);
}

/* The next of a fixed sequence; the state may begin anywhere. */
static inline uint64_t work_random(uint64_t *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return *state >> 33;
}

static inline uint64_t work_sum(uint64_t sum, uint64_t word)
{
    return ((sum << 7 | sum >> 57) ^ word) * 0x9e3779b97f4a7c15ull;
}

uint64_t work_sum_bytes(uint64_t sum, const void *at, size_t bytes);

/* Ends the program with one line when `outcome` is an error. */
void work_check(long outcome, const char *what);

/* The Process capability; ends the program with one line in a nest without a process manager. */
uint64_t work_process(void);
/* 0 in the new process, its number in the old one. */
uint64_t work_fork(void);
/* Waits for any child: its exit status. */
uint64_t work_wait(void);

#endif

/* sim/name.h -- what numbers of the guest's are called, and which space a user's word means.
 * All from the lists in abi/ and the table of spaces; nothing here is state.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_NAME_H
#define SIM_NAME_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of the microkernel's calls: a name, or NULL; a number, or -1. */
const char *sim_call_name(uint32_t number);
int sim_call_find(const char *name);
/* What a call's arguments are called, "region, offset, size"; NULL = nothing is said. */
const char *sim_call_params(uint32_t number);
/* Of what a call answers in rax: "OK"; NULL = none of them. */
const char *sim_answer_name(uint64_t answer);

/* A space's name, printable; index SIM_SPACES = the kernel. */
void sim_space_name(unsigned index, char *out, size_t max);

/* "kernel" or "L0", "L3", "L3:pager", "pager", "12" (an id). */
struct sim_space_word {
    bool kernel;
    long level; /* -1 = any */
    long id;    /* -1 = any */
    char name[32];
};
void sim_space_word(const char *text, struct sim_space_word *out);
/* Whether the space of this index is meant; the kernel never is. */
bool sim_space_meant(const struct sim_space_word *word, unsigned index);
/* Index of the newest living one, SIM_SPACES = the kernel; -1 = none. */
int sim_space_find(const char *text);

#ifdef __cplusplus
}
#endif
#endif

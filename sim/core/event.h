/* sim/core/event.h -- what the rest of the simulator's core tells and asks the event account.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_EVENT_H
#define SIM_CORE_EVENT_H

#include "sim/event.h"

int event_open(void);
/* icount of the last sign of life: a crossing, a marker, or event_alive(). */
uint64_t event_progress(void);
void event_alive(uint64_t at);
/* An event that is no crossing, in the domain the machine is in. */
void event_note(unsigned kind, uint64_t at, uint32_t reason, uint64_t addr);
/* The past is changed from here on: what comes is new, and is delivered. */
void event_diverge(void);
/* Interns a label; 0 when the table is full. */
unsigned event_label(const char *text);

/* For the debug block: spaces by their page table root. */
unsigned event_space_of(uint64_t cr3, bool make, uint64_t at);
struct sim_space *event_space(unsigned index);
void event_space_unnamed(struct sim_space *s); /* it is called after its page table */
/* A root may mean another space now. */
void event_spaces_changed(uint64_t at);
/* From the next crossing on. */
void event_set_behalf(unsigned space, uint32_t thread);

/* debugblock.c. Called at each crossing into user mode; cheap when nothing is announced. */
int debugblock_announce(gva at);
bool debugblock_there(void);

#endif

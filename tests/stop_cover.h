/* tests/stop_cover.h -- whether the plays and the disturbances reach all that they must: see
 * stop_cover.c. SPDX-License-Identifier: MIT */
#ifndef TESTS_STOP_COVER_H
#define TESTS_STOP_COVER_H

#include <stdbool.h>
#include <stdint.h>

int cover_init(void);              /* once, before anything forks */
void cover_listen(bool disturbed); /* after the machine is made; in the process of a disturbance */
/* These actors (0 = none) are to be exported, which the guest's answer of this number says. */
void cover_asked(unsigned mask, uint64_t answer);
void cover_served(void);           /* at the end: they were, where the last interrupt was taken */
void cover_slept(unsigned number); /* an actor was exported asleep in this call */
uint64_t cover_point_now(void);    /* where the CPU is in a preemption point, 0 = in none */
unsigned cover_missing(void);      /* says what is missing; how much */
#endif

/* sim/core/keyboard.h -- what the core's files need of the keyboard.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_KEYBOARD_H
#define SIM_CORE_KEYBOARD_H

#include "sim/keyboard.h"

#define KEYBOARD_QUEUE 65536u

/* Before the engine is made; `ips` sets how long a key takes. */
int keyboard_open(uint64_t ips);
/* For input.c: movements for the guest; those that wait; the timer KEYS has come. */
void keyboard_push(const uint8_t *movements, size_t n);
size_t keyboard_pending(void);
void keyboard_next(void);

#endif

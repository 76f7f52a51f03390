/* sim/core/input.h -- the input log: all that reaches the guest from outside, by kind and time.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_INPUT_H
#define SIM_CORE_INPUT_H

#include <stddef.h>
#include <stdint.h>

enum input_kind { INPUT_SERIAL, INPUT_KEYS, INPUT_KINDS };

/* For the guest at the next tick, or at a tick to come. 0, or -1 when the machine's clock is past
 * that, or when more waits for the guest than it may. */
int input_now(enum input_kind kind, const uint8_t *bytes, size_t n);
int input_at(enum input_kind kind, uint64_t ticks, const uint8_t *bytes, size_t n);

/* The timer INPUT has come. */
void input_arrives(void);
/* The past is changed from here on. */
void input_diverge(void);
/* The machine's memory came back: from this process's past, or from a file. */
void input_restored(void);
void input_resumed(void);

#endif

/* sim/core/serial.h -- what machine.c needs of the serial port.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_SERIAL_H
#define SIM_CORE_SERIAL_H

#include "sim/machine.h"

/* Before the engine is made; `ips` sets how long a byte of input takes. */
int serial_open(uint64_t ips);
/* Hands on what was said since the last line. */
void serial_flush(void);
/* The past is changed from here on. */
void serial_diverge(void);
/* The machine's memory came back: timers for what is still in the log. */
void serial_restored(void);

#endif

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
/* The machine's memory came back. */
void serial_restored(void);
/* For input.c: bytes for the guest; those that it has not read; the timer UART has come. */
void serial_push(const uint8_t *bytes, size_t n);
size_t serial_pending(void);
void serial_next(void);

#endif

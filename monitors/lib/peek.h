/* monitors/lib/peek.h -- looking at memory that may not be there, in a guarded thread (mon_guard).
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_PEEK_H
#define MONITORS_LIB_PEEK_H

#include <stdint.h>

/* Copies words: 0, or -1 when a page of one of them is not there. */
long mon_peek(void *to, const void *from, uint64_t bytes);

#endif

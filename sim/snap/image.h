/* sim/snap/image.h -- the machine's memory as a stream: what a snapshot's process sends and what a
 * saved file holds.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_SNAP_IMAGE_H
#define SIM_SNAP_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where bytes go to or come from; returns 0, or -1 when that is not all of them. */
typedef int image_io(void *ctx, void *bytes, size_t n);

/* For a process that only holds an image: pages that a guest has cleared are given back, so that
 * they need not be sent. Nothing changes in what the memory reads as. */
void image_slim(void);
/* Sends every page of machine state that differs from zero-fill. */
int image_send(image_io *put, void *ctx);
/* Replaces this process's machine state by the stream's. Only a stream that begins well is touched
 * at all; after a failure in the middle the machine is unusable (returns -1). */
int image_receive(image_io *get, void *ctx);
/* The same from a whole stream in memory that was received before: what is as it should be already
 * is only compared, so that going back a little costs little. */
void image_patch(const uint8_t *stream, size_t n);

#endif

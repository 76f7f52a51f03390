/* monitors/lib/worker.h -- what each serving thread has for itself. Private to the library.
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_WORKER_H
#define MONITORS_LIB_WORKER_H

#include "monitors/lib/server.h"

struct mon_worker {
    struct fk_message block;
    struct fk_object slot;       /* where a reference arrives */
    struct fk_object spare;      /* names nothing; forwarding receives here */
    uint8_t in[PROTO_DATA_MAX];  /* where bytes arrive */
    uint8_t out[PROTO_DATA_MAX]; /* where functions may put theirs */
};

#endif

/* monitors/lib/worker.h -- what each serving thread has for itself. Private to the library.
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_WORKER_H
#define MONITORS_LIB_WORKER_H

#include "monitors/lib/server.h"

struct mon_worker {
    struct fk_message block;
    struct fk_object slot;   /* where a reference arrives */
    struct fk_object spare;  /* names nothing; forwarding receives here */
    struct mon_worker *next; /* all of this program */
    uint64_t hash;           /* of its thread */
    uint64_t thread, served; /* its thread; how many requests came whole */
    bool busy;               /* has a whole request, and has not begun to answer */
    bool waits;              /* for something else, with the request: whoever serves says so */
    bool suspect;            /* watch.c's */
    bool let_go;             /* watch.c ended the connection in the middle of its call */
    uint64_t suspect_at;
    const void *kept; /* what the reply before needed */
    void *payer;      /* mon_payer when the request came */
    /* Where bytes arrive, and where functions put theirs: whole pages for the kernel to copy. */
    uint8_t in[PROTO_DATA_MAX] __attribute__((aligned(FK_PAGE)));
    uint8_t out[PROTO_DATA_MAX] __attribute__((aligned(FK_PAGE)));
};

extern struct mon_worker *mon_workers;
extern void *mon_payer; /* the root scheduler's: in whose name time is being spent */

#endif

/* kernel/core/port.h -- ports, where clients call, and portsets, where servers wait.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_PORT_H
#define KERNEL_CORE_PORT_H

#include "kernel/core/thread.h"

struct port {
    struct object obj;
    struct fk_debug_other dbg;
    struct link portset;
    struct list clients;        /* waiting for a server, and WAIT_SCHED threads */
    struct portset *pending_in; /* in this portset's pending list, or NULL */
    struct list in_pending;     /* link there */
    struct portset *served;     /* what `portset` named; for fast.c, while paging_epoch stands */
    uint64_t alias;
};

struct portset {
    struct object obj;
    struct fk_debug_other dbg;
    struct list servers;   /* waiting for a client */
    struct list watchers;  /* donors that want to know of one */
    struct list pending;   /* ports of this set that have clients */
    struct list in_alarms; /* if `alarmed`: its watchers are to be told */
    bool alarmed;
};

/* A server that waits for this port, taken off its queue; NULL = none. */
struct thread *port_server(struct port *port);
void port_queue(struct port *port, struct thread *client, enum wait why);
void port_unqueue(struct thread *client); /* from any queue of a port or portset */
struct thread *portset_client(struct portset *portset,
                              struct port **port); /* first, still queued */
void port_schedule(struct thread *thread);
/* Tells one watcher, or one scheduler, what it is waiting for; false = there is none. */
bool port_tell(void);
extern bool port_owes;                       /* there is one */
void port_recall(struct thread *client);     /* it does not come */
void port_unschedule(struct thread *thread); /* it has time, or another scheduler */

#endif

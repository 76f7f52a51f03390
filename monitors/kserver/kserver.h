/* monitors/kserver/kserver.h -- between the files of the root nester. SPDX-License-Identifier: MIT
 */
#ifndef MONITORS_KSERVER_H
#define MONITORS_KSERVER_H

#include "abi/fk/bootinfo.h"
#include "monitors/lib/nester.h"
#include "monitors/lib/pool.h"

extern struct mon_server services; /* everything but the console and the scheduler's ear: one
                                    * request at a time, by any of several threads */

/* memory.c: all memory of the machine. Before anything else; then the pool's port. */
void memory_open(const struct fk_bootinfo *boot);
uint64_t memory_pages(uint64_t bytes); /* zeroed, for the root itself; 0 = none */
void memory_give(uint64_t start, uint64_t bytes);
long memory_serve(void);

/* files.c, fileops.c, names.c: the file system in memory */
long files_open(const struct fk_bootinfo *boot);
void file_drop(const void *kept); /* the reply that needed these bytes has been sent */

/* console.c */
long console_open(void);

/* clock.c */
long clock_open(void);

/* sched.c */
long scheduler_open(void);
uint64_t scheduler_ref(void);
uint64_t scheduler_serving(void); /* for the root's own threads: what they need beyond their
                                   * clients' time, if anybody has time to spare */

#endif

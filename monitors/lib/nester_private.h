/* monitors/lib/nester_private.h -- between child.c, nester.c and suggest.c.
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_NESTER_PRIVATE_H
#define MONITORS_LIB_NESTER_PRIVATE_H

#include "monitors/lib/nester.h"

extern const struct parent_ops mon_parent_ops;
void mon_child_fault(struct mon_request *request);
long mon_nester_grant(struct mon_child *child); /* what the nester interposes on */
uint64_t mon_nester_loads(const struct mon_child *child, enum parent_name name);
long mon_nester_load(
    struct mon_child *child); /* -PROTO_UNKNOWN = the nester has no way of its own */
void mon_nester_started(struct mon_child *child);
void mon_nester_lock(void); /* for what requests do with the lock, outside of them */
void mon_nester_unlock(void);
void mon_nester_ended(struct mon_child *child);
/* suggest.c: "; did you mean NAME?" or what else there is in the directory. */
void mon_suggest(const char *directory, const char *wanted, char *to, size_t room);
#endif

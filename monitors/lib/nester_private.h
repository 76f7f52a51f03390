/* monitors/lib/nester_private.h -- between child.c and nester.c. SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_NESTER_PRIVATE_H
#define MONITORS_LIB_NESTER_PRIVATE_H

#include "monitors/lib/nester.h"

extern const struct parent_ops mon_parent_ops;
void mon_child_fault(struct mon_request *request);
long mon_nester_grant(struct mon_child *child); /* what the nester interposes on */
void mon_nester_ended(struct mon_child *child);
#endif

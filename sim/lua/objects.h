/* sim/lua/objects.h -- the guest kernel's objects, read from its debug block (abi/fk/debug.h).
 * Everything is a guest's word: lists are followed a bounded number of steps, by checked reads.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_LUA_OBJECTS_H
#define SIM_LUA_OBJECTS_H

#include "abi/fk/debug.h"
#include "sim/machine.h"

union object {
    struct fk_debug_head head;
    struct fk_debug_space space;
    struct fk_debug_thread thread;
    struct fk_debug_region region;
    struct fk_debug_mapping mapping;
    struct fk_debug_other other;
};

/* Walks the list of a kind: `at` is 0 at first; false at the end. */
struct object_walk {
    uint64_t next;
    unsigned steps;
};
bool object_first(struct object_walk *w, enum fk_debug_kind kind, union object *o);
bool object_next(struct object_walk *w, enum fk_debug_kind kind, union object *o);
/* The one with this id; false = there is none. */
bool object_find(enum fk_debug_kind kind, uint32_t id, union object *o);
/* The mapping of space `id` that covers `va`. */
bool object_mapping(uint32_t space, uint64_t va, union object *o);
const char *object_kind(unsigned kind); /* "thread" */

#endif

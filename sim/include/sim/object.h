/* sim/object.h -- the guest kernel's objects, read from its debug block (abi/fk/debug.h).
 * Everything is a guest's word: lists are followed a bounded number of steps, by checked reads, and
 * a guest that has no debug block has no objects. Looking changes nothing in the machine.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_OBJECT_H
#define SIM_OBJECT_H

#include "abi/fk/debug.h"
#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

union sim_object {
    struct fk_debug_head head;
    struct fk_debug_space space;
    struct fk_debug_thread thread;
    struct fk_debug_region region;
    struct fk_debug_mapping mapping;
    struct fk_debug_other other;
};

/* Walks the list of a kind; false at the end. */
struct sim_object_walk {
    uint64_t next;
    unsigned steps;
};
bool sim_object_first(struct sim_object_walk *w, enum fk_debug_kind kind, union sim_object *o);
bool sim_object_next(struct sim_object_walk *w, enum fk_debug_kind kind, union sim_object *o);
/* The one with this id; false = there is none. */
bool sim_object_find(enum fk_debug_kind kind, uint32_t id, union sim_object *o);
/* The mapping of space `id` that covers `va`. */
bool sim_object_mapping(uint32_t space, uint64_t va, union sim_object *o);
const char *sim_object_kind(unsigned kind); /* "thread"; what is no kind is "time" */

/* Who runs, as the kernel wrote it; false without a debug block. */
bool sim_object_current(struct fk_debug_current *now);

/* Index (sim/event.h) of the living space with this debug id; 0 = none. */
unsigned sim_space_of_id(uint32_t id);
/* Name of the image (sim/sym.h) whose symbols are this space's; NULL = unknown. A space is named
 * after its program; a second one of it has a number behind. */
const char *sim_space_image(unsigned index);

#ifdef __cplusplus
}
#endif
#endif

/* kernel/core/ref.h -- references: weak links that user memory holds and messages carry.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_REF_H
#define KERNEL_CORE_REF_H

#include "kernel/core/object.h"

struct ref {
    struct object obj;
    struct fk_debug_other dbg;
    struct link target;
};

/* Point the reference object at `ref` to the object of this kind at `va`. */
long ref_make(unsigned kind, vaddr va, vaddr ref);
void ref_point(struct ref *ref, const struct object *target);
/* The links of a get_state or set_state call; without an address, none is wanted. */
long links_read(vaddr va, void *links, size_t bytes);
/* Fill an optional link word of a get_state call; check one of a set_state call. */
long ref_check_out(vaddr ref);
void ref_put(vaddr ref, const struct object *target);
#endif

/* kernel/core/root.h -- the first program.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_ROOT_H
#define KERNEL_CORE_ROOT_H

#include "kernel/arch/x86_64/arch.h"

struct thread;
/* Memory: [user_start, user_end) is all user memory. Ends the machine when there is no program. */
struct thread *root_create(const struct arch_boot *boot, paddr user_start, paddr user_end);

struct initrd_file {
    const char *data;
    uint64_t size;
};
/* main.c: the word of the command line that begins with `key`, behind that; NULL when there is
 * none. */
const char *word_after(const char *text, const char *key);
bool initrd_find(const char *archive, uint64_t bytes, const char *name, struct initrd_file *file);
#endif

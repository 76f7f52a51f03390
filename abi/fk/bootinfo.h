/* abi/fk/bootinfo.h -- what the root program finds when it starts: rdi holds the address of this.
 *
 * The root space maps all user memory of the machine, readable and writable, as one range ("pool").
 * The program itself, this page, its stack and the initrd are parts of the same pool seen at their
 * own addresses; everything from `pool_free` up to `pool_end` is unused. The kernel takes no user
 * memory after boot: whoever owns the pool owns the machine.
 * SPDX-License-Identifier: MIT */
#ifndef ABI_FK_BOOTINFO_H
#define ABI_FK_BOOTINFO_H

#include "abi/fk/objects.h"

#define FK_BOOT_MAGIC   0x4f464e49544f4f42ull /* "BOOTINFO" */
#define FK_BOOT_VERSION 1

struct fk_bootinfo {
    uint64_t magic;
    uint32_t version;
    uint32_t bytes;
    uint64_t pool; /* address of the whole pool in the root space */
    uint64_t pool_size;
    uint64_t pool_free; /* address of the unused part */
    uint64_t pool_end;
    uint64_t initrd; /* address, size; ustar */
    uint64_t initrd_size;
    uint64_t stack_end;
    uint64_t cycles_per_second; /* of the time-stamp counter */
    uint64_t budget;            /* kernel memory given to the root space, bytes */
    char command[1024];
    /* Live objects, made by the kernel. */
    struct fk_object space;
    struct fk_object thread;
    struct fk_object pool_region;
};
#endif

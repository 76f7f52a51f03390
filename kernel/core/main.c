/* kernel/core/main.c -- the boot sequence, read from top to bottom, and the list of kinds.
 * Memory: [image][kernel pool][user memory ... initrd]. The kernel pool is an eighth of memory, or
 * what kmem=MIB on the command line says.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/root.h"
#include "kernel/core/thread.h"

#define MIB        (1ull << 20)
#define POOL_MIN   (2 * MIB)
#define NUMBER_MAX 1000000000ull /* more is not read any further */

extern const struct kind space_kind, thread_kind, region_kind, mapping_kind, port_kind,
    portset_kind, mutex_kind, cond_kind, ref_kind;
const struct kind *const kinds[FK_DEBUG_KINDS] = {
    [FK_DEBUG_SPACE] = &space_kind,   [FK_DEBUG_THREAD] = &thread_kind,
    [FK_DEBUG_REGION] = &region_kind, [FK_DEBUG_MAPPING] = &mapping_kind,
    [FK_DEBUG_PORT] = &port_kind,     [FK_DEBUG_PORTSET] = &portset_kind,
    [FK_DEBUG_MUTEX] = &mutex_kind,   [FK_DEBUG_COND] = &cond_kind,
    [FK_DEBUG_REF] = &ref_kind,
};

extern char image_end[];
static struct arch_boot boot;

const char *word_after(const char *text, const char *key)
{
    for (const char *at = text; *at; at++) {
        size_t i = 0;
        if (at != text && at[-1] != ' ')
            continue;
        while (key[i] && at[i] == key[i])
            i++;
        if (!key[i])
            return at + i;
    }
    return NULL;
}

/* Up to the end of the word; 0 = it is not a number. */
static uint64_t number(const char *digit)
{
    uint64_t value = 0;
    for (; *digit >= '0' && *digit <= '9' && value < NUMBER_MAX; digit++)
        value = value * 10 + (uint64_t)(*digit - '0');
    return value < NUMBER_MAX && *digit && *digit != ' ' ? 0 : value;
}

static uint64_t pool_bytes(uint64_t memory)
{
    const char *asked = word_after(boot.command, "kmem=");
    uint64_t bytes = asked ? number(asked) * MIB : memory / 8;
    if (memory / 2 < POOL_MIN)
        kernel_refuse("too little memory; give the machine 16 MiB, it has", memory / MIB);
    if (asked && (bytes < POOL_MIN || bytes > memory / 2))
        kernel_refuse("kmem= must be a number of MiB from 2 to half of the memory, which is",
                      memory / 2 / MIB);
    return (bytes < POOL_MIN ? POOL_MIN : bytes) & ~(FK_PAGE - 1ull);
}

void kernel_main(paddr start_info)
{
    arch_boot_read(start_info, &boot);
    paddr start = (paddr)image_end - KERNEL_BASE;
    paddr user = start + pool_bytes(boot.memory_end - start);
    object_init(&start, user, user, boot.memory_end);
    kmem_init(start, user);
    paging_init(boot.memory_end);
    arch_init();
    arch_timer_init();
    kprintf("\nflatfish kernel: %u MiB for users, %u MiB for itself\n",
            (boot.memory_end - user) / MIB, (user - start) / MIB);
    arch_announce((vaddr)&fk_debug_block);
    struct thread *root = root_create(&boot, user, boot.memory_end);
    sched_start(root);
    kernel_panic("came back", 0);
}

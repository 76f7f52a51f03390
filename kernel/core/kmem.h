/* kernel/core/kmem.h -- kernel memory: pages, small objects, and who pays for them.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_KMEM_H
#define KERNEL_CORE_KMEM_H

#include "kernel/arch/x86_64/arch.h"

/* A purse. The sum of `limit - handed out` over all budgets is constant; `used <= limit` always. */
struct budget {
    uint64_t limit, used;  /* bytes */
    struct budget *parent; /* who gets the rest back */
    bool orphan;           /* its space is gone; it lives until its last debt is paid */
};

struct kmem_counts {
    uint64_t charged; /* bytes of live pages and objects */
    uint64_t free_pages;
};

extern struct budget kmem_root;
extern uint64_t kmem_fail; /* 1 = the next allocation fails, 0 = off (tests) */

#define KMEM_LARGEST 1344 /* three fill a page */
void kmem_init(paddr start, paddr end);
void kmem_open(void);                  /* boot is over: set the limit of kmem_root */
void *kmem_page(struct budget *payer); /* zeroed; NULL payer = the kernel itself, at boot */
void kmem_page_free(void *page, struct budget *payer);
void *kmem_new(size_t bytes,
               struct budget *payer); /* zeroed, 64-byte aligned, at most KMEM_LARGEST */
void kmem_free(void *object, size_t bytes, struct budget *payer);
struct kmem_counts kmem_count(void);

struct budget *budget_create(struct budget *parent);
bool budget_give(struct budget *from, struct budget *to, uint64_t bytes);
void budget_orphan(struct budget *budget);
#endif

/* kernel/core/kmem.h -- kernel memory: pages, small objects, and who pays for them.
 * SPDX-License-Identifier: MIT */
#ifndef KERNEL_CORE_KMEM_H
#define KERNEL_CORE_KMEM_H

#include "kernel/arch/x86_64/arch.h"

#define KMEM_UNIT    64
#define KMEM_LARGEST 1344 /* three fill a page */
#define KMEM_CLASSES (KMEM_LARGEST / KMEM_UNIT)

/* A purse. The sum of `limit - handed out` over all budgets is constant; `used <= limit` always.
 * Its objects are in pages of its own, so that nobody can spoil the pages of another one. */
struct budget {
    uint64_t limit, used;               /* bytes; whole pages are used */
    struct budget *parent;              /* who gets the rest back */
    struct budget *next;                /* in the list of those whose end is due */
    bool orphan;                        /* its space is gone; it lives until its last page is */
    struct slab *partial[KMEM_CLASSES]; /* pages with a free place */
};

struct kmem_counts {
    uint64_t charged; /* bytes of live objects, and of pages that are not cut up for them */
    uint64_t free_pages;
};

extern struct budget kmem_root;
extern uint64_t kmem_fail; /* 1 = the next allocation fails, 0 = off (tests) */

void kmem_init(paddr start, paddr end);
void kmem_open(void);                  /* boot is over: set the limit of kmem_root */
void *kmem_page(struct budget *payer); /* zeroed; NULL payer = the kernel itself, at boot */
void kmem_page_free(void *page, struct budget *payer);
void *kmem_new(size_t bytes,
               struct budget *payer); /* zeroed, 64-byte aligned, at most KMEM_LARGEST */
void kmem_free(void *object);
struct budget *kmem_payer(const void *object);
struct kmem_counts kmem_count(void);

struct budget *budget_create(struct budget *parent);
bool budget_give(struct budget *from, struct budget *to, uint64_t bytes);
void budget_orphan(struct budget *budget);
#endif

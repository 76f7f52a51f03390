/* kernel/core/kmem.c -- the kernel's pool: free pages, and slabs of equal objects cut from them.
 * Invariants: every live byte is charged to exactly one budget; a slab page is on its class's list
 * exactly while it has a free place; an empty slab page goes back to the free pages.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/kmem.h"
#include "kernel/core/kprintf.h"
#include "kernel/core/list.h"

#define UNIT               64
#define CLASSES            (KMEM_LARGEST / UNIT)
#define PLACE_BYTES(bytes) (((bytes) + UNIT - 1) / UNIT * UNIT)

struct place {
    struct place *next;
};

struct slab {             /* at the start of its page, UNIT bytes */
    struct list in_class; /* in partial[] */
    struct place *free;
    unsigned used;
};

struct budget kmem_root;
uint64_t kmem_fail;
static struct place *free_pages;
static uint64_t free_count, charged;
static struct list partial[CLASSES];

void kmem_init(paddr start, paddr end)
{
    for (int i = 0; i < CLASSES; i++)
        list_init(&partial[i]);
    for (paddr pa = end; pa > start; pa -= FK_PAGE) {
        struct place *page = phys(pa - FK_PAGE);
        page->next = free_pages;
        free_pages = page;
        free_count++;
    }
    kmem_root.limit = end - start;
}

/* From here on every byte is charged. What slabs cannot use of their pages is not charged to
 * anybody: a sixteenth is held back for it. */
void kmem_open(void)
{
    kmem_root.limit = kmem_root.used + free_count * FK_PAGE / 16 * 15;
}

static bool charge(struct budget *payer, uint64_t bytes)
{
    if (!payer)
        return true;
    if (kmem_fail && !--kmem_fail)
        return false;
    if (payer->limit - payer->used < bytes)
        return false;
    payer->used += bytes;
    charged += bytes;
    return true;
}

static void place_free(void *object, size_t bytes);

/* An orphan gives what it has left to its parent, and ends with its last debt. Its record is a debt
 * of the parent, so that this may go on upwards, and parents outlive children. */
static void settle(struct budget *budget)
{
    while (budget->orphan) {
        struct budget *parent = budget->parent;
        budget_give(budget, parent, budget->limit - budget->used);
        if (budget->used)
            return;
        place_free(budget, sizeof(*budget));
        parent->used -= PLACE_BYTES(sizeof(*budget));
        charged -= PLACE_BYTES(sizeof(*budget));
        budget = parent;
    }
}

static void refund(struct budget *payer, uint64_t bytes)
{
    if (!payer)
        return;
    kassert(payer->used >= bytes);
    payer->used -= bytes;
    charged -= bytes;
    settle(payer);
}

static void *take_page(void)
{
    struct place *page = free_pages;
    if (!page)
        return NULL;
    free_pages = page->next;
    free_count--;
    return page;
}

static void give_page(void *page)
{
    ((struct place *)page)->next = free_pages;
    free_pages = page;
    free_count++;
}

void *kmem_page(struct budget *payer)
{
    if (!charge(payer, FK_PAGE))
        return NULL;
    void *page = take_page();
    if (!page) {
        refund(payer, FK_PAGE);
        return NULL;
    }
    return __builtin_memset(page, 0, FK_PAGE);
}

void kmem_page_free(void *page, struct budget *payer)
{
    give_page(page);
    refund(payer, FK_PAGE);
}

static struct slab *slab_create(unsigned class)
{
    struct slab *slab = take_page();
    if (!slab)
        return NULL;
    size_t size = (class + 1) * UNIT;
    *slab = (struct slab){0};
    for (size_t at = UNIT; at + size <= FK_PAGE; at += size) {
        struct place *place = (struct place *)((char *)slab + at);
        place->next = slab->free;
        slab->free = place;
    }
    list_add_after(&partial[class], &slab->in_class);
    return slab;
}

void *kmem_new(size_t bytes, struct budget *payer)
{
    unsigned class = (bytes - 1) / UNIT;
    size_t size = PLACE_BYTES(bytes);
    kassert(class < CLASSES);
    if (!charge(payer, size))
        return NULL;
    struct slab *slab = LIST_FIRST(&partial[class], struct slab, in_class);
    if (!slab)
        slab = slab_create(class);
    if (!slab) {
        refund(payer, size);
        return NULL;
    }
    struct place *place = slab->free;
    slab->free = place->next;
    slab->used++;
    if (!slab->free)
        list_remove(&slab->in_class);
    return __builtin_memset(place, 0, size);
}

static void place_free(void *object, size_t bytes)
{
    unsigned class = (bytes - 1) / UNIT;
    struct slab *slab = (struct slab *)((uint64_t)object & ~(FK_PAGE - 1ull));
    struct place *place = object;
    if (!slab->free)
        list_add_after(&partial[class], &slab->in_class);
    place->next = slab->free;
    slab->free = place;
    if (!--slab->used) {
        list_remove(&slab->in_class);
        give_page(slab);
    }
}

void kmem_free(void *object, size_t bytes, struct budget *payer)
{
    place_free(object, bytes);
    refund(payer, PLACE_BYTES(bytes));
}

struct kmem_counts kmem_count(void)
{
    return (struct kmem_counts){charged, free_count};
}

/* ---- budgets ---- */

struct budget *budget_create(struct budget *parent)
{
    struct budget *budget = kmem_new(sizeof(*budget), parent);
    if (budget)
        budget->parent = parent;
    return budget;
}

bool budget_give(struct budget *from, struct budget *to, uint64_t bytes)
{
    if (from->limit - from->used < bytes)
        return false;
    from->limit -= bytes;
    to->limit += bytes;
    return true;
}

void budget_orphan(struct budget *budget)
{
    budget->orphan = true;
    settle(budget);
}

/* kernel/core/kmem.c -- the kernel's pool: free pages, and slabs of equal objects cut from them.
 * Every page in use, whole, is charged to one budget; the objects in a slab are that budget's
 * alone. So whatever a space makes and ends, it never has more pages than its budget says.
 * Invariants: a slab is in its budget's list for its class exactly while it has a free place; an
 * empty slab is a free page. SPDX-License-Identifier: MIT */
#include "kernel/core/kmem.h"
#include "kernel/core/kprintf.h"

#define ENDS_MAX 8 /* orphans that end at one go */

struct place {
    struct place *next;
};

struct slab {                /* at the start of its page, KMEM_UNIT bytes */
    struct slab *next, **at; /* in payer->partial[class] */
    struct place *free;      /* places that were given back; those from `fresh` on are free too */
    struct budget *payer;
    unsigned class, used, fresh;
};

struct budget kmem_root;
uint64_t kmem_fail;
static struct place *free_pages;
static uint64_t free_count, charged;
static struct budget *due; /* orphans without a page, whose records are still there */

void kmem_init(paddr start, paddr end)
{
    for (paddr pa = end; pa > start; pa -= FK_PAGE) {
        struct place *page = phys(pa - FK_PAGE);
        page->next = free_pages;
        free_pages = page;
        free_count++;
    }
    kmem_root.limit = end - start;
}

/* From here on every page is charged. */
void kmem_open(void)
{
    kmem_root.limit = kmem_root.used + free_count * FK_PAGE;
}

/* ---- pages ---- */

static void *take_page(struct budget *payer)
{
    struct place *page = free_pages;
    if (payer && payer->limit - payer->used < FK_PAGE)
        return NULL;
    if (!page)
        return NULL;
    if (payer)
        payer->used += FK_PAGE;
    free_pages = page->next;
    free_count--;
    return page;
}

/* An orphan gives what it has left to its parent, and ends with its last page. */
static void settle(struct budget *orphan)
{
    budget_give(orphan, orphan->parent, orphan->limit - orphan->used);
    if (orphan->used)
        return;
    orphan->next = due;
    due = orphan;
}

static void give_page(void *page, struct budget *payer)
{
    ((struct place *)page)->next = free_pages;
    free_pages = page;
    free_count++;
    kassert(payer->used >= FK_PAGE);
    payer->used -= FK_PAGE;
    if (payer->orphan)
        settle(payer);
}

/* ---- slabs ---- */

static size_t size_of(const struct slab *slab)
{
    return (slab->class + 1) * KMEM_UNIT;
}

static struct slab *slab_of(const void *object)
{
    return (struct slab *)((uint64_t)object & ~(FK_PAGE - 1ull));
}

static bool is_full(const struct slab *slab)
{
    return !slab->free && slab->fresh + size_of(slab) > FK_PAGE;
}

static void slab_link(struct slab *slab)
{
    struct slab **head = &slab->payer->partial[slab->class];
    slab->next = *head;
    slab->at = head;
    if (*head)
        (*head)->at = &slab->next;
    *head = slab;
}

static void slab_unlink(struct slab *slab)
{
    *slab->at = slab->next;
    if (slab->next)
        slab->next->at = slab->at;
}

static struct slab *slab_create(unsigned class, struct budget *payer)
{
    struct slab *slab = take_page(payer);
    if (!slab)
        return NULL;
    *slab = (struct slab){.payer = payer, .class = class, .fresh = KMEM_UNIT};
    slab_link(slab);
    return slab;
}

static void *place_take(struct slab *slab)
{
    struct place *place = slab->free;
    if (place) {
        slab->free = place->next;
    } else {
        place = (struct place *)((char *)slab + slab->fresh);
        slab->fresh += size_of(slab);
    }
    slab->used++;
    if (is_full(slab))
        slab_unlink(slab);
    return place;
}

static void place_free(void *object)
{
    struct slab *slab = slab_of(object);
    struct place *place = object;
    charged -= size_of(slab);
    if (is_full(slab))
        slab_link(slab);
    place->next = slab->free;
    slab->free = place;
    if (--slab->used)
        return;
    slab_unlink(slab);
    give_page(slab, slab->payer);
}

/* The record of an orphan is in a page of its parent, which may be an orphan without another one:
 * so this may go on upwards, for as long as somebody has built spaces in spaces. What is left of
 * it is done the next time. */
static void end_orphans(void)
{
    for (int i = 0; i < ENDS_MAX && due; i++) {
        struct budget *orphan = due;
        due = orphan->next;
        place_free(orphan);
    }
}

/* ---- for all ---- */

static bool must_fail(void)
{
    return kmem_fail && !--kmem_fail;
}

void *kmem_page(struct budget *payer)
{
    if (payer && must_fail())
        return NULL;
    end_orphans();
    void *page = take_page(payer);
    if (!page)
        return NULL;
    if (payer)
        charged += FK_PAGE;
    return __builtin_memset(page, 0, FK_PAGE);
}

void kmem_page_free(void *page, struct budget *payer)
{
    charged -= FK_PAGE;
    give_page(page, payer);
    end_orphans();
}

void *kmem_new(size_t bytes, struct budget *payer)
{
    unsigned class = (bytes - 1) / KMEM_UNIT;
    kassert(class < KMEM_CLASSES);
    if (must_fail())
        return NULL;
    end_orphans();
    struct slab *slab = payer->partial[class];
    if (!slab && !(slab = slab_create(class, payer)))
        return NULL;
    charged += size_of(slab);
    return __builtin_memset(place_take(slab), 0, size_of(slab));
}

void kmem_free(void *object)
{
    place_free(object);
    end_orphans();
}

struct budget *kmem_payer(const void *object)
{
    return slab_of(object)->payer;
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
    end_orphans();
}

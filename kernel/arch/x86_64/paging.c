/* kernel/arch/x86_64/paging.c -- four-level page tables, used as a cache of the region and mapping
 * hierarchy. Owns every table page. Invariants: the kernel half is the same in all tables and never
 * changes after boot; no page is both writable and executable for the kernel; before an entry that
 * the CPU marked used or written goes away, the core is told (core_page_seen).
 * SPDX-License-Identifier: MIT */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/instr.h"
#include "kernel/core/kmem.h"

#define P             1ull
#define W             2ull
#define U             4ull
#define PCD           16ull
#define A             32ull
#define D             64ull
#define LARGE         128ull
#define NX            (1ull << 63)
#define ADDRESS       0x000ffffffffff000ull
#define USER_SLOTS    256 /* of the top table */
#define BIG           (2ull << 20)
#define STRETCH       (64 * FK_PAGE) /* of entries that are visited at one go */
#define STEPS_OF_LEAF 8
#define CLEAR_MAX     128 /* entries of a table that is given back, at one go */

extern char image_start[], text_end[], rodata_end[], image_end[];

paddr arch_root;
uint64_t paging_epoch = 1;
static paddr kernel_root;
static uint64_t nx;

/* The entry for `va` in the table that an entry of the next level points to: such an entry has no
 * flags above the address. */
static inline uint64_t *below(uint64_t entry, vaddr va, int level)
{
    return (uint64_t *)(PHYS_BASE + (entry & ~4095ull) + (va >> (9 + 9 * level) & 0xff8));
}

/* ---- boot: the kernel half ---- */

static paddr boot_page(void)
{
    void *page = kmem_page(NULL);
    if (!page)
        kernel_panic("no memory for the kernel's page tables", 0);
    return (paddr)page - PHYS_BASE;
}

static uint64_t *boot_walk(vaddr va, int level)
{
    uint64_t *entry = below(kernel_root, va, 3);
    for (int i = 2; i >= level; i--) {
        if (!(*entry & P))
            *entry = boot_page() | P | W;
        entry = below(*entry, va, i);
    }
    return entry;
}

static void map_image(const char *start, const char *end, uint64_t flags)
{
    for (vaddr va = (vaddr)start; va < (vaddr)end; va += FK_PAGE)
        *boot_walk(va, 0) = (va - KERNEL_BASE) | flags;
}

/* The direct map must not offer a writable alias of code or constants: those 2 MiB are split. */
static void map_direct(paddr end)
{
    paddr ro_start = (paddr)image_start - KERNEL_BASE, ro_end = (paddr)rodata_end - KERNEL_BASE;
    for (paddr pa = 0; pa < end; pa += BIG) {
        if (pa + BIG <= ro_start || pa >= ro_end) {
            *boot_walk(PHYS_BASE + pa, 1) = pa | P | W | LARGE | nx;
            continue;
        }
        for (paddr page = pa; page < pa + BIG; page += FK_PAGE)
            *boot_walk(PHYS_BASE + page, 0) =
                page | P | nx | (page >= ro_start && page < ro_end ? 0 : W);
    }
}

void paging_init(paddr memory_end)
{
    nx = rdmsr(0xc0000080) & 0x800 ? NX : 0;
    kernel_root = boot_page();
    map_direct(memory_end);
    *boot_walk(PHYS_BASE + 0xfee00000, 1) = 0xfee00000 | P | W | LARGE | PCD | nx; /* the APIC */
    map_image(image_start, text_end, P);
    map_image(text_end, rodata_end, P | nx);
    map_image(rodata_end, image_end, P | W | nx);
    WRITE_CR(3, kernel_root);
    arch_root = kernel_root;
}

paddr paging_kernel(void)
{
    return kernel_root;
}

/* ---- a space's tables ---- */

paddr paging_create(struct budget *payer)
{
    uint64_t *page = kmem_page(payer);
    if (!page)
        return 0;
    uint64_t *kernel = phys(kernel_root);
    for (int i = USER_SLOTS; i < 512; i++)
        page[i] = kernel[i];
    return (paddr)page - PHYS_BASE;
}

ABI_ASSERT(FK_WRITE == W && FK_WRITE << 5 == D, "paging_find compares them as they are");

static inline uint64_t marks_of(unsigned access)
{
    return access ? A | (access & FK_WRITE) << 5 : 0;
}

/* Written out, since everything that touches user memory comes here. */
void *paging_find(paddr root, vaddr va, unsigned access)
{
    uint64_t entry = *below(root, va, 3);
    if (!(entry & P))
        return NULL;
    entry = *below(entry, va, 2);
    if (!(entry & P))
        return NULL;
    entry = *below(entry, va, 1);
    if (!(entry & P))
        return NULL;
    uint64_t *leaf = below(entry, va, 0), write = access & FK_WRITE;
    entry = *leaf;
    if (~entry & (P | write) || (access & FK_EXECUTE && entry & nx))
        return NULL;
    uint64_t marks = marks_of(access);
    if (~entry & marks)
        *leaf = entry | marks;
    return phys((entry & ADDRESS) | (va & 4095));
}

static void tell(uint64_t entry)
{
    if (entry & P && entry & (A | D))
        core_page_seen(entry & ADDRESS, entry & A, entry & D);
}

static void forget_tlb(paddr root, vaddr va)
{
    if (root == arch_root)
        __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static void forget_tlb_all(paddr root)
{
    if (root == arch_root)
        WRITE_CR(3, root);
}

/* The tables that are missing below an entry, `levels` of them: all or none. They are built from
 * the lowest up. */
static bool add_tables(uint64_t *entry, vaddr va, int levels, struct budget *payer)
{
    uint64_t built = 0;
    for (int level = 0; level < levels; level++) {
        void *page = kmem_page(payer);
        if (!page) {
            while (level-- > 0) {
                void *made = phys(built & ADDRESS);
                built = *below(built, va, level);
                kmem_page_free(made, payer);
            }
            return false;
        }
        paddr table = (paddr)page - PHYS_BASE;
        *below(table, va, level) = built;
        built = table | P | W | U;
    }
    *entry = built;
    return true;
}

/* Marked as seen at once by the `access` that it is installed for. */
bool paging_install(paddr root, vaddr va, paddr pa, unsigned prot, unsigned access,
                    struct budget *payer)
{
    uint64_t *entry = below(root, va, 3);
    for (int level = 2; level >= 0; level--) {
        if (!(*entry & P) && !add_tables(entry, va, level + 1, payer))
            return false;
        entry = below(*entry, va, level);
    }
    uint64_t old = *entry, right = prot & FK_WRITE, no_right = prot & FK_EXECUTE ? 0 : nx;
    uint64_t marks = marks_of(access);
    if ((old & (ADDRESS | P)) == (pa | P) && !(old & ~right & W) && !(~old & no_right)) {
        marks |= old & (A | D); /* the same page with more rights: nothing goes away */
    } else {
        tell(old);
        paging_epoch += old & P;
    }
    *entry = pa | P | U | right | no_right | marks;
    forget_tlb(root, va);
    return true;
}

/* ---- visiting what is there: absent tables are skipped whole ---- */

/* The entry of the first lowest-level table at or after *at; *at becomes its start, or stays if it
 * is in there. */
static uint64_t *next_table(paddr table, vaddr *at, vaddr end, int level, unsigned *steps)
{
    vaddr span = 1ull << (12 + 9 * level), from = *at & ~(span * 512 - 1);
    uint64_t *base = phys(table & ADDRESS), last = (end - from + span - 1) / span;
    for (unsigned i = *at / span % 512, first = i; *at < end; first = ++i) {
        while (i < 512 && i < last && !(base[i] & P))
            i++;
        *steps += i - first + 1;
        if (i > first)
            *at = from + i * span;
        if (i == 512 || i >= last)
            return NULL;
        uint64_t *found = level == 1 ? &base[i] : next_table(base[i], at, end, level - 1, steps);
        if (found)
            return found;
        *at = from + (i + 1) * span;
    }
    return NULL;
}

static bool visit_leaf(uint64_t *entry, enum paging_visit what)
{
    tell(*entry);
    if (what == PAGING_CLEAR) {
        paging_epoch++;
        *entry = 0;
        return true;
    }
    bool seen = *entry & (A | D);
    paging_epoch += seen; /* so that the next use marks it again */
    *entry &= ~(A | D);
    return seen;
}

unsigned paging_visit(paddr root, vaddr *at, vaddr end, enum paging_visit what)
{
    unsigned steps = 2 * STEPS_OF_LEAF, changed = 0;
    uint64_t *table = next_table(root, at, end, 3, &steps);
    if (!table || *at >= end) {
        *at = end;
        return steps;
    }
    vaddr start = *at, stop = (start | (STRETCH - 1)) + 1;
    if (stop > end)
        stop = end;
    for (uint64_t *leaf = below(*table, start, 0); *at < stop; *at += FK_PAGE, leaf++) {
        steps += *leaf & P ? STEPS_OF_LEAF : 1;
        changed += *leaf & P && visit_leaf(leaf, what);
    }
    if (changed && stop - start == FK_PAGE)
        forget_tlb(root, start);
    else if (changed)
        forget_tlb_all(root);
    return steps;
}

static bool is_empty(const uint64_t *table)
{
    for (int i = 0; i < 512; i++)
        if (table[i] & P)
            return false;
    return true;
}

/* The lowest table at `va`, and the tables above that hold nothing else. */
static void free_upwards(paddr root, vaddr va, struct budget *payer)
{
    uint64_t *entry[4];
    entry[3] = below(root, va, 3);
    for (int level = 2; level >= 1; level--)
        entry[level] = below(*entry[level + 1], va, level);
    for (int level = 1; level <= 3; level++) {
        uint64_t *table = phys(*entry[level] & ADDRESS);
        if (level > 1 && !is_empty(table))
            return;
        *entry[level] = 0;
        kmem_page_free(table, payer);
    }
}

/* Up to CLEAR_MAX entries; true = the table is empty now. */
static bool clear_table(uint64_t *table)
{
    unsigned cleared = 0;
    for (int i = 0; i < 512; i++) {
        if (!(table[i] & P))
            continue;
        if (cleared++ == CLEAR_MAX)
            return false;
        tell(table[i]);
        table[i] = 0;
    }
    return true;
}

/* Tables are given back in turn: the search goes on where it found the last one. */
bool paging_reclaim(paddr root, struct budget *payer)
{
    static vaddr hand;
    bool from_start = !hand;
    unsigned steps = 0;
    uint64_t *entry = next_table(root, &hand, FK_USER_END, 3, &steps);
    if (!entry) {
        hand = 0;
        return !from_start;
    }
    bool empty = clear_table(phys(*entry & ADDRESS));
    paging_epoch++;
    forget_tlb_all(root);
    if (!empty)
        return true;
    free_upwards(root, hand, payer);
    hand += BIG;
    return true;
}

/* Of which nothing is left but the top. */
void paging_destroy(paddr root, struct budget *payer)
{
    if (root == arch_root)
        paging_load(kernel_root);
    kmem_page_free(phys(root), payer);
}

/* sim/mem/walk.c -- guest memory through page tables: 4- and 5-level, PAE, 32-bit, or none.
 *
 * Reads the tables as the CPU would (SDM 3A chapter 4), but sets no accessed bits and checks no
 * rights: a debugger may look at everything that is present. Guest bytes decide every step, so each
 * table address is checked by sim_phys_read().
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "sim/core/machine.h"
#include "sim/core/shim.h"
#include "sim/mem.h"

#define PTE_P    1u
#define PTE_W    2u
#define PTE_U    4u
#define PTE_A    0x20u
#define PTE_D    0x40u
#define PTE_PS   0x80u
#define PTE_NX   (1ull << 63)
#define PTE_ADDR 0x000ffffffffff000ull
#define CR0_PG   (1u << 31)
#define CR4_PSE  (1u << 4)
#define CR4_PAE  (1u << 5)
#define CR4_LA57 (1u << 12)
#define EFER_LMA (1u << 10)

static size_t page_part(uint64_t at, size_t n)
{
    size_t room = 4096 - (at & 4095);
    return n < room ? n : room;
}

size_t sim_phys_read(gpa at, void *to, size_t n)
{
    for (size_t done = 0, part; done < n; done += part) {
        part = page_part(at + done, n - done);
        const uint8_t *ram = bxs_ram(at + done, part);
        if (!ram)
            return done;
        memcpy((uint8_t *)to + done, ram, part);
    }
    return n;
}

size_t sim_phys_write(gpa at, const void *from, size_t n)
{
    machine_changed();
    for (size_t done = 0, part; done < n; done += part) {
        part = page_part(at + done, n - done);
        uint8_t *ram = at + done < bxs_ram_bytes() ? bxs_ram(at + done, part) : NULL;
        if (!ram)
            return done;
        memcpy(ram, (const uint8_t *)from + done, part);
        bxs_ram_written(at + done, part);
    }
    return n;
}

struct format {                   /* of the paging in force */
    unsigned levels, entry, bits; /* levels, bytes an entry, index bits a level */
};

static struct format format_now(void)
{
    uint64_t cr4 = sim_reg_get(SIM_REG_cr4);
    if (sim_reg_get(SIM_REG_efer) & EFER_LMA)
        return (struct format){cr4 & CR4_LA57 ? 5 : 4, 8, 9};
    if (cr4 & CR4_PAE)
        return (struct format){3, 8, 9};
    return (struct format){2, 4, 10};
}

static bool is_leaf(struct format f, unsigned level, uint64_t entry)
{
    if (level == 0)
        return true;
    if (!(entry & PTE_PS))
        return false;
    if (f.entry == 4)
        return level == 1 && (sim_reg_get(SIM_REG_cr4) & CR4_PSE);
    return f.levels == 3 ? level == 1 : level <= 2;
}

static void leaf(struct sim_walk *w, struct format f, unsigned level, uint64_t entry, gva va)
{
    unsigned shift = 12 + level * f.bits;
    w->page = 1ull << shift;
    uint64_t base = entry & PTE_ADDR & ~(w->page - 1);
    if (f.entry == 4 && level == 1) /* PSE-36: bits 39-32 are in bits 20-13 */
        base = (entry & 0xffc00000u) | (entry & 0x1fe000ull) << 19;
    w->pa = base | (va & (w->page - 1));
    w->accessed = entry & PTE_A;
    w->dirty = entry & PTE_D;
    w->present = true;
}

static int walk_tables(struct sim_walk *w, struct format f, uint64_t table, gva va)
{
    for (unsigned level = f.levels; level-- > 0;) {
        uint64_t entry = 0;
        uint64_t index = va >> (12 + level * f.bits) & ((1u << f.bits) - 1);
        if (sim_phys_read(table + index * f.entry, &entry, f.entry) != f.entry)
            return -1;
        w->entry[w->levels++] = entry;
        if (!(entry & PTE_P))
            return -1;
        if (f.levels != 3 || level != 2) { /* PAE's top entries carry no rights */
            w->write &= (entry & PTE_W) != 0;
            w->user &= (entry & PTE_U) != 0;
            w->exec &= f.entry == 4 || !(entry & PTE_NX);
        }
        if (is_leaf(f, level, entry)) {
            leaf(w, f, level, entry, va);
            return 0;
        }
        table = entry & PTE_ADDR;
    }
    return -1;
}

static bool canonical(struct format f, gva va)
{
    if (f.levels < 4)
        return va >> 32 == 0;
    unsigned top = 12 + f.levels * f.bits - 1;
    int64_t sign = (int64_t)va >> top;
    return sign == 0 || sign == -1;
}

int sim_walk(uint64_t cr3, gva va, struct sim_walk *w)
{
    memset(w, 0, sizeof *w);
    if (!(sim_reg_get(SIM_REG_cr0) & CR0_PG)) {
        *w = (struct sim_walk){
            .pa = va, .page = 4096, .present = true, .write = true, .user = true, .exec = true};
        return 0;
    }
    struct format f = format_now();
    if (!canonical(f, va))
        return -1;
    if (cr3 == SIM_CR3_NOW)
        cr3 = sim_reg_get(SIM_REG_cr3);
    w->write = w->user = w->exec = true;
    uint64_t top = f.levels == 3   ? cr3 & 0xffffffe0u
                   : f.levels == 2 ? cr3 & 0xfffff000u
                                   : cr3 & PTE_ADDR;
    return walk_tables(w, f, top, va);
}

size_t sim_virt_read(uint64_t cr3, gva at, void *to, size_t n)
{
    for (size_t done = 0, part; done < n; done += part) {
        struct sim_walk w;
        part = page_part(at + done, n - done);
        if (sim_walk(cr3, at + done, &w) < 0 ||
            sim_phys_read(w.pa, (uint8_t *)to + done, part) != part)
            return done;
    }
    return n;
}

size_t sim_virt_write(uint64_t cr3, gva at, const void *from, size_t n)
{
    for (size_t done = 0, part; done < n; done += part) {
        struct sim_walk w;
        part = page_part(at + done, n - done);
        if (sim_walk(cr3, at + done, &w) < 0 ||
            sim_phys_write(w.pa, (const uint8_t *)from + done, part) != part)
            return done;
    }
    return n;
}

/* sim/gdb/memory.c -- a process's memory. A page table is only a cache of what mappings say, so
 * where it has nothing the mappings are followed to the page (sim/chain.h), as the kernel would.
 * Reads and writes disturb nothing but the bytes written.
 * SPDX-License-Identifier: MIT */
#include "sim/chain.h"
#include "sim/event.h"
#include "sim/gdb/target.h"
#include "sim/mem.h"
#include "sim/name.h"

enum { PAGE = 4096 };

static size_t in_page(gva at, size_t n)
{
    size_t left = PAGE - (size_t)(at % PAGE);

    return n < left ? n : left;
}

/* Under the kernel's feet: the lower half of what the CPU sees. */
uint32_t target_memory_space(int64_t pid)
{
    struct id now = target_current();

    if (pid != PID_KERNEL)
        return (uint32_t)pid;
    return now.tid ? (uint32_t)now.pid : 0;
}

static size_t by_table(uint64_t cr3, gva at, uint8_t *bytes, size_t n, bool write)
{
    return write ? sim_virt_write(cr3, at, bytes, n) : sim_virt_read(cr3, at, bytes, n);
}

/* May a page that its own program could not write to now be written? Not when somebody keeps watch
 * over it: it may be shared until it is written, or taken for unchanged. A program's constants are
 * its own. */
static bool guarded(uint64_t cr3, uint32_t space, gva at)
{
    struct sim_link last;
    struct sim_walk walk;
    gpa pa;

    if (!space || at >> 63 || (sim_walk(cr3, at, &walk) == 0 && walk.write))
        return false;
    return sim_chain(space, at, NULL, NULL, &last, &pa) == SIM_CHAIN_MEMORY && last.guarded;
}

/* At most to the end of the page. */
static size_t by_chain(uint32_t space, gva at, uint8_t *bytes, size_t n, bool write)
{
    struct sim_link last;
    gpa pa;

    if (!space || sim_chain(space, at, NULL, NULL, &last, &pa) != SIM_CHAIN_MEMORY)
        return 0;
    return write ? sim_phys_write(pa, bytes, n) : sim_phys_read(pa, bytes, n);
}

static size_t access(int64_t pid, gva at, uint8_t *bytes, size_t n, bool write)
{
    uint32_t space = target_memory_space(pid);
    size_t done = 0;

    while (target_process(pid) && done < n) {
        size_t piece = in_page(at + done, n - done);
        if (write && guarded(target_cr3(pid), space, at + done))
            break;
        size_t got = by_table(target_cr3(pid), at + done, bytes + done, piece, write);
        if (!got)
            got = by_chain(space, at + done, bytes + done, piece, write);
        done += got;
        if (got < piece)
            break;
    }
    return done;
}

size_t target_read(int64_t pid, gva at, void *to, size_t n)
{
    return access(pid, at, to, n, false);
}

size_t target_write(int64_t pid, gva at, const void *from, size_t n)
{
    resume_diverge();
    return access(pid, at, (uint8_t *)(uintptr_t)from, n, true);
}

/* ---- for people ---- */

static const char *prot_text(unsigned prot)
{
    static const char *const names[] = {"---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx"};

    return names[prot & 7];
}

static void table_line(uint64_t cr3, gva va, struct text *out)
{
    struct sim_walk walk;

    if (sim_walk(cr3, va, &walk) == 0)
        text_printf(out, "page 0x%llx %s%s%s%s%s\n", (unsigned long long)(walk.pa & ~0xfffull),
                    walk.write ? "rw" : "r-", walk.exec ? "x" : "-", walk.user ? "u" : "-",
                    walk.accessed ? " used" : "", walk.dirty ? " written" : "");
    else
        text_puts(out, "not in the page table now\n");
}

static void link_lines(void *ctx, const struct sim_link *l)
{
    struct text *out = ctx;
    unsigned index = sim_space_of_id(l->space);
    char name[64];

    sim_space_name(index, name, sizeof name);
    text_printf(out, "L%u %s 0x%llx: ", sim_space(index)->level, name, (unsigned long long)l->va);
    table_line(target_cr3(l->space), l->va, out);
    text_printf(out, "  by mapping %u (%s)", l->mapping.head.id, prot_text(l->mapping.prot));
    if (l->linked)
        text_printf(out, " of region %u (%s, keeper: port %llu)\n", l->region.head.id,
                    prot_text(l->region.prot), (unsigned long long)l->region.keeper);
    else
        text_puts(out, " of nothing\n");
}

void target_memory_chain(int64_t pid, gva at, struct text *out)
{
    uint32_t space = target_memory_space(pid);
    struct sim_link last;
    enum sim_chain end;
    char why[160];
    gpa pa;

    if (at >> 63 || !space) {
        text_printf(out, "kernel 0x%llx: ", (unsigned long long)at);
        table_line(target_cr3(pid), at, out);
        return;
    }
    end = sim_chain(space, at, link_lines, out, &last, &pa);
    if (end == SIM_CHAIN_MEMORY) {
        text_printf(out, "memory of the machine, 0x%llx\n", (unsigned long long)pa);
        return;
    }
    sim_chain_says(end, &last, why, sizeof why);
    text_printf(out, "%s\n", why);
}

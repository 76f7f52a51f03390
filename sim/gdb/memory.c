/* sim/gdb/memory.c -- a process's memory. A page table is only a cache of what mappings say, so
 * where it has nothing the mapping is followed to whoever exports the page, as the kernel would.
 * Reads and writes disturb nothing but the bytes written.
 * SPDX-License-Identifier: MIT */
#include "sim/event.h"
#include "sim/gdb/target.h"
#include "sim/mem.h"
#include "sim/object.h"

enum { LINKS = 512 /* the kernel follows no more */, PAGE = 4096 };

/* The page table and address under which `va` of this space is to be found; what it was when nobody
 * has it. */
static void follow(uint32_t space, gva *va, uint64_t *cr3)
{
    union sim_object mapping, region;
    struct sim_walk walk;

    for (int i = 0; i < LINKS && sim_walk(*cr3, *va, &walk) != 0; i++) {
        if (!sim_object_mapping(space, *va, &mapping) || !mapping.mapping.region ||
            !sim_object_find(FK_DEBUG_REGION, mapping.mapping.region, &region) ||
            !region.region.space)
            return;
        *va = region.region.start + mapping.mapping.offset + (*va - mapping.mapping.start);
        space = region.region.space;
        *cr3 = target_cr3(space);
    }
}

static size_t in_page(gva at, size_t n)
{
    size_t left = PAGE - (size_t)(at % PAGE);

    return n < left ? n : left;
}

/* The space under the kernel's feet: the lower half of what the CPU sees. 0 = none. */
static int64_t user_space(void)
{
    struct id now = target_current();

    return now.tid ? now.pid : 0;
}

static size_t access(int64_t pid, gva at, uint8_t *bytes, size_t n, bool write)
{
    uint32_t space = (uint32_t)(pid == PID_KERNEL ? user_space() : pid);
    size_t done = 0;

    while (done < n) {
        uint64_t cr3 = target_cr3(pid);
        gva va = at + done;
        size_t piece = in_page(va, n - done), got;

        if (space)
            follow(space, &va, &cr3);
        got = write ? sim_virt_write(cr3, va, bytes + done, piece)
                    : sim_virt_read(cr3, va, bytes + done, piece);
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
    return access(pid, at, (uint8_t *)(uintptr_t)from, n, true);
}

/* ---- for people ---- */

static void walk_line(int64_t pid, uint32_t space, gva va, struct text *out)
{
    struct sim_walk walk;
    char name[64];

    if (space)
        target_thread_name(target_thread_of(space), name, sizeof name);
    text_printf(out, "%s 0x%llx: ", space ? name : "kernel", (unsigned long long)va);
    if (sim_walk(space ? target_cr3(space) : target_cr3(pid), va, &walk) == 0)
        text_printf(out, "page 0x%llx %s%s%s%s%s\n", (unsigned long long)(walk.pa & ~0xfffull),
                    walk.write ? "rw" : "r-", walk.exec ? "x" : "-", walk.user ? "u" : "-",
                    walk.accessed ? " used" : "", walk.dirty ? " written" : "");
    else
        text_puts(out, "not in the page table now\n");
}

static const char *prot_text(unsigned prot)
{
    static const char *const names[] = {"---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx"};

    return names[prot & 7];
}

void target_memory_chain(int64_t pid, gva at, struct text *out)
{
    uint32_t space = (uint32_t)(pid == PID_KERNEL ? user_space() : pid);
    union sim_object mapping, region;

    if (at >> 63)
        space = 0;
    for (int i = 0; i < LINKS; i++) {
        walk_line(pid, space, at, out);
        if (!space || !sim_object_mapping(space, at, &mapping))
            return;
        text_printf(out, "  by mapping %u (%s)", mapping.head.id, prot_text(mapping.mapping.prot));
        if (!sim_object_find(FK_DEBUG_REGION, mapping.mapping.region, &region)) {
            text_puts(out, " of nothing\n");
            return;
        }
        text_printf(out, " of region %u (%s, keeper: port %llu)\n", region.head.id,
                    prot_text(region.region.prot), (unsigned long long)region.region.keeper);
        at = region.region.start + mapping.mapping.offset + (at - mapping.mapping.start);
        space = region.region.space;
        if (!space) {
            text_printf(out, "memory of the machine, 0x%llx\n", (unsigned long long)at);
            return;
        }
    }
}

/* kernel/core/root.c -- builds the root space: a region that is all user memory, a mapping of it as
 * the pool, the program's segments, boot page and stack as further mappings of the same region, and
 * one thread. Everything here is an ordinary object, bound to the boot page, and charged to the
 * root's budget, which is the whole kernel pool. SPDX-License-Identifier: MIT */
#include "abi/fk/bootinfo.h"
#include "kernel/core/root.h"
#include "kernel/core/thread.h"

#define POOL_VA       0x100000000000ull
#define BOOT_VA       0x7ffffff00000ull /* boot page; the stack ends one page below it */
#define STACK_BYTES   (64 * 1024)
#define SEGMENT_LIMIT 16

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments, sections;
    uint32_t flags;
    uint16_t size, segment_size, segment_count, section_size, section_count, names;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, va, pa, file_size, memory_size, align;
};

static struct space *space;
static struct region *pool;
static paddr pool_start, pool_end, free_start;

static _Noreturn void give_up(const char *why)
{
    kprintf("kernel: root program: %s\n", why);
    arch_exit(124);
}

static struct object *make(unsigned kind, struct fk_object *at, vaddr va)
{
    long outcome;
    paddr pa = at ? (paddr)at - PHYS_BASE : 0;
    struct object *object = object_make(kind, pa, va, space, &outcome);
    if (!object)
        give_up("no memory for its objects");
    return object;
}

static void map(vaddr va, paddr pa, uint64_t bytes, unsigned prot)
{
    struct mapping *mapping = (struct mapping *)make(FK_DEBUG_MAPPING, NULL, 0);
    mapping->dbg.start = va;
    mapping->dbg.size = (bytes + FK_PAGE - 1) & ~(FK_PAGE - 1ull);
    mapping->dbg.offset = pa - pool_start;
    mapping->dbg.prot = prot;
    if (va >= FK_USER_END || mapping->dbg.size > FK_USER_END - va ||
        mapping_overlaps(space, NULL, va, va + mapping->dbg.size))
        give_up("its segments overlap or lie outside user memory");
    mapping_attach(mapping, space, pool);
}

static paddr take(uint64_t bytes)
{
    paddr at = free_start;
    bytes = (bytes + FK_PAGE - 1) & ~(FK_PAGE - 1ull);
    if (bytes > pool_end - free_start)
        give_up("not enough memory");
    free_start += bytes;
    __builtin_memset(phys(at), 0, bytes);
    return at;
}

static void load_segment(const struct initrd_file *file, const struct elf_segment *segment)
{
    uint64_t skew = segment->va & (FK_PAGE - 1);
    if (segment->offset > file->size || segment->file_size > file->size - segment->offset ||
        segment->file_size > segment->memory_size || segment->memory_size > pool_end - pool_start)
        give_up("a segment is larger than the file");
    paddr pa = take(skew + segment->memory_size);
    __builtin_memcpy((char *)phys(pa) + skew, file->data + segment->offset, segment->file_size);
    unsigned prot = (segment->flags & 4 ? FK_READ : 0) | (segment->flags & 2 ? FK_WRITE : 0) |
                    (segment->flags & 1 ? FK_EXECUTE : 0);
    map(segment->va - skew, pa, skew + segment->memory_size, prot);
}

static uint64_t load_program(const struct initrd_file *file)
{
    const struct elf_header *elf = (const struct elf_header *)file->data;
    if (file->size < sizeof(*elf) || __builtin_memcmp(elf->ident, "\177ELF\2\1", 6) ||
        elf->machine != 62 || elf->type != 2)
        give_up("not a static x86-64 ELF file");
    if (elf->segment_size != sizeof(struct elf_segment) || elf->segment_count > SEGMENT_LIMIT ||
        elf->segments > file->size ||
        elf->segment_count * sizeof(struct elf_segment) > file->size - elf->segments)
        give_up("its program headers are damaged");
    const struct elf_segment *segment = (const void *)(file->data + elf->segments);
    for (int i = 0; i < elf->segment_count; i++, segment++)
        if (segment->type == 1 && segment->memory_size)
            load_segment(file, segment);
    if (elf->entry >= FK_USER_END)
        give_up("its entry point is outside user memory");
    return elf->entry;
}

/* root=NAME on the command line; else the first file. */
static void program_name(const char *command, char *name, size_t bytes)
{
    const char *at = word_after(command, "root=");
    size_t i = 0;
    for (; at && at[i] && at[i] != ' ' && i < bytes - 1; i++)
        name[i] = at[i];
    name[i] = 0;
}

static void fill_boot_page(struct fk_bootinfo *info, const struct arch_boot *boot)
{
    vaddr to_va = POOL_VA - pool_start;
    *info = (struct fk_bootinfo){
        .magic = FK_BOOT_MAGIC,
        .version = FK_BOOT_VERSION,
        .bytes = sizeof(*info),
        .pool = POOL_VA,
        .pool_size = pool_end - pool_start,
        .initrd = boot->initrd ? boot->initrd + to_va : 0,
        .initrd_size = boot->initrd_end - boot->initrd,
        .stack_end = BOOT_VA - FK_PAGE,
        .cycles_per_second = arch_cycles_per_second,
        .budget = space->budget->limit,
    };
    __builtin_memcpy(info->command, boot->command, sizeof(info->command));
}

static struct thread *make_thread(struct fk_bootinfo *info, uint64_t entry)
{
    vaddr at = BOOT_VA + offsetof(struct fk_bootinfo, thread);
    struct thread *thread = (struct thread *)make(FK_DEBUG_THREAD, &info->thread, at);
    thread->frame.rip = entry;
    thread->frame.rsp = BOOT_VA - FK_PAGE - 8;
    thread->frame.rdi = BOOT_VA;
    thread->va = at;
    thread->flags = 0;
    thread->dbg.state = FK_DEBUG_T_READY;
    thread_set_space(thread, space);
    return thread;
}

struct thread *root_create(const struct arch_boot *boot, paddr user_start, paddr user_end)
{
    char name[64];
    struct initrd_file file;
    pool_start = free_start = user_start;
    pool_end = user_end;
    program_name(boot->command, name, sizeof(name));
    if (!boot->initrd ||
        !initrd_find(phys(boot->initrd), boot->initrd_end - boot->initrd, name, &file))
        give_up(boot->initrd ? "not in the initrd" : "there is no initrd");
    if (boot->initrd < user_end) /* the loader puts it last: keep it, use what is below */
        pool_end = boot->initrd;
    struct fk_bootinfo *info = phys(take(sizeof(*info)));
    space = (struct space *)make(FK_DEBUG_SPACE, &info->space,
                                 BOOT_VA + offsetof(struct fk_bootinfo, space));
    kmem_open();
    budget_give(&kmem_root, space->budget, kmem_root.limit - kmem_root.used);
    __builtin_memcpy(space->dbg.name, "root", 5);
    pool = (struct region *)make(FK_DEBUG_REGION, &info->pool_region,
                                 BOOT_VA + offsetof(struct fk_bootinfo, pool_region));
    pool->physical = true;
    pool->dbg.start = pool_start;
    pool->dbg.size = user_end - pool_start;
    pool->dbg.prot = FK_READ | FK_WRITE | FK_EXECUTE;
    map(POOL_VA, pool_start, user_end - pool_start, FK_READ | FK_WRITE | FK_EXECUTE);
    map(BOOT_VA, (paddr)info - PHYS_BASE, sizeof(*info), FK_READ | FK_WRITE);
    map(BOOT_VA - FK_PAGE - STACK_BYTES, take(STACK_BYTES), STACK_BYTES, FK_READ | FK_WRITE);
    uint64_t entry = load_program(&file);
    fill_boot_page(info, boot);
    info->pool_free = POOL_VA + (free_start - pool_start);
    info->pool_end = POOL_VA + (pool_end - pool_start);
    return make_thread(info, entry);
}

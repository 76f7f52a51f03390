/* kernel/arch/x86_64/start.c -- reads the PVH start-info structure (its layout: the Xen project's
 * "PVH direct boot" ABI). Everything the loader said is copied out here, because its memory becomes
 * user memory later. A loader that says nonsense ends the machine with a message.
 * SPDX-License-Identifier: MIT */
#include "kernel/arch/x86_64/arch.h"

#define START_MAGIC 0x336ec578
#define MEMORY_RAM  1
#define MAP_LIMIT   0x100000000ull /* boot.S maps this much */

struct start_info {
    uint32_t magic, version, flags, modules;
    uint64_t module_list, command, rsdp, map;
    uint32_t map_entries, reserved;
};

struct start_module {
    uint64_t address, size, command, reserved;
};

struct start_range {
    uint64_t address, size;
    uint32_t type, reserved;
};

extern char image_start[], image_end[];

static void read_command(const struct start_info *info, struct arch_boot *boot)
{
    const char *text = info->command ? phys(info->command) : "";
    size_t i = 0;
    for (; text[i] && i < sizeof(boot->command) - 1; i++)
        boot->command[i] = text[i];
    boot->command[i] = 0;
}

static void read_memory(const struct start_info *info, struct arch_boot *boot)
{
    const struct start_range *range = phys(info->map);
    paddr image = (paddr)image_start - KERNEL_BASE;
    for (uint32_t i = 0; info->version >= 1 && i < info->map_entries; i++, range++) {
        paddr end = range->address + range->size;
        if (range->type != MEMORY_RAM || range->address > image || end <= image)
            continue;
        boot->memory_start = image;
        boot->memory_end = (end < MAP_LIMIT ? end : MAP_LIMIT) & ~4095ull;
    }
    if (!boot->memory_end)
        kernel_refuse("the loader gave no memory around the kernel; ranges", info->map_entries);
}

void arch_boot_read(paddr start_info, struct arch_boot *boot)
{
    const struct start_info *info = phys(start_info);
    if (info->magic != START_MAGIC) /* QEMU's boot ROM has 4,096 bytes for the command line */
        kernel_refuse("no PVH start info (QEMU: is the command line over 4,000 bytes?)",
                      info->magic);
    read_command(info, boot);
    read_memory(info, boot);
    if (info->modules < 1)
        return;
    const struct start_module *module = phys(info->module_list);
    boot->initrd = module->address;
    boot->initrd_end = module->address + module->size;
    if (boot->initrd & 4095 || boot->initrd < (paddr)image_end - KERNEL_BASE ||
        boot->initrd_end > boot->memory_end)
        kernel_refuse("the initrd is not in memory above the kernel", boot->initrd);
}

/* sim/core/boot.c -- makes the boot image. See boot.h.
 *
 * Layout of the start info, module list and memory map: the public Xen PVH ABI, version 1. All
 * fields are little-endian, and so is every host this builds on.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/assert.h"
#include "sim/core/boot.h"
#include "sim/core/elf.h"

#define PAGE       4096ull
#define MIB        (1ull << 20)
#define HOLE_START 0xa0000ull /* video memory and ROMs of a PC */
#define HOLE_END   0x100000ull
#define FILE_MAX   (4096 * MIB) /* vmlinux with debug information stays well below */

#define START_MAGIC   0x336ec578u
#define START_VERSION 1u

struct start_info {
    uint32_t magic, version, flags, modules;
    uint64_t modlist, cmdline, rsdp, memmap;
    uint32_t memmap_entries, reserved;
};

struct start_module {
    uint64_t at, size, cmdline, reserved;
};

enum { MEM_RAM = 1, MEM_RESERVED = 2 };

struct start_range {
    uint64_t at, size;
    uint32_t type, reserved;
};

#define RANGES 6

struct start_page { /* the first page of the boot area */
    struct start_info info;
    uint64_t pad;
    struct start_module module;
    struct start_range range[RANGES];
};

ABI_ASSERT(sizeof(struct start_info) == 56, "layout of the PVH ABI");
ABI_ASSERT(sizeof(struct start_module) == 32, "layout of the PVH ABI");
ABI_ASSERT(sizeof(struct start_range) == 24, "layout of the PVH ABI");
ABI_ASSERT(sizeof(struct start_page) <= BOOT_CMDLINE - BOOT_AREA, "start info fits its page");
ABI_ASSERT(BOOT_APPEND_MAX + 1 <= BOOT_AREA_END - BOOT_CMDLINE, "command line fits its page");

static unsigned long long mib_up(uint64_t bytes)
{
    return (bytes + MIB - 1) / MIB;
}

static uint64_t page_up(uint64_t at)
{
    return (at + PAGE - 1) & ~(PAGE - 1);
}

/* Opens a regular file and tells its size. A FIFO must not hang us, hence O_NONBLOCK. */
static int open_file(const char *what, const char *path, uint64_t *size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return sim_fail("%s %s: %s: give the path of a readable file", what, path, strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        sim_fail("%s %s is %s: give the path of a file", what, path,
                 S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
        close(fd);
        return -1;
    }
    *size = (uint64_t)st.st_size;
    return fd;
}

/* Reads exactly `size` bytes and closes `fd`. NULL with sim_error() when that fails. */
static uint8_t *read_all(const char *what, const char *path, int fd, uint64_t size)
{
    uint8_t *bytes = malloc(size ? size : 1);
    uint64_t done = 0;
    ssize_t got = 1;

    if (!bytes) {
        sim_fail("%s %s: no memory for its %llu MiB on this computer", what, path, mib_up(size));
        goto out;
    }
    while (done < size && (got > 0 || (got < 0 && errno == EINTR))) {
        got = read(fd, bytes + done, size - done);
        done += got > 0 ? (uint64_t)got : 0;
    }
    if (done == size)
        goto out;
    sim_fail("%s %s cannot be read (%s): check the disk or copy it again", what, path,
             got < 0 ? strerror(errno) : "it became shorter meanwhile");
    free(bytes);
    bytes = NULL;
out:
    close(fd);
    return bytes;
}

static uint8_t *read_kernel(const char *path, uint64_t *size)
{
    int fd = open_file("kernel", path, size);

    if (fd < 0)
        return NULL;
    if (*size > FILE_MAX) {
        sim_fail("kernel %s has %llu MiB, more than 4096: strip it", path, mib_up(*size));
        close(fd);
        return NULL;
    }
    return read_all("kernel", path, fd, *size);
}

static bool overlaps(uint64_t at, uint64_t n, uint64_t start, uint64_t end)
{
    return at < end && start < at + n;
}

/* elf_fits_fn; ctx = the memory size. The text's buffer is static: one caller, used at once. */
static const char *segment_fits(void *ctx, gpa at, uint64_t n)
{
    static char why[160];
    uint64_t mem = *(const uint64_t *)ctx;

    if (at + n > BOOT_MEM_MAX)
        return "lies above 3072 MiB, where no memory can be: correct its physical address (AT() in "
               "the linker script) or its size";
    if (at + n > mem) {
        snprintf(why, sizeof why, "ends past the machine's memory: use --mem %llu or more",
                 mib_up(at + n));
        return why;
    }
    if (overlaps(at, n, BOOT_AREA, BOOT_AREA_END))
        return "overlaps the start info area (0x7000 to 0x8fff): link it at 1 MiB or above";
    if (overlaps(at, n, HOLE_START, HOLE_END))
        return "overlaps video memory and ROMs (0xa0000 to 0xfffff): link it at 1 MiB or above";
    return NULL;
}

static void add_piece(struct boot_image *image, gpa at, const uint8_t *bytes, uint64_t n,
                      uint64_t zero)
{
    image->piece[image->pieces++] =
        (struct boot_piece){.at = at, .bytes = bytes, .n = n, .zero = zero};
}

static int load_kernel(struct boot_image *image, const char *path, uint64_t mem)
{
    struct elf_kernel kernel;
    uint64_t size;

    image->kernel = read_kernel(path, &size);
    if (!image->kernel ||
        elf_kernel_parse(&kernel, path, image->kernel, size, segment_fits, &mem) != 0)
        return -1;
    image->piece = calloc(kernel.segments + 2, sizeof *image->piece);
    if (!image->piece)
        return sim_fail("no memory on this computer to load %s", path);
    for (unsigned i = 0; i < kernel.segments; i++) {
        const struct elf_segment *s = &kernel.segment[i];
        add_piece(image, s->at, s->bytes, s->n, s->zero);
        image->kernel_end = s->at + s->n + s->zero;
    }
    image->entry = kernel.entry;
    return 0;
}

/* High, where kernels expect it least to be in the way, but never below the kernel's end. */
static int place_initrd(const struct boot_image *image, const char *path, uint64_t size,
                        uint64_t mem, gpa *at)
{
    uint64_t low = page_up(image->kernel_end > HOLE_END ? image->kernel_end : HOLE_END);
    unsigned long long have = mem / MIB;

    if (size > BOOT_MEM_MAX - low)
        return sim_fail("initrd %s (%llu MiB) fits in no machine of at most 3072 MiB: make it "
                        "smaller",
                        path, mib_up(size));
    if (page_up(size) > mem - low)
        return sim_fail("initrd %s (%llu MiB) does not fit in %llu MiB of memory beside the "
                        "kernel: use --mem %llu or more",
                        path, mib_up(size), have, mib_up(low + page_up(size)));
    *at = mem - page_up(size);
    return 0;
}

static int load_initrd(struct boot_image *image, const char *path, uint64_t mem,
                       struct start_module *module)
{
    uint64_t size;
    gpa at = 0;
    int fd = open_file("initrd", path, &size);

    if (fd < 0)
        return -1;
    if (size == 0) {
        close(fd);
        return sim_fail("initrd %s is empty: build it again or leave --initrd out", path);
    }
    if (place_initrd(image, path, size, mem, &at) != 0) {
        close(fd);
        return -1;
    }
    image->initrd = read_all("initrd", path, fd, size);
    if (!image->initrd)
        return -1;
    add_piece(image, at, image->initrd, size, page_up(size) - size);
    *module = (struct start_module){.at = at, .size = size};
    return 0;
}

static void fill_ranges(struct start_range *range, uint64_t mem)
{
    const struct start_range map[RANGES] = {
        {0, HOLE_START, MEM_RAM, 0},
        {HOLE_START, HOLE_END - HOLE_START, MEM_RESERVED, 0},
        {HOLE_END, mem - HOLE_END, MEM_RAM, 0},
        {0xfec00000, 0x1000, MEM_RESERVED, 0},  /* I/O APIC */
        {0xfee00000, 0x1000, MEM_RESERVED, 0},  /* local APIC */
        {0xffff0000, 0x10000, MEM_RESERVED, 0}, /* boot ROM */
    };

    memcpy(range, map, sizeof map);
}

/* The boot area as one piece: start info and what it points to, then the command line. */
static int fill_area(struct boot_image *image, const char *append, uint64_t mem,
                     const struct start_module *module)
{
    uint64_t size = BOOT_AREA_END - BOOT_AREA;
    struct start_page page = {
        .info = {.magic = START_MAGIC,
                 .version = START_VERSION,
                 .modules = module->size ? 1 : 0,
                 .modlist = module->size ? BOOT_AREA + offsetof(struct start_page, module) : 0,
                 .cmdline = BOOT_CMDLINE,
                 .memmap = BOOT_AREA + offsetof(struct start_page, range),
                 .memmap_entries = RANGES},
        .module = *module,
    };

    fill_ranges(page.range, mem);
    image->area = calloc(1, size);
    if (!image->area)
        return sim_fail("no memory on this computer for the boot area");
    memcpy(image->area, &page, sizeof page);
    memcpy(image->area + (BOOT_CMDLINE - BOOT_AREA), append, strlen(append));
    add_piece(image, BOOT_AREA, image->area, size, 0);
    image->start_info = BOOT_AREA;
    return 0;
}

static int check_request(const char *kernel, const char *append, uint64_t mem)
{
    size_t n = strlen(append);

    if (!kernel)
        return sim_fail("no kernel given: use --kernel FILE");
    if (mem < BOOT_MEM_MIN || mem > BOOT_MEM_MAX)
        return sim_mistake("%llu MiB of memory: use --mem 16 to 3072", mib_up(mem));
    if (n > BOOT_APPEND_MAX)
        return sim_mistake("the command line has %zu bytes, at most %d fit: shorten --append", n,
                           BOOT_APPEND_MAX);
    return 0;
}

int boot_image_load(struct boot_image *image, const char *kernel, const char *initrd,
                    const char *append, uint64_t mem)
{
    struct start_module module = {0};

    *image = (struct boot_image){0};
    append = append ? append : "";
    mem &= ~(PAGE - 1);
    if (check_request(kernel, append, mem) != 0)
        return -1;
    if (load_kernel(image, kernel, mem) != 0 ||
        (initrd && load_initrd(image, initrd, mem, &module) != 0) ||
        fill_area(image, append, mem, &module) != 0) {
        boot_image_free(image);
        return -1;
    }
    return 0;
}

void boot_image_free(struct boot_image *image)
{
    free(image->piece);
    free(image->kernel);
    free(image->initrd);
    free(image->area);
    *image = (struct boot_image){0};
}

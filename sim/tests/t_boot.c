/* sim/tests/t_boot.c -- property: a boot image is what the PVH convention asks for, its pieces are
 * disjoint and inside memory, and each bad request gives one line that names the remedy.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/boot/rom.h"
#include "sim/core/boot.h"
#include "sim/tests/check.h"
#include "sim/tests/elf_make.h"

#define MIB (1ull << 20)
#define MEM (64 * MIB)

static char folder[] = "t_boot.XXXXXX";
static char kernel_path[64], initrd_path[64], other_path[64];
static struct elf_made made;
static struct boot_image image;

static void write_file(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");

    CHECK(f && fwrite(bytes, 1, n, f) == n);
    if (f)
        fclose(f);
}

/* A sparse file of any size. */
static void size_file(const char *path, uint64_t n)
{
    write_file(path, "", 0);
    CHECK(truncate(path, (off_t)n) == 0);
}

static const struct boot_piece *piece_at(gpa at)
{
    for (unsigned i = 0; i < image.pieces; i++)
        if (image.piece[i].at == at)
            return &image.piece[i];
    return NULL;
}

static uint64_t area_word(unsigned offset, unsigned n)
{
    uint64_t v = 0;
    memcpy(&v, image.area + offset, n);
    return v;
}

static void pieces_sane(uint64_t mem)
{
    for (unsigned i = 0; i < image.pieces; i++) {
        uint64_t end = image.piece[i].at + image.piece[i].n + image.piece[i].zero;
        CHECK(end <= mem && end > image.piece[i].at);
        for (unsigned k = 0; k < i; k++)
            CHECK(end <= image.piece[k].at ||
                  image.piece[i].at >= image.piece[k].at + image.piece[k].n + image.piece[k].zero);
    }
}

static void plain(void)
{
    CHECK(boot_image_load(&image, kernel_path, NULL, NULL, MEM) == 0);
    CHECK(image.entry == 0x100010 && image.start_info == BOOT_AREA);
    CHECK(image.kernel_end == 0x205000 && image.pieces == 3);
    pieces_sane(MEM);
    CHECK(area_word(0, 4) == 0x336ec578 && area_word(4, 4) == 1);
    CHECK(area_word(12, 4) == 0 && area_word(16, 8) == 0); /* no modules */
    CHECK(area_word(24, 8) == BOOT_CMDLINE && image.area[BOOT_CMDLINE - BOOT_AREA] == 0);
    boot_image_free(&image);
    CHECK(image.piece == NULL && image.pieces == 0);
}

/* The memory map: sorted, disjoint, RAM adds up to the memory less the hole below 1 MiB. */
static void memory_map(uint64_t mem)
{
    uint64_t at = area_word(40, 8) - BOOT_AREA, n = area_word(48, 4), last = 0, ram = 0;

    for (uint64_t i = 0; i < n; i++) {
        unsigned o = (unsigned)(at + 24 * i);
        CHECK(area_word(o, 8) >= last);
        last = area_word(o, 8) + area_word(o + 8, 8);
        if (area_word(o + 16, 4) == 1)
            ram += area_word(o + 8, 8);
    }
    CHECK(ram == mem - 0x60000);
}

static void full(uint64_t mem, size_t initrd)
{
    const struct boot_piece *p;
    uint64_t list;

    size_file(initrd_path, initrd);
    CHECK(boot_image_load(&image, kernel_path, initrd_path, "a=1 b", mem) == 0);
    pieces_sane(mem);
    memory_map(mem);
    CHECK(area_word(12, 4) == 1);
    list = area_word(16, 8) - BOOT_AREA;
    p = piece_at(area_word((unsigned)list, 8));
    CHECK(p && p->n == initrd && area_word((unsigned)list + 8, 8) == initrd);
    CHECK(p && (p->at & 4095) == 0 && p->at + p->n <= 3072 * MIB);
    CHECK(p && p->at + ((p->n + 4095) & ~4095ull) == mem); /* as high as can be */
    CHECK(strcmp((char *)image.area + (BOOT_CMDLINE - BOOT_AREA), "a=1 b") == 0);
    boot_image_free(&image);
}

static void bad(const char *kernel, const char *initrd, const char *append, uint64_t mem,
                const char *part)
{
    CHECK(boot_image_load(&image, kernel, initrd, append, mem) == -1);
    CHECK(image.piece == NULL && image.kernel == NULL && image.initrd == NULL);
    CHECK(strchr(sim_error(), '\n') == NULL);
    CHECK(strstr(sim_error(), part) != NULL);
    if (!strstr(sim_error(), part))
        fprintf(stderr, "wanted \"%s\" in: %s\n", part, sim_error());
}

static void bad_files(void)
{
    bad(NULL, NULL, NULL, MEM, "use --kernel FILE");
    bad("no/such/file", NULL, NULL, MEM, "No such file");
    bad(folder, NULL, NULL, MEM, "is a directory");
    bad("/dev/null", NULL, NULL, MEM, "not a regular file");
    CHECK(mkfifo(other_path, 0600) == 0);
    bad(other_path, NULL, NULL, MEM, "not a regular file");
    unlink(other_path);
    size_file(other_path, 0);
    bad(other_path, NULL, NULL, MEM, "is empty");
    bad(kernel_path, other_path, NULL, MEM, "is empty");
    size_file(other_path, 1ull << 33);
    bad(other_path, NULL, NULL, MEM, "8192 MiB, more than 4096");
    bad(kernel_path, other_path, NULL, MEM, "fits in no machine");
    bad(kernel_path, "no/such", NULL, MEM, "initrd no/such: No such file");
    bad(kernel_path, folder, NULL, MEM, "is a directory");
    size_file(other_path, 100 * MIB);
    bad(kernel_path, other_path, NULL, MEM, "use --mem 103 or more");
    CHECK(boot_image_load(&image, kernel_path, other_path, NULL, 103 * MIB) == 0);
    boot_image_free(&image);
    bad(kernel_path, other_path, NULL, 102 * MIB, "--mem 103");
    unlink(other_path);
}

static void bad_numbers(void)
{
    char longest[BOOT_APPEND_MAX + 2];

    memset(longest, 'x', sizeof longest);
    longest[BOOT_APPEND_MAX + 1] = 0;
    bad(kernel_path, NULL, longest, MEM, "has 4096 bytes, at most 4095 fit");
    longest[BOOT_APPEND_MAX] = 0;
    CHECK(boot_image_load(&image, kernel_path, NULL, longest, MEM) == 0);
    CHECK(strlen((char *)image.area + (BOOT_CMDLINE - BOOT_AREA)) == BOOT_APPEND_MAX);
    boot_image_free(&image);
    bad(kernel_path, NULL, NULL, 15 * MIB, "use --mem 16 to 3072");
    bad(kernel_path, NULL, NULL, 3073 * MIB, "use --mem 16 to 3072");
}

static void bad_place(gpa at, uint64_t memsz, const char *part)
{
    elf_make(&made);
    made.ph[MADE_DATA].p_paddr = at;
    made.ph[MADE_DATA].p_memsz = memsz;
    write_file(other_path, &made, sizeof made);
    bad(other_path, NULL, NULL, MEM, part);
    unlink(other_path);
}

static void bad_places(void)
{
    bad_place(0x6fff, 0x20, "start info area");
    bad_place(0x8fff, 0x20, "start info area");
    bad_place(0x9fff0, 0x100, "video memory and ROMs");
    bad_place(0xfffff, 0x20, "video memory and ROMs");
    bad_place(100 * MIB, 0x20, "use --mem 101 or more");
    bad_place(0x300000, 3000 * MIB, "use --mem 3003 or more");
    bad_place(3072 * MIB, 0x20, "where no memory can be");
    bad_place(0x200000, 1ull << 60, "where no memory can be");
}

/* The ROM as built: size, magic, parameters empty, reset vector a jump; the video ROM adds up. */
static void roms(void)
{
    static uint8_t rom[ROM_BYTES + 1];
    FILE *f = fopen("sim/firmware/boot.rom", "rb");
    unsigned sum = 0;

    CHECK(f && fread(rom, 1, sizeof rom, f) == ROM_BYTES);
    if (f)
        fclose(f);
    CHECK(memcmp(rom + ROM_MAGIC_AT, ROM_MAGIC, sizeof ROM_MAGIC) == 0);
    CHECK(memcmp(rom + ROM_ENTRY_AT, "\0\0\0\0\0\0\0", 8) == 0);
    CHECK(rom[ROM_RESET_AT] == 0xe9 || rom[ROM_RESET_AT] == 0xeb);
    f = fopen("sim/firmware/vga.rom", "rb");
    CHECK(f && fread(rom, 1, sizeof rom, f) == 512);
    if (f)
        fclose(f);
    for (unsigned i = 0; i < 512; i++)
        sum += rom[i];
    CHECK(rom[0] == 0x55 && rom[1] == 0xaa && rom[2] == 1 && sum % 256 == 0);
}

int main(void)
{
    CHECK(mkdtemp(folder) != NULL);
    snprintf(kernel_path, sizeof kernel_path, "%s/kernel", folder);
    snprintf(initrd_path, sizeof initrd_path, "%s/initrd", folder);
    snprintf(other_path, sizeof other_path, "%s/other", folder);
    elf_make(&made);
    write_file(kernel_path, &made, sizeof made);
    plain();
    full(MEM, 12345);
    full(16 * MIB, 4096);
    full(3072 * MIB, 5 * MIB);
    bad_files();
    bad_numbers();
    bad_places();
    roms();
    unlink(kernel_path);
    unlink(initrd_path);
    rmdir(folder);
    return check_report("t_boot");
}

/* sim/tests/boot_dump.c -- puts a boot image and the boot ROM into another emulator: writes each
 * piece to a file and prints the QEMU options that load them. So loader, start info and ROM are
 * judged by a machine that is not ours.
 * Usage: boot_dump ROM KERNEL INITRD|- APPEND MIB FOLDER
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/boot/rom.h"
#include "sim/core/boot.h"

static void fail(const char *text)
{
    fprintf(stderr, "boot_dump: %s\n", text);
    exit(1);
}

static void write_file(const char *path, const void *bytes, size_t n, size_t zero)
{
    FILE *f = fopen(path, "wb");

    if (!f || fwrite(bytes, 1, n, f) != n)
        fail(path);
    while (zero-- > 0)
        fputc(0, f);
    if (fclose(f) != 0)
        fail(path);
}

static void dump_rom(const char *from, const struct boot_image *image, const char *folder)
{
    static unsigned char rom[ROM_BYTES];
    char path[4096];
    FILE *f = fopen(from, "rb");

    if (!f || fread(rom, 1, sizeof rom, f) != sizeof rom)
        fail(from);
    fclose(f);
    memcpy(rom + ROM_ENTRY_AT, &image->entry, 4);
    memcpy(rom + ROM_START_AT, &image->start_info, 4);
    snprintf(path, sizeof path, "%s/rom", folder);
    write_file(path, rom, sizeof rom, 0);
    printf("-bios %s", path);
}

int main(int argc, char **argv)
{
    struct boot_image image;
    char path[4096];

    if (argc != 7)
        fail("usage: boot_dump ROM KERNEL INITRD|- APPEND MIB FOLDER");
    if (boot_image_load(&image, argv[2], strcmp(argv[3], "-") ? argv[3] : NULL, argv[4],
                        strtoull(argv[5], NULL, 10) << 20) != 0)
        fail(sim_error());
    dump_rom(argv[1], &image, argv[6]);
    for (unsigned i = 0; i < image.pieces; i++) {
        const struct boot_piece *p = &image.piece[i];
        snprintf(path, sizeof path, "%s/piece-%u", argv[6], i);
        write_file(path, p->bytes, p->n, p->zero);
        printf(" -device loader,file=%s,addr=0x%llx,force-raw=on", path, (unsigned long long)p->at);
    }
    printf(" -m %s\n", argv[5]);
    boot_image_free(&image);
    return 0;
}

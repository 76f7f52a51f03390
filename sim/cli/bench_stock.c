/* sim/cli/bench_stock.c -- the same guest on Bochs as its authors made it.
 * That Bochs knows neither PVH nor ELF, but it can put a file into RAM before the first
 * instruction: the boot image is laid out flat in one file, from address 0 up to its last piece,
 * and our boot ROM gets its two parameters in a copy. The guest prints to a serial port that is a
 * file, and ends Bochs by the shutdown port (rt_exit in sim/tests/guests/rt/rt.c). The RAM file
 * must lie inside one block of Bochs's memory, which is at most 8 MiB.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/bench.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/boot/rom.h"
#include "sim/cli/command.h"
#include "sim/cli/paths.h"
#include "sim/core/boot.h"

enum { BLOCK_KIB = 8192 };

static int write_file(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "we");
    bool good = f && fwrite(bytes, 1, n, f) == n;

    if (f)
        good = fclose(f) == 0 && good;
    if (!good)
        cli_say("cannot write %s: %s", path, strerror(errno));
    return good ? 0 : -1;
}

/* Pieces are inside memory and disjoint (boot.h); here they must be below BLOCK_KIB too. */
static int ram_write(const struct boot_image *image, const char *path)
{
    static uint8_t ram[BLOCK_KIB * 1024];
    uint64_t end = 0;

    memset(ram, 0, sizeof ram);
    for (unsigned i = 0; i < image->pieces; i++) {
        const struct boot_piece *p = &image->piece[i];
        if (p->at + p->n > sizeof ram)
            return cli_failure("the guest is too large for the RAM file of stock Bochs"), -1;
        memcpy(ram + p->at, p->bytes, p->n);
        end = p->at + p->n > end ? p->at + p->n : end;
    }
    return write_file(path, ram, end);
}

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static int rom_write(const struct boot_image *image, const char *path)
{
    static uint8_t rom[ROM_BYTES];
    char from[PATH_MAX];
    FILE *f;
    size_t n;

    snprintf(from, sizeof from, "%s/boot.rom", paths_data());
    f = fopen(from, "re");
    n = f ? fread(rom, 1, sizeof rom, f) : 0;
    if (f)
        fclose(f);
    if (n != sizeof rom || memcmp(rom + ROM_MAGIC_AT, ROM_MAGIC, sizeof ROM_MAGIC) != 0)
        return cli_failure("%s is no boot ROM of Flatfish", from), -1;
    put32(rom + ROM_ENTRY_AT, image->entry);
    put32(rom + ROM_START_AT, image->start_info);
    return write_file(path, rom, sizeof rom);
}

static int rc_write(const char *path, const char *ram, const char *rom, const char *console)
{
    char text[8 * PATH_MAX];
    int n = snprintf(text, sizeof text,
                     "display_library: nogui\n"
                     "memory: guest=%d, host=%d, block_size=%d\n"
                     "optramimage1: file=\"%s\", address=0x0\n"
                     "romimage: file=\"%s\"\n"
                     "vgaromimage: file=\"%s/vga.rom\"\n"
                     "cpu: model=%s, count=1, ips=100000000, reset_on_triple_fault=0\n"
                     "clock: sync=none, time0=1\n"
                     "com1: enabled=1, mode=file, dev=\"%s\"\n"
                     "ata0: enabled=0\nata1: enabled=0\npci: enabled=0\n"
                     "log: /dev/null\n"
                     "panic: action=fatal\nerror: action=ignore\ninfo: action=ignore\n"
                     "debug: action=ignore\n",
                     BENCH_MEM_MIB, BENCH_MEM_MIB, BLOCK_KIB, ram, rom, paths_data(), BENCH_CPU,
                     console);

    if (n < 0 || (size_t)n >= sizeof text)
        return cli_failure("file names are too long"), -1;
    return write_file(path, text, (size_t)n);
}

int bench_stock_prepare(const char *kernel, const char *append, const char *rc, const char *console)
{
    struct boot_image image;
    char ram[PATH_MAX + 8], rom[PATH_MAX + 8];
    int result;

    if (boot_image_load(&image, kernel, NULL, append, (uint64_t)BENCH_MEM_MIB << 20) != 0)
        return cli_failure("%s", sim_error()), -1;
    snprintf(ram, sizeof ram, "%s.ram", rc);
    snprintf(rom, sizeof rom, "%s.rom", rc);
    result = ram_write(&image, ram);
    if (result == 0)
        result = rom_write(&image, rom);
    if (result == 0)
        result = rc_write(rc, ram, rom, console);
    boot_image_free(&image);
    return result;
}

/* The last line that says something; "" when there is none. */
static void last_line(const char *path, char *out, size_t max)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;

    out[0] = 0;
    while (f && (n = getline(&line, &room, f)) > 0) {
        line[strcspn(line, "\n")] = 0;
        if (line[strspn(line, " \t\r")])
            snprintf(out, max, "%s", line);
    }
    free(line);
    if (f)
        fclose(f);
}

static int not_built(const char *tool, const char *log)
{
    char why[400];

    last_line(log, why, sizeof why);
    cli_failure("stock Bochs cannot be built here: %s; mend that, or build it where it can be "
                "(%s DIR [TARBALL]) and name it: --stock DIR/bochs",
                *why ? why : "its build said nothing", tool);
    return -1;
}

/* Built on demand; tools/build-stock-bochs keeps it in the user's cache. */
static int stock_build(char *out, size_t max)
{
    char tool[PATH_MAX], dir[PATH_MAX + 80];
    char *argv[] = {tool, dir, BOCHS_TARBALL[0] ? BOCHS_TARBALL : NULL, NULL};
    struct bench_child used;
    const char *log = bench_path("stock-build.log");

    if (paths_tool("build-stock-bochs", tool, sizeof tool) != 0)
        return cli_failure("stock Bochs can be built in a source tree only: "
                           "build it there with tools/build-stock-bochs DIR, and name it: "
                           "--stock DIR/bochs"),
               -1;
    snprintf(dir, sizeof dir, "%s", bench_path("stock"));
    cli_say(
        "stock Bochs: building it, or taking it from the cache (about a minute the first time)");
    if (bench_child_run(argv, "/dev/null", log, &used) != 0)
        return -1;
    snprintf(out, max, "%s/bochs", dir);
    if (used.status != 0 || access(out, X_OK) != 0)
        return not_built(tool, log);
    return 0;
}

int bench_stock_find(const char *given, char *out, size_t max)
{
    if (!given)
        return stock_build(out, max);
    if ((size_t)snprintf(out, max, "%s", given) >= max || access(out, X_OK) != 0)
        return cli_failure("--stock: %s cannot be run", given), -1;
    return 0;
}

/* sim/core/archive.c -- the programs in an initrd, for their symbols: a ustar archive, read once.
 * A file that is no ELF program, or has a name that cannot name an image, is passed over.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/sym.h"

enum { BLOCK = 512, NAME = 100, SIZE_AT = 124, TYPE_AT = 156, MAGIC_AT = 257 };

static uint64_t octal(const uint8_t *at, size_t n)
{
    uint64_t v = 0;

    for (size_t i = 0; i < n && at[i] >= '0' && at[i] <= '7'; i++)
        v = v * 8 + (uint64_t)(at[i] - '0');
    return v;
}

/* "bin/pager.elf" -> "pager" */
static void image_name(const char *path, char out[NAME + 1])
{
    const char *slash = strrchr(path, '/');
    char *dot;

    snprintf(out, NAME + 1, "%s", slash ? slash + 1 : path);
    dot = strrchr(out, '.');
    if (dot && strcmp(dot, ".elf") == 0)
        *dot = 0;
}

static bool add(const uint8_t *header, const uint8_t *bytes, size_t n)
{
    char path[NAME + 1], name[NAME + 1];

    if (n < 4 || memcmp(bytes, "\177ELF", 4) != 0)
        return false;
    memcpy(path, header, NAME);
    path[NAME] = 0;
    image_name(path, name);
    return sim_sym_add_bytes(name, bytes, n) == 0;
}

static int walk(const uint8_t *bytes, size_t n)
{
    int added = 0;

    for (size_t at = 0; n - at >= BLOCK && memcmp(bytes + at + MAGIC_AT, "ustar", 5) == 0;) {
        uint64_t size = octal(bytes + at + SIZE_AT, 11);
        char type = (char)bytes[at + TYPE_AT];
        if (size > n - at - BLOCK)
            break;
        if (type == '0' || type == 0)
            added += add(bytes + at, bytes + at + BLOCK, size);
        size = (size + BLOCK - 1) / BLOCK * BLOCK + BLOCK;
        if (size > n - at)
            break;
        at += size;
    }
    return added;
}

static int add_archive(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), added;
    struct stat st;
    void *bytes = MAP_FAILED;

    if (fd < 0)
        return sim_fail("symbols: %s: %s", path, strerror(errno));
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
        bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        return sim_fail("symbols: %s is not a file that can be read", path);
    added = walk(bytes, (size_t)st.st_size);
    munmap(bytes, (size_t)st.st_size);
    return added;
}

/* "nests.tar" -> "nests-debug.tar", when that is there and was made after it. */
static bool debug_archive(const char *path, char out[PATH_MAX])
{
    const char *dot = strrchr(path, '.');
    struct stat plain, debug;
    int n = dot ? (int)(dot - path) : 0;

    if (!dot || snprintf(out, PATH_MAX, "%.*s-debug%s", n, path, dot) >= PATH_MAX)
        return false;
    return stat(path, &plain) == 0 && stat(out, &debug) == 0 &&
           (debug.st_mtim.tv_sec > plain.st_mtim.tv_sec ||
            (debug.st_mtim.tv_sec == plain.st_mtim.tv_sec &&
             debug.st_mtim.tv_nsec >= plain.st_mtim.tv_nsec));
}

int sim_sym_add_archive(const char *path)
{
    char debug[PATH_MAX];
    int added = add_archive(path);

    if (added >= 0 && debug_archive(path, debug))
        add_archive(debug); /* an image of the same name is replaced */
    return added;
}

/* kernel/core/initrd.c -- finds a file in the initrd, a ustar archive (POSIX.1-1988): 512-byte
 * headers, sizes in octal, each file padded to 512. A damaged archive has fewer files, no more.
 * SPDX-License-Identifier: MIT */
#include "kernel/core/root.h"

#define BLOCK       512
#define NAME_BYTES  100
#define SIZE_AT     124
#define SIZE_DIGITS 11
#define MAGIC_AT    257
#define TYPE_AT     156

static uint64_t octal(const char *text)
{
    uint64_t value = 0;
    for (int i = 0; i < SIZE_DIGITS && text[i] >= '0' && text[i] <= '7'; i++)
        value = value * 8 + (uint64_t)(text[i] - '0');
    return value;
}

static bool same_name(const char *entry, const char *name)
{
    if (entry[0] == '.' && entry[1] == '/')
        entry += 2;
    for (int i = 0; i < NAME_BYTES - 2; i++) {
        if (entry[i] != name[i])
            return false;
        if (!name[i])
            return true;
    }
    return false;
}

/* An empty name finds the first plain file. */
bool initrd_find(const char *archive, uint64_t bytes, const char *name, struct initrd_file *file)
{
    for (uint64_t at = 0; bytes >= BLOCK && at <= bytes - BLOCK;) {
        const char *header = archive + at;
        uint64_t size = octal(header + SIZE_AT), room = bytes - at - BLOCK;
        bool plain = header[TYPE_AT] == '0' || !header[TYPE_AT];
        if (__builtin_memcmp(header + MAGIC_AT, "ustar", 5) || size > room)
            return false;
        if (plain && (!*name || same_name(header, name))) {
            *file = (struct initrd_file){header + BLOCK, size};
            return true;
        }
        at += BLOCK + ((size + BLOCK - 1) & ~(uint64_t)(BLOCK - 1));
    }
    return false;
}

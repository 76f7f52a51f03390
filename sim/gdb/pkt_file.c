/* sim/gdb/pkt_file.c -- vFile: GDB reads each program's file from us, so that it finds the symbols
 * of every level by itself. Only the run's own programs are there, and only to be read.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/gdb/session.h"

enum { NOT_THERE = 2, BAD_FILE = 9, READ_ONLY = 30, INVALID = 22, TOO_MANY = 24 };
enum { PIECE = 1 << 14, NAME = 256, STAT = 64, SIZE_AT = 28, MODE_AT = 8, REGULAR = 0100444 };

static void failed(struct session *s, unsigned error)
{
    text_printf(&s->reply, "F-1,%x", error);
}

void pkt_file_setfs(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    text_puts(&s->reply, "F0");
}

static int free_file(const struct session *s)
{
    for (int i = 0; i < FILES; i++)
        if (!s->files[i].bytes)
            return i;
    return -1;
}

void pkt_file_open(struct session *s, const char *at, const char *end)
{
    char path[NAME];
    uint64_t flags = 0;
    size_t n = read_bytes(&at, end, (uint8_t *)path, sizeof path - 1), size;
    int file = free_file(s);
    const void *bytes;

    path[n] = 0;
    if (!read_char(&at, end, ',') || !read_hex(&at, end, &flags)) {
        failed(s, INVALID);
        return;
    }
    bytes = target_file(path, &size);
    if (flags & 3 || !bytes || file < 0) {
        failed(s, flags & 3 ? READ_ONLY : !bytes ? NOT_THERE : TOO_MANY);
        return;
    }
    s->files[file].bytes = bytes;
    s->files[file].n = size;
    text_printf(&s->reply, "F%x", (unsigned)file);
}

static int open_file(struct session *s, const char **at, const char *end)
{
    uint64_t file;

    if (read_hex(at, end, &file) && file < FILES && s->files[file].bytes)
        return (int)file;
    failed(s, BAD_FILE);
    return -1;
}

void pkt_file_pread(struct session *s, const char *at, const char *end)
{
    int file = open_file(s, &at, end);
    uint64_t n, from;
    size_t left;

    if (file < 0)
        return;
    if (!read_char(&at, end, ',') || !read_hex(&at, end, &n) || !read_char(&at, end, ',') ||
        !read_hex(&at, end, &from)) {
        failed(s, INVALID);
        return;
    }
    left = from < s->files[file].n ? s->files[file].n - (size_t)from : 0;
    n = n < left ? n : left;
    n = n < PIECE ? n : PIECE;
    text_printf(&s->reply, "F%llx;", (unsigned long long)n);
    if (n)
        text_escape(&s->reply, s->files[file].bytes + from, (size_t)n);
}

static void put_big_endian(uint8_t *to, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

/* The protocol's own struct stat: 64 bytes, big-endian. */
void pkt_file_fstat(struct session *s, const char *at, const char *end)
{
    int file = open_file(s, &at, end);
    uint8_t stat[STAT] = {0};

    if (file < 0)
        return;
    put_big_endian(stat + MODE_AT, REGULAR, 4);
    put_big_endian(stat + SIZE_AT, s->files[file].n, 8);
    text_printf(&s->reply, "F%x;", STAT);
    text_escape(&s->reply, stat, sizeof stat);
}

void pkt_file_close(struct session *s, const char *at, const char *end)
{
    int file = open_file(s, &at, end);

    if (file < 0)
        return;
    s->files[file].bytes = NULL;
    text_puts(&s->reply, "F0");
}

void pkt_file_readlink(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    failed(s, INVALID);
}

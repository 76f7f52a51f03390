/* sim/gdb/text.c -- the text of replies and the numbers in packets. See text.h.
 * SPDX-License-Identifier: MIT */
#include "sim/gdb/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char digits[] = "0123456789abcdef";

void text_clear(struct text *t)
{
    t->n = 0;
    t->failed = false;
}

void text_free(struct text *t)
{
    free(t->at);
    *t = (struct text){0};
}

bool text_good(const struct text *t)
{
    return !t->failed;
}

static char *room_for(struct text *t, size_t n)
{
    size_t room = t->room ? t->room : 1024;

    while (room - t->n < n)
        room *= 2;
    if (room != t->room) {
        char *more = realloc(t->at, room);
        if (!more) {
            t->failed = true;
            return NULL;
        }
        t->at = more;
        t->room = room;
    }
    t->n += n;
    return t->at + t->n - n;
}

void text_add(struct text *t, const void *bytes, size_t n)
{
    char *to = n ? room_for(t, n) : NULL;

    if (to)
        memcpy(to, bytes, n);
}

void text_puts(struct text *t, const char *s)
{
    text_add(t, s, strlen(s));
}

void text_printf(struct text *t, const char *format, ...)
{
    char line[1024];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n > 0)
        text_add(t, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
}

void text_hex(struct text *t, const void *bytes, size_t n)
{
    const uint8_t *from = bytes;
    char *to = n ? room_for(t, n * 2) : NULL;

    for (size_t i = 0; to && i < n; i++) {
        to[i * 2] = digits[from[i] >> 4];
        to[i * 2 + 1] = digits[from[i] & 15];
    }
}

void text_escape(struct text *t, const void *bytes, size_t n)
{
    const char *from = bytes;

    for (size_t i = 0; i < n; i++) {
        bool special = memchr("$#}*", from[i], 4) != NULL;
        char two[] = {'}', (char)(from[i] ^ 0x20)};
        text_add(t, special ? two : from + i, special ? 2 : 1);
    }
}

void text_xml(struct text *t, const char *s)
{
    for (; *s; s++)
        switch (*s) {
        case '<':
            text_puts(t, "&lt;");
            break;
        case '>':
            text_puts(t, "&gt;");
            break;
        case '&':
            text_puts(t, "&amp;");
            break;
        case '"':
            text_puts(t, "&quot;");
            break;
        default:
            text_add(t, *s < ' ' || *s > '~' ? "?" : s, 1);
        }
}

/* ---- reading ---- */

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool read_hex(const char **at, const char *end, uint64_t *n)
{
    const char *begin = *at;

    *n = 0;
    for (; *at < end && digit(**at) >= 0; ++*at) {
        if (*at - begin == 16)
            return false;
        *n = *n << 4 | (unsigned)digit(**at);
    }
    return *at > begin;
}

bool read_char(const char **at, const char *end, char c)
{
    if (*at >= end || **at != c)
        return false;
    ++*at;
    return true;
}

size_t read_bytes(const char **at, const char *end, uint8_t *to, size_t max)
{
    size_t n = 0;

    for (; n < max && end - *at >= 2; n++, *at += 2) {
        int high = digit((*at)[0]), low = digit((*at)[1]);
        if (high < 0 || low < 0)
            break;
        to[n] = (uint8_t)(high << 4 | low);
    }
    return n;
}

/* kernel/user/print.c -- a small printf over console_write, and what the compiler may call.
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include "kernel/user/fk.h"
#include "kernel/user/print.h"

struct text {
    char buffer[256];
    unsigned used;
};

static void put(struct text *text, char c)
{
    if (text->used < sizeof(text->buffer))
        text->buffer[text->used++] = c;
}

static void put_number(struct text *text, uint64_t value, unsigned base)
{
    char digits[20];
    unsigned n = 0;
    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (n)
        put(text, digits[--n]);
}

static void put_signed(struct text *text, int64_t value)
{
    if (value < 0)
        put(text, '-');
    put_number(text, value < 0 ? -(uint64_t)value : (uint64_t)value, 10);
}

void print(const char *format, ...)
{
    struct text text = {.used = 0};
    va_list args;
    va_start(args, format);
    for (; *format; format++) {
        if (*format != '%') {
            put(&text, *format);
            continue;
        }
        switch (*++format) {
        case 's':
            for (const char *s = va_arg(args, const char *); *s; s++)
                put(&text, *s);
            break;
        case 'd':
            put_signed(&text, va_arg(args, int64_t));
            break;
        case 'u':
            put_number(&text, va_arg(args, uint64_t), 10);
            break;
        case 'x':
            put_number(&text, va_arg(args, uint64_t), 16);
            break;
        default:
            put(&text, *format);
        }
    }
    va_end(args);
    fk_console_write(fk_at(text.buffer), text.used);
}

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *start = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
    return start;
}

void *memset(void *to, int value, size_t bytes)
{
    void *start = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(value) : "memory");
    return start;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const unsigned char *x = a, *y = b;
    for (; bytes; bytes--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

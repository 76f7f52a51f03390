/* kernel/core/kprintf.c -- a tiny printf to the serial console, panic, and the three memory
 * functions that the compiler may call. SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include "kernel/arch/x86_64/arch.h"
#include "kernel/core/kprintf.h"

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *start = to;
    size_t words = bytes / 8;
    bytes &= 7;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
    return start;
}

void *memset(void *to, int value, size_t bytes)
{
    void *start = to;
    uint64_t word = (unsigned char)value * 0x0101010101010101ull;
    size_t words = bytes / 8;
    bytes &= 7;
    __asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(word) : "memory");
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(word) : "memory");
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

static void print_char(char c)
{
    if (c == '\n')
        arch_putc('\r');
    arch_putc(c);
}

static void print_text(const char *text)
{
    while (*text)
        print_char(*text++);
}

static void print_number(uint64_t value, unsigned base)
{
    char digits[21];
    int at = sizeof(digits) - 1;
    digits[at] = 0;
    do {
        digits[--at] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    print_text(digits + at);
}

void kprintf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    for (; *format; format++) {
        if (*format != '%' || !format[1]) {
            print_char(*format);
            continue;
        }
        switch (*++format) {
        case 's':
            print_text(va_arg(args, const char *));
            break;
        case 'u':
            print_number(va_arg(args, uint64_t), 10);
            break;
        case 'x':
            print_number(va_arg(args, uint64_t), 16);
            break;
        default:
            print_char(*format);
        }
    }
    va_end(args);
}

void kernel_refuse(const char *why, uint64_t value)
{
    kprintf("\nkernel: cannot start: %s: %u\n", why, value);
    arch_exit(124);
}

void kernel_panic(const char *why, uint64_t value)
{
    kprintf("kernel panic: %s (%x)\n", why, value);
    arch_exit(126);
}

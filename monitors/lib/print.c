/* monitors/lib/print.c -- vsnprintf: flags - 0 + space #, width, precision (both also *), lengths
 * hh h l ll z j t, conversions d i u x X o c s p %. SPDX-License-Identifier: MIT */
#include "monitors/lib/libc.h"

struct text {
    char *to;
    size_t room, used; /* used counts what would have been written, too */
};

struct spec {
    bool left, zero, plus, space, alternate;
    int width, precision; /* precision -1 = none */
    unsigned bytes;       /* of the argument */
};

static void put(struct text *text, char c)
{
    if (text->used + 1 < text->room)
        text->to[text->used] = c;
    text->used++;
}

static void pad(struct text *text, char c, int count)
{
    for (; count > 0; count--)
        put(text, c);
}

/* sign or prefix, zeros, digits, in a field */
static void put_field(struct text *text, const struct spec *spec, const char *prefix,
                      const char *body, int length, int zeros)
{
    int fixed = (int)strlen(prefix) + length, fill;
    if (spec->zero && !spec->left && spec->precision < 0 && spec->width - fixed > zeros)
        zeros = spec->width - fixed;
    fill = spec->width - fixed - zeros;
    if (!spec->left)
        pad(text, ' ', fill);
    while (*prefix)
        put(text, *prefix++);
    pad(text, '0', zeros);
    for (int i = 0; i < length; i++)
        put(text, body[i]);
    if (spec->left)
        pad(text, ' ', fill);
}

static void put_number(struct text *text, const struct spec *spec, uint64_t value, unsigned base,
                       bool upper, const char *prefix)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    char buffer[24];
    int at = sizeof(buffer);
    if (!value && spec->precision != 0)
        buffer[--at] = '0';
    for (; value; value /= base)
        buffer[--at] = digits[value % base];
    int length = (int)sizeof(buffer) - at;
    put_field(text, spec, prefix, buffer + at, length,
              spec->precision > length ? spec->precision - length : 0);
}

static void put_string(struct text *text, const struct spec *spec, const char *from)
{
    struct spec plain = *spec;
    if (!from)
        from = "(null)";
    plain.zero = false;
    put_field(text, &plain, "", from,
              (int)strnlen(from, spec->precision < 0 ? INT_MAX : (size_t)spec->precision), 0);
}

static const char *flags_read(const char *at, struct spec *spec)
{
    for (;; at++) {
        switch (*at) {
        case '-':
            spec->left = true;
            break;
        case '0':
            spec->zero = true;
            break;
        case '+':
            spec->plus = true;
            break;
        case ' ':
            spec->space = true;
            break;
        case '#':
            spec->alternate = true;
            break;
        default:
            return at;
        }
    }
}

static const char *number_read(const char *at, int *value, va_list *args)
{
    if (*at == '*') {
        *value = va_arg(*args, int);
        return at + 1;
    }
    for (*value = 0; isdigit(*at); at++)
        *value = *value * 10 + (*at - '0');
    return at;
}

static const char *length_read(const char *at, struct spec *spec)
{
    spec->bytes = sizeof(int);
    if (*at == 'h') {
        spec->bytes = at[1] == 'h' ? 1 : 2;
        return at + (at[1] == 'h' ? 2 : 1);
    }
    if (*at != 'l' && *at != 'z' && *at != 'j' && *at != 't')
        return at;
    spec->bytes = 8;
    return at + (at[0] == 'l' && at[1] == 'l' ? 2 : 1);
}

static const char *spec_read(const char *at, struct spec *spec, va_list *args)
{
    *spec = (struct spec){.precision = -1};
    at = flags_read(at, spec);
    at = number_read(at, &spec->width, args);
    if (spec->width < 0) {
        spec->left = true;
        spec->width = -spec->width;
    }
    if (*at == '.')
        at = number_read(at + 1, &spec->precision, args);
    return length_read(at, spec);
}

static void put_signed(struct text *text, const struct spec *spec, va_list *args)
{
    int64_t value = spec->bytes == 8 ? va_arg(*args, int64_t) : va_arg(*args, int);
    if (spec->bytes == 1)
        value = (signed char)value;
    else if (spec->bytes == 2)
        value = (short)value;
    put_number(text, spec, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, false,
               value < 0     ? "-"
               : spec->plus  ? "+"
               : spec->space ? " "
                             : "");
}

static uint64_t unsigned_read(const struct spec *spec, va_list *args)
{
    uint64_t value = spec->bytes == 8 ? va_arg(*args, uint64_t) : va_arg(*args, unsigned);
    return spec->bytes >= 8 ? value : value & ((1ull << spec->bytes * 8) - 1);
}

static void put_unsigned(struct text *text, const struct spec *spec, va_list *args, char kind)
{
    uint64_t value = unsigned_read(spec, args);
    bool hex = kind == 'x' || kind == 'X';
    const char *prefix = !spec->alternate || !value ? ""
                         : kind == 'x'              ? "0x"
                         : kind == 'X'              ? "0X"
                         : kind == 'o'              ? "0"
                                                    : "";
    put_number(text, spec, value, hex ? 16 : kind == 'o' ? 8 : 10, kind == 'X', prefix);
}

static void put_one(struct text *text, struct spec *spec, char kind, va_list *args)
{
    char c;
    switch (kind) {
    case 'd':
    case 'i':
        put_signed(text, spec, args);
        break;
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        put_unsigned(text, spec, args, kind);
        break;
    case 'p':
        put_number(text, spec, (uint64_t)va_arg(*args, void *), 16, false, "0x");
        break;
    case 'c':
        c = (char)va_arg(*args, int);
        spec->precision = 1;
        put_field(text, spec, "", &c, 1, 0);
        break;
    case 's':
        put_string(text, spec, va_arg(*args, const char *));
        break;
    default:
        put(text, kind);
    }
}

int vsnprintf(char *restrict to, size_t room, const char *restrict format, va_list args)
{
    struct text text = {to, room, 0};
    struct spec spec;
    va_list list;
    va_copy(list, args);
    while (*format) {
        if (*format != '%') {
            put(&text, *format++);
            continue;
        }
        format = spec_read(format + 1, &spec, &list);
        if (!*format)
            break;
        put_one(&text, &spec, *format++, &list);
    }
    va_end(list);
    if (room)
        to[text.used < room ? text.used : room - 1] = 0;
    return (int)text.used;
}

int snprintf(char *restrict to, size_t room, const char *restrict format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(to, room, format, args);
    va_end(args);
    return length;
}

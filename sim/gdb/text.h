/* sim/gdb/text.h -- a growing piece of text that a reply is put together in.
 * Out of memory, it stays as it was and says so at the end: text_good().
 * SPDX-License-Identifier: MIT */
#ifndef SIM_GDB_TEXT_H
#define SIM_GDB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *at; /* not terminated */
    size_t n, room;
    bool failed;
};

void text_clear(struct text *t); /* keeps the memory */
void text_free(struct text *t);
bool text_good(const struct text *t);

void text_add(struct text *t, const void *bytes, size_t n);
void text_puts(struct text *t, const char *s);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Two hexadecimal digits a byte, lowest address first: numbers go in the target's order. */
void text_hex(struct text *t, const void *bytes, size_t n);
/* Binary as packets carry it: $ # } * escaped. */
void text_escape(struct text *t, const void *bytes, size_t n);
/* A string for XML; what is not printable ASCII becomes a question mark. */
void text_xml(struct text *t, const char *s);

/* Reading packets. Each moves *at on and is false when there is nothing of the kind. */
bool read_hex(const char **at, const char *end, uint64_t *n); /* at most 16 digits */
bool read_char(const char **at, const char *end, char c);
/* Pairs of digits into bytes: as many as there are, at most `max`. */
size_t read_bytes(const char **at, const char *end, uint8_t *to, size_t max);

#endif

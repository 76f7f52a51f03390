/* sim/cli/escape.c -- the escapes that --input-at and --keys share.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/escape.h"

#include <string.h>

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t escape_read(const char *text, uint8_t *out)
{
    static const char names[] = "nrt\\e0", values[] = "\n\r\t\\\033";
    const char *found;

    if (text[0] == 'x' && hex(text[1]) >= 0 && hex(text[2]) >= 0) {
        *out = (uint8_t)(hex(text[1]) * 16 + hex(text[2]));
        return 3;
    }
    found = text[0] ? strchr(names, text[0]) : NULL;
    if (!found)
        return 0;
    *out = (uint8_t)values[found - names];
    return 1;
}

/* sim/core/error.c -- the last error's text, for every function that returns -1.
 * One line, cut at a fixed length; control characters that came from a file or a guest are shown
 * as '?', so that an error can be printed to a terminal as it is.
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>

#include "sim/machine.h"

static char text[8192]; /* a path has 4096 bytes at most, a line two of them */
static bool mistake;

const char *sim_error(void)
{
    return text[0] ? text : "no error";
}

bool sim_mistaken(void)
{
    return mistake;
}

static void fail(const char *format, va_list args)
{
    char fresh[sizeof text]; /* an argument may be sim_error() itself */

    vsnprintf(fresh, sizeof fresh, format, args);
    for (size_t i = 0; i < sizeof text; i++) {
        unsigned char c = (unsigned char)fresh[i];
        text[i] = (c != 0 && (c < 0x20 || c == 0x7f)) ? '?' : (char)c;
        if (c == 0)
            break;
    }
}

int sim_fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fail(format, args);
    va_end(args);
    mistake = false;
    return -1;
}

int sim_mistake(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fail(format, args);
    va_end(args);
    mistake = true;
    return -1;
}

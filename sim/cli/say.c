/* sim/cli/say.c -- what a sub-command tells the user: one line on stderr, "flatfish: ...".
 * Invariant: one line is one line. It may quote a file's, a guest's or a user's bytes: control
 * characters become '?', and a long middle is left out.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/command.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MOST = 1000 };

void (*cli_before_saying)(void);

/* A long name in the middle of a line must not hide what was wrong with it, which is said behind.
 */
static void shorten(char *line, size_t most)
{
    size_t n = strlen(line), half = most / 2;

    if (n <= most)
        return;
    memcpy(line + half, "...", 3);
    memmove(line + half + 3, line + n - half, half + 1);
}

static void say(const char *format, va_list ap)
{
    char *line;

    if (cli_before_saying)
        cli_before_saying();
    if (vasprintf(&line, format, ap) < 0)
        return;
    shorten(line, LINE_MOST);
    for (char *c = line; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
    }
    fprintf(stderr, "flatfish: %s\n", line);
    free(line);
}

void cli_say(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say(format, ap);
    va_end(ap);
}

int cli_usage(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say(format, ap);
    va_end(ap);
    return EXIT_USAGE;
}

int cli_failure(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say(format, ap);
    va_end(ap);
    return EXIT_FAILURE;
}

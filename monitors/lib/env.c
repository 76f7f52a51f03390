/* monitors/lib/env.c -- what this program was given, its options, its clock, and giving up.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

struct mon_env mon = {.nest = "", .extra = ""};

/* In one piece: what siblings say at that moment does not come in between. */
_Noreturn void mon_fatal(const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    fprintf(stderr, "%s: %s\n", mon.argc ? mon.argv[0] : "program", line);
    va_end(args);
    fflush(NULL);
    mon_exit(EXIT_FAILURE);
}

uint64_t mon_time(void)
{
    return (uint64_t)fk_clock_read() + mon.clock;
}

const char *mon_option(const char *key)
{
    size_t length = strlen(key);
    for (int i = 1; i < mon.argc; i++)
        if (!strncmp(mon.argv[i], key, length) && mon.argv[i][length] == '=')
            return mon.argv[i] + length + 1;
    return NULL;
}

static bool number_parse(const char *text, uint64_t *value)
{
    char *end;
    *value = strtoul(text, &end, 0);
    if (end == text || !isdigit(*text))
        return false;
    const char *units = "kmg", *unit = *end ? strchr(units, tolower(*end)) : NULL;
    for (; unit && unit >= units; unit--)
        if (__builtin_mul_overflow(*value, 1024ull, value))
            return false;
    return !*end || (strchr(units, tolower(*end)) && !end[1]);
}

uint64_t mon_option_number(const char *key, uint64_t otherwise)
{
    const char *text = mon_option(key);
    uint64_t value;
    if (!text)
        return otherwise;
    if (!number_parse(text, &value))
        mon_fatal("%s=%s is not a number; write %s=N, N may end in k, m or g", key, text, key);
    return value;
}

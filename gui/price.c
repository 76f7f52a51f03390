/* gui/price.c -- see price.h. SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gui/price.h"

static bool number(const char **at, double *n)
{
    char *end;

    *n = strtod(*at, &end);
    if (end == *at || !isfinite(*n) || *n < 0)
        return false;
    *at = end;
    return true;
}

bool price_read(struct price *p, const char *text)
{
    const char *at = strchr(text, ':');

    *p = (struct price){.instruction = 0};
    if (!at)
        return false;
    snprintf(p->name, sizeof p->name, "%.*s", (int)(at - text), text);
    at++;
    if (!number(&at, &p->instruction))
        return false;
    while (*at == ':') {
        char *end;
        unsigned long kind = strtoul(at + 1, &end, 10);
        at = end + 1;
        if (*end != '=' || kind >= TRACE_KINDS || !number(&at, &p->event[kind]))
            return false;
    }
    return *at == 0;
}

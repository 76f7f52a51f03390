/* monitors/lib/suggest.c -- a name that was not found in a directory: the nearest that is there, by
 * the letters that one would have to change, add or leave out. Where nothing is near, all that is
 * there. nester.c's complaints call it. SPDX-License-Identifier: MIT */
#include "monitors/lib/nester_private.h"

#define FAR 3 /* so many letters off is no slip */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned distance(const char *from, const char *to)
{
    unsigned row[NEST_NAME + 2];
    size_t length = strlen(to);
    if (length > NEST_NAME)
        return FAR;
    for (unsigned i = 0; i <= length; i++)
        row[i] = i;
    for (; *from; from++) {
        unsigned corner = row[0]++;
        for (size_t i = 1; i <= length; i++) {
            unsigned changed = corner + (*from != to[i - 1]);
            corner = row[i];
            row[i] = least(changed, least(row[i], row[i - 1]) + 1);
        }
    }
    return row[length];
}

static bool name_at(const char *directory, uint64_t index, char *name, uint64_t room)
{
    return mon.ref[PARENT_FILESYSTEM] &&
           !filesystem_list(mon.ref[PARENT_FILESYSTEM], directory, index, name, &room);
}

static void list(const char *directory, char *to, size_t room)
{
    char name[NEST_NAME + 2];
    int used = snprintf(to, room, "; there are");
    for (uint64_t i = 0; name_at(directory, i, name, sizeof(name)); i++)
        if ((size_t)used < room)
            used += snprintf(to + used, room - (size_t)used, "%s %s", i ? "," : "", name);
}

void mon_suggest(const char *directory, const char *wanted, char *to, size_t room)
{
    char name[NEST_NAME + 2];
    unsigned best = FAR;
    for (uint64_t i = 0; name_at(directory, i, name, sizeof(name)); i++) {
        unsigned far = distance(wanted, name);
        if (far >= best || far >= strlen(wanted))
            continue;
        best = far;
        snprintf(to, room, "; did you mean %s?", name);
    }
    if (best == FAR)
        list(directory, to, room);
}

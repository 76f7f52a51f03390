/* sim/core/assoc.c -- see assoc.h. Bit 63 of an entry says that it is used.
 * SPDX-License-Identifier: MIT */
#include "sim/core/assoc.h"

#include <string.h>

#include "sim/core/shim.h"

#define USED (1ull << 63)

int assoc_make(struct assoc *a, unsigned entries, unsigned ways)
{
    *a = (struct assoc){0, 0, NULL};
    if (entries == 0)
        return 0;
    a->key = bxs_calloc(entries, sizeof *a->key);
    if (!a->key)
        return -1;
    a->sets = entries / ways;
    a->ways = ways;
    return 0;
}

void assoc_free(struct assoc *a)
{
    bxs_free(a->key);
    *a = (struct assoc){0, 0, NULL};
}

bool assoc_ask(struct assoc *a, uint64_t place, uint64_t key)
{
    uint64_t *set = a->key + place % a->sets * a->ways;
    unsigned at = 0;

    key |= USED;
    while (at < a->ways - 1 && set[at] != key)
        at++;
    bool there = set[at] == key;
    memmove(set + 1, set, at * sizeof *set);
    set[0] = key;
    return there;
}

void assoc_forget(struct assoc *a, uint64_t key, uint64_t mask)
{
    for (unsigned i = 0; i < a->sets * a->ways; i++)
        if (((a->key[i] ^ key) & mask) == 0)
            a->key[i] = 0;
}

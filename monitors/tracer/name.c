/* monitors/tracer/name.c -- short names for what references lead to. An object is known by its
 * hash, which it keeps as long as it lives and which any reference tells; names are numbered in the
 * order in which they are first seen, so the same run gives the same names. Callers hold the
 * tracer's lock. SPDX-License-Identifier: MIT */
#include "monitors/tracer/tracer.h"

#define WHATS (PROTO_named + 1)

struct name {
    uint64_t hash;
    enum proto_what what;
    unsigned number; /* 0 = free */
};

static struct name *names;
static uint64_t room, used; /* room: a power of two, at least twice used */
static unsigned last[WHATS];

static struct name *place(struct name *table, uint64_t size, uint64_t hash, enum proto_what what)
{
    uint64_t at = (hash ^ what) * 0x9e3779b97f4a7c15ull >> 20;
    for (;; at++) {
        struct name *name = &table[at & (size - 1)];
        if (!name->number || (name->hash == hash && name->what == what))
            return name;
    }
}

static bool grow(void)
{
    uint64_t size = room ? room * 2 : 64;
    struct name *table = calloc(size, sizeof(*table));
    if (!table)
        return false;
    for (uint64_t i = 0; i < room; i++)
        if (names[i].number)
            *place(table, size, names[i].hash, names[i].what) = names[i];
    free(names);
    names = table;
    room = size;
    return true;
}

/* 0 = no memory for another name. */
static unsigned number_of(enum proto_what what, uint64_t hash)
{
    if (used * 2 >= room && !grow())
        return 0;
    struct name *name = place(names, room, hash, what);
    if (!name->number) {
        *name = (struct name){hash, what, ++last[what]};
        used++;
    }
    return name->number;
}

unsigned name_number(enum proto_what what, uint64_t ref)
{
    struct fk_ref_state state;
    if (fk_ref_get_state(ref, fk_at(&state), 0) || state.type == FK_DEBUG_KINDS)
        return 0;
    return number_of(what, state.hash);
}

/* gui/search.h -- finds the next event that words are about, a piece of the trace at a time, so
 * that a window lives on meanwhile. Words are a part of a reason ("page fault", "port_create",
 * "sysret"), of the name of who is entered, or of a marker's label; or an address, 0x...
 * SPDX-License-Identifier: MIT */
#ifndef GUI_SEARCH_H
#define GUI_SEARCH_H

#include "gui/model.h"

enum { SEARCH_WORDS = 128, SEARCH_CACHE = 4096 };

struct search {
    struct model *model;
    char words[SEARCH_WORDS];
    bool address;
    uint64_t wanted; /* the address */
    uint64_t at;     /* where it begins, and then where it found something */
    bool backward, found, done;
    size_t packet;              /* the one to look at next */
    uint64_t key[SEARCH_CACHE]; /* what was judged already */
    bool yes[SEARCH_CACHE];
};

void search_begin(struct search *s, struct model *m, const char *words, uint64_t at, bool backward);
/* Goes on for a moment; true when it is done: `found`, at `at`, or nothing there. */
bool search_step(struct search *s);

#endif

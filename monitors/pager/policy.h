/* monitors/pager/policy.h -- which frame to empty next. Pure bookkeeping over small numbers: it
 * knows nothing of the kernel. A book has all frames that hold a page, in an
 * order that the policy keeps; the first is the next to go, as far as the order alone decides.
 * Times are the kernel's epochs (region_info). SPDX-License-Identifier: MIT */
#ifndef MONITORS_PAGER_POLICY_H
#define MONITORS_PAGER_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NONE UINT32_MAX

struct frame {
    uint32_t page;       /* that it holds */
    uint32_t next, prev; /* in the book's order, NONE = end */
    uint32_t used;       /* epoch in which its page was last seen used */
    uint32_t looked;     /* epoch up to which the policy has taken notice of that */
    uint32_t clean;      /* written in a later epoch = not as in the store */
    uint32_t next_use;   /* policy_order: place in the announced order, NONE = never again */
    bool moved;          /* its memory is another since it was filled: the marks do not tell */
    uint32_t kept;       /* which search for a victim last found that it must stay, ... */
    uint32_t keeps;      /* ... how often in a row, ... */
    uint32_t until;      /* ... and from which search on it is worth another look */
};

struct book {
    const struct policy *policy;
    struct frame *frame;
    const uint32_t *where; /* frame of each page, NONE */
    uint32_t head, tail, count;
    uint32_t newest; /* frame that was filled last */
    uint32_t epoch;  /* of the last look at the marks */
    uint32_t search; /* number of the search for a victim that is going on */
    bool all;        /* it has come to those that are hardly worth a look */
    /* policy_order: the pages in the order of their use, and how far the program has come */
    uint32_t *order;
    uint32_t at, length, room;
    uint8_t *listed; /* for each page: it was announced */
};

struct policy {
    const char *name;
    bool marks; /* it wants to know what was used since the last search */
    void (*look)(struct book *book);
    uint32_t (*victim)(struct book *book); /* among those not kept in this search; NONE = none */
};

extern const struct policy policy_fifo, policy_clock, policy_lru, policy_order;
const struct policy *policy_find(const char *name); /* NULL = no such policy */

void book_open(struct book *book, const struct policy *policy, struct frame *frame);
void book_add(struct book *book, uint32_t frame, uint32_t page); /* filled just now */
void book_remove(struct book *book, uint32_t frame);
/* The marks are fresh: frame[].used is right as of this epoch. */
void book_look(struct book *book, uint32_t epoch);
/* A search: begin, then victim until one can go; those that cannot are kept. Who was found so again
 * and again is asked more and more seldom, unless there is nobody else. */
void book_search(struct book *book);
uint32_t book_victim(struct book *book);
void book_keep(struct book *book, uint32_t frame);
void book_spare(struct book *book, uint32_t frame); /* not in this search */
/* The pages will be used in this order, after what was announced before; false = too many. */
bool book_order(struct book *book, const uint32_t *pages, uint32_t count);
/* The program has come to this page, which is not here: how far is it in the order? */
void book_reached(struct book *book, uint32_t page);

#endif

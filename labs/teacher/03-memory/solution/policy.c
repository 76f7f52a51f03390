/* policy.c -- the reference solution: FIFO (given), clock, and one of its own.
 *
 * All keep one list of the filled frames, the oldest first. `own` counts how often a page was found
 * used and gives up the one that was found so least; among equals the one that came last, for in a
 * walk through more pages than there are frames that one is needed again last. Old counts are worth
 * less and less. SPDX-License-Identifier: MIT */
#include "monitors/pager/policy.h"

/* ---- given: the list ---- */

static void append(struct book *book, uint32_t at)
{
    struct frame *frame = &book->frame[at];
    frame->next = NONE;
    frame->prev = book->tail;
    if (book->tail != NONE)
        book->frame[book->tail].next = at;
    else
        book->head = at;
    book->tail = at;
    book->count++;
}

static void unlink(struct book *book, uint32_t at)
{
    struct frame *frame = &book->frame[at];
    if (frame->prev != NONE)
        book->frame[frame->prev].next = frame->next;
    else
        book->head = frame->next;
    if (frame->next != NONE)
        book->frame[frame->next].prev = frame->prev;
    else
        book->tail = frame->prev;
    book->count--;
}

static void to_end(struct book *book, uint32_t at)
{
    unlink(book, at);
    append(book, at);
}

void book_open(struct book *book, const struct policy *policy, struct frame *frame)
{
    *book = (struct book){.policy = policy, .frame = frame};
    book->head = book->tail = book->newest = NONE;
}

void book_add(struct book *book, uint32_t at, uint32_t page)
{
    book->frame[at].page = page;
    book->frame[at].kept = book->search - 1;
    book->frame[at].next_use = 0;
    append(book, at);
    book->newest = at;
}

void book_remove(struct book *book, uint32_t at)
{
    unlink(book, at);
    book->frame[at].page = NONE;
}

void book_look(struct book *book, uint32_t epoch)
{
    book->epoch = epoch;
    if (book->policy->look)
        book->policy->look(book);
}

/* A search for a victim begins; the policy is asked until one can go, and told which cannot. */
void book_search(struct book *book)
{
    book->search++;
}

uint32_t book_victim(struct book *book)
{
    return book->policy->victim(book);
}

void book_keep(struct book *book, uint32_t at)
{
    book->frame[at].kept = book->search;
}

static bool may_go(const struct book *book, uint32_t at)
{
    return book->frame[at].kept != book->search;
}

/* ---- given: FIFO ---- */

static uint32_t fifo_victim(struct book *book)
{
    uint32_t at = book->head;
    while (at != NONE && !may_go(book, at))
        at = book->frame[at].next;
    return at;
}

static const struct policy fifo = {.name = "fifo", .victim = fifo_victim};

/* ---- clock ---- */

static bool is_used(const struct frame *frame)
{
    return frame->used > frame->looked;
}

static uint32_t clock_victim(struct book *book)
{
    for (uint32_t turns = 2 * book->count; turns; turns--) {
        uint32_t at = book->head;
        struct frame *frame = &book->frame[at];
        if (may_go(book, at) && !is_used(frame))
            return at;
        frame->looked = book->epoch;
        to_end(book, at);
    }
    return fifo_victim(book);
}

static const struct policy clock = {.name = "clock", .marks = true, .victim = clock_victim};

/* ---- own ---- */

enum { FRESH = 4, MOST = 32, AGE = 32 }; /* next_use is how often it was found used */

static void own_look(struct book *book)
{
    static uint32_t looks;
    bool age = ++looks % AGE == 0;
    for (uint32_t at = book->head; at != NONE; at = book->frame[at].next) {
        struct frame *frame = &book->frame[at];
        frame->next_use += is_used(frame) && frame->next_use < MOST;
        frame->next_use /= age ? 2 : 1;
        frame->looked = book->epoch;
    }
}

/* What has just come is spared: one instruction may need several pages. */
static uint32_t own_victim(struct book *book)
{
    uint32_t best = NONE, at = book->tail;
    for (uint32_t i = 0; i < FRESH && at != NONE; i++)
        at = book->frame[at].prev;
    for (; at != NONE; at = book->frame[at].prev)
        if (may_go(book, at) &&
            (best == NONE || book->frame[at].next_use < book->frame[best].next_use))
            best = at;
    return best == NONE ? fifo_victim(book) : best;
}

static const struct policy own = {
    .name = "own", .marks = true, .look = own_look, .victim = own_victim};

/* ---- by name ---- */

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

const struct policy *policy_find(const char *name)
{
    static const struct policy *const all[] = {&fifo, &clock, &own};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (same(all[i]->name, name))
            return all[i];
    return NULL;
}

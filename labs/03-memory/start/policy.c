/* policy.c -- which frame to empty next: FIFO, which is there, clock and one of your own.
 *
 * A book has all frames that hold a page, in an order that the policy keeps. Times are the kernel's
 * epochs: frame->used is the one in which its page was last seen used, as of the last look;
 * book->epoch is that of the look. frame->looked is yours: set it to what you have taken notice of.
 * frame->next_use is yours, too. SPDX-License-Identifier: MIT */
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

__attribute__((unused)) static void to_end(struct book *book, uint32_t at)
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

/* ---- clock: yours ---- */

/* A second chance for who was used since the hand was last there. Until you write it, FIFO. */
static const struct policy clock = {.name = "clock", .marks = true, .victim = fifo_victim};

/* ---- own: yours ---- */

/* `look` is called when the marks are fresh, before a victim is asked for. An instruction may need
 * several pages: who gives up at once what has just come may never get anywhere. */
static const struct policy own = {.name = "own", .marks = true, .victim = fifo_victim};

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

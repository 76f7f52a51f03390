/* monitors/pager/policy.c -- FIFO, clock, LRU, and an order that the application gave.
 *
 * All four keep one list of the filled frames. FIFO takes the first. Clock takes the first that was
 * not used since it last stood there, and sends the others to the end: the list is the clock's
 * face. LRU sends what was used since the last fault to the end, the page of that fault before the
 * others; what was used between two faults has no order but the one it had. Order takes the page
 * whose next announced use is farthest: Belady's choice, if the announcement is true.
 * SPDX-License-Identifier: MIT */
#include "monitors/pager/policy.h"

#define KEEPS 6 /* a page of kernel objects is looked at once in 64 searches */

static bool is_used(const struct frame *frame)
{
    return frame->used > frame->looked;
}

/* ---- the list ---- */

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
    book->frame[at].keeps = 0;
    book->frame[at].until = book->search;
    append(book, at);
    book->newest = at;
}

void book_remove(struct book *book, uint32_t at)
{
    unlink(book, at);
    book->frame[at].page = NONE;
    if (book->newest == at)
        book->newest = NONE;
}

void book_look(struct book *book, uint32_t epoch)
{
    book->epoch = epoch;
    if (book->policy->look)
        book->policy->look(book);
}

void book_search(struct book *book)
{
    book->search++;
    book->all = false;
}

uint32_t book_victim(struct book *book)
{
    uint32_t at = book->policy->victim(book);
    if (at != NONE || book->all)
        return at;
    book->all = true;
    return book->policy->victim(book);
}

void book_spare(struct book *book, uint32_t at)
{
    book->frame[at].kept = book->search;
    to_end(book, at);
}

/* It is not asked for again in this search; with the next page it has had its turn. */
void book_keep(struct book *book, uint32_t at)
{
    struct frame *frame = &book->frame[at];
    frame->until = book->search + (1u << frame->keeps);
    frame->keeps += frame->keeps < KEEPS;
    book_spare(book, at);
}

static bool may_go(const struct book *book, uint32_t at)
{
    const struct frame *frame = &book->frame[at];
    return frame->kept != book->search &&
           (book->all || (int32_t)(book->search - frame->until) >= 0);
}

static uint32_t first(struct book *book)
{
    uint32_t at = book->head;
    while (at != NONE && !may_go(book, at))
        at = book->frame[at].next;
    return at;
}

/* ---- FIFO ---- */

const struct policy policy_fifo = {.name = "fifo", .victim = first};

/* ---- clock ---- */

static uint32_t clock_victim(struct book *book)
{
    for (uint32_t turns = 2 * book->count; turns; turns--) {
        uint32_t at = book->head;
        struct frame *frame = &book->frame[at];
        bool spared = is_used(frame);
        if (!spared && may_go(book, at))
            return at;
        frame->looked = book->epoch;
        to_end(book, at);
    }
    return first(book);
}

const struct policy policy_clock = {.name = "clock", .marks = true, .victim = clock_victim};

/* ---- LRU ---- */

static void used_to_end(struct book *book, uint32_t at)
{
    if (is_used(&book->frame[at]))
        to_end(book, at);
    book->frame[at].looked = book->epoch;
}

static void lru_look(struct book *book)
{
    uint32_t next, at = book->head;
    if (book->newest != NONE)
        used_to_end(book, book->newest);
    at = book->head;
    for (uint32_t left = book->count; left; left--, at = next) {
        next = book->frame[at].next;
        used_to_end(book, at);
    }
}

const struct policy policy_lru = {.name = "lru", .marks = true, .look = lru_look, .victim = first};

/* ---- an order that was announced ---- */

bool book_order(struct book *book, const uint32_t *pages, uint32_t count)
{
    if (book->at) { /* what lies behind is not needed any more */
        for (uint32_t i = book->at; i < book->length; i++)
            book->order[i - book->at] = book->order[i];
        book->length -= book->at;
        book->at = 0;
    }
    if (count > book->room - book->length)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        book->order[book->length++] = pages[i];
        book->listed[pages[i]] = true;
    }
    return true;
}

/* Everything up to there was here, so the program passed it without a fault. A page that is not
 * announced says nothing. */
void book_reached(struct book *book, uint32_t page)
{
    for (uint32_t i = book->at; i < book->length; i++) {
        if (book->order[i] != page)
            continue;
        book->at = i + 1;
        return;
    }
}

static void next_uses(struct book *book)
{
    uint32_t missing = book->count;
    for (uint32_t at = book->head; at != NONE; at = book->frame[at].next) {
        book->frame[at].next_use = NONE;
        missing -= !book->listed[book->frame[at].page];
    }
    for (uint32_t i = book->at; i < book->length && missing; i++) {
        uint32_t at = book->where[book->order[i]];
        if (at == NONE || book->frame[at].next_use != NONE)
            continue;
        book->frame[at].next_use = i;
        missing--;
    }
}

/* How willingly a page is given up: announced and never needed again; not announced and idle; then
 * announced, the farthest first; at last not announced and in use. */
static uint64_t order_rank(const struct book *book, const struct frame *frame)
{
    if (!book->listed[frame->page])
        return is_used(frame) ? 1 : 1ull << 40;
    return frame->next_use == NONE ? 1ull << 41 : 2ull + frame->next_use;
}

static uint32_t order_victim(struct book *book)
{
    uint32_t best = NONE;
    uint64_t best_rank = 0;
    next_uses(book);
    for (uint32_t at = book->head; at != NONE; at = book->frame[at].next) {
        uint64_t rank = order_rank(book, &book->frame[at]);
        if (may_go(book, at) && rank > best_rank) {
            best = at;
            best_rank = rank;
        }
    }
    for (uint32_t at = book->head; at != NONE; at = book->frame[at].next)
        book->frame[at].looked = book->epoch;
    return best;
}

const struct policy policy_order = {.name = "order", .marks = true, .victim = order_victim};

/* ---- by name ---- */

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

const struct policy *policy_find(const char *name)
{
    static const struct policy *const all[] = {&policy_fifo, &policy_clock, &policy_lru,
                                               &policy_order};
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        if (same(all[i]->name, name))
            return all[i];
    return NULL;
}

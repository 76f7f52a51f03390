/* page.c -- the heart of a demand pager: virtual pages, each of which is in a frame, or in the
 * store, or was never written and is all zeroes.
 *
 * Flatfish's pager is around it: options, children, pools, faults (main.c), the window of frames
 * and what the kernel knows of them (frames.c), the store (store.c). monitors/pager/pager.h says
 * what they do for you. What is here brings pages while there are free frames, and then gives up:
 * the child is ended.
 *
 * Always true: a word of the table has rights exactly if its page is in the frame that the word
 * names; then where[page] is that frame, and the frame is in the book. SPDX-License-Identifier: MIT
 */
#include "monitors/pager/pager.h"

#define SHOWN  (FK_READ | FK_WRITE | FK_EXECUTE)
#define STORED 1 /* state: the store has its bytes */

struct statistics statistics;
static struct options options;
static struct book book;
static struct mon_lock lock; /* over everything here */
static uint64_t virtual;
static uint64_t *table; /* a word for each page: frame * FK_PAGE | rights, 0 = not here */
static uint32_t *where; /* the frame of each page, NONE */
static uint8_t *state;
static struct block **owner;
static uint32_t *free_frame, free_frames;
static uint32_t reserved, highest; /* pages handed out; end of the last one */
static uint32_t evictions;

/* ---- out: yours ---- */

/* The policy is told what was used, once in options.scan evictions: asking costs much. Call it
 * before you ask for a victim. */
static void look(void)
{
    if (options.policy->marks && evictions++ % options.scan == 0)
        book_look(&book, frame_marks_all(book.frame));
}

/* An empty frame, or NONE: book_search() begins a search, book_victim() names a frame until one can
 * go, book_keep() says that this one cannot. In which order must what happen, so that no write of
 * the program is ever lost, although it runs on meanwhile? What has to be flushed is the page's
 * part of owner[page]->block->region. */
static uint32_t evict(void)
{
    look();
    return NONE;
}

/* ---- in: yours, too ---- */

/* false = there is no frame for it. What was saved once does not begin with zeroes. */
static bool bring(uint32_t page)
{
    uint32_t frame = free_frames ? free_frame[--free_frames] : evict();
    if (frame == NONE)
        return false;
    memset(frame_at(frame), 0, FK_PAGE);
    statistics.zeroed++;
    book.frame[frame].used = book.frame[frame].looked = 0;
    book_add(&book, frame, page);
    where[page] = frame;
    table[page] = (uint64_t)frame * FK_PAGE | SHOWN;
    return true;
}

/* ---- from here on all is given ---- */

void page_fault(struct block *block, uint64_t offset)
{
    uint64_t index = offset / FK_PAGE;
    mon_lock(&lock);
    if (block->block && index < block->pages) {
        statistics.faults++;
        if (where[block->first + index] == NONE && !bring(block->first + (uint32_t)index))
            holder_end(block->holder);
    }
    mon_unlock(&lock);
}

static void *array(size_t bytes)
{
    void *pages = mon_pages(bytes);
    if (!pages)
        mon_fatal("out of memory; run it with fewer frames or a smaller size");
    return pages;
}

long pages_open(const struct options *chosen)
{
    options = *chosen;
    virtual = mon_area((uint64_t)options.pages * FK_PAGE);
    table = array(options.pages * sizeof(*table));
    where = array(options.pages * sizeof(*where));
    state = array(options.pages);
    owner = array(options.pages * sizeof(*owner));
    free_frame = array(options.frames * sizeof(*free_frame));
    book_open(&book, options.policy, array(options.frames * sizeof(*book.frame)));
    memset(where, 0xff, options.pages * sizeof(*where));
    while (free_frames < options.frames) {
        free_frame[free_frames] = options.frames - 1 - free_frames;
        free_frames++;
    }
    long outcome = virtual ? mon_lock_open(&lock) : -PROTO_NO_MEMORY;
    return outcome ? outcome : frames_open(options.frames, virtual, options.pages, table);
}

uint64_t pages_virtual(void)
{
    return virtual;
}

/* More pages than frames: all that there are may have to go to the store some day. */
long pages_reserve(uint32_t first, uint32_t pages)
{
    long outcome = 0;
    uint32_t end = first + pages > highest ? first + pages : highest;
    mon_lock(&lock);
    if (reserved + pages > options.frames)
        outcome = store_cover(end);
    if (!outcome) {
        reserved += pages;
        highest = end;
    }
    mon_unlock(&lock);
    return outcome;
}

void pages_taken(struct block *block)
{
    mon_lock(&lock);
    for (uint32_t i = 0; i < block->pages; i++)
        owner[block->first + i] = block;
    mon_unlock(&lock);
}

static void forget(uint32_t page)
{
    uint32_t frame = where[page];
    state[page] = 0;
    owner[page] = NULL;
    if (frame == NONE)
        return;
    table[page] = 0;
    frame_end_objects(frame);
    book_remove(&book, frame);
    where[page] = NONE;
    free_frame[free_frames++] = frame;
}

/* Its region has ended: nobody can reach these pages. */
void pages_given(struct block *block)
{
    mon_lock(&lock);
    for (uint32_t i = 0; i < block->pages; i++)
        forget(block->first + i);
    reserved -= block->pages;
    block->block = NULL;
    mon_unlock(&lock);
}

/* This pager neither looks ahead nor is copied by a process manager. */
long pages_order(const struct block *block, const uint32_t *pages, uint32_t count)
{
    (void)block, (void)pages, (void)count;
    return -PROTO_UNKNOWN;
}

long pages_fork(uint64_t thread, uint64_t *pid)
{
    (void)thread, (void)pid;
    return -PROTO_NOT_ALLOWED;
}

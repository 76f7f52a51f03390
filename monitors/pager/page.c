/* monitors/pager/page.c -- virtual pages: each is in a frame, or in the store, or was never written
 * and is all zeroes. Invariants: a table word has rights exactly if its page is in the frame it
 * names, and then where[page] is that frame and the frame is in the book; a page in which kernel
 * objects live is in a frame. A page leaves in this order: first nobody can reach it (word, flush),
 * then it is looked at for the last time (objects, written), so nothing is missed that happens in
 * between. Requests may come twice: who asks for a page that is here is told to try again.
 * SPDX-License-Identifier: MIT */
#include "abi/simcall/simcall.h"
#include "monitors/pager/pager.h"

#define SHOWN      (FK_READ | FK_WRITE | FK_EXECUTE)
#define STORED     1 /* state: the store has its bytes */
#define ORDER_ROOM 65536

struct statistics statistics;
static struct options options;
static struct book book;
static struct mon_lock lock; /* over everything here */
static uint64_t virtual;
static uint64_t *table;
static uint32_t *where;
static uint8_t *state;
static struct block **owner;
static uint32_t *free_frame, free_frames;
static uint32_t all_frames; /* some more than the budget, to find out how many somebody needs */
static uint32_t pinned;     /* of them, when that was found out */
static uint32_t reserved, highest; /* pages handed out; end of the last one */
static uint32_t evictions;

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
    all_frames = options.frames + STREAK;
    free_frame = array(all_frames * sizeof(*free_frame));
    book_open(&book, options.policy, array(all_frames * sizeof(*book.frame)));
    book.where = where;
    if (options.policy == &policy_order) {
        book.room = ORDER_ROOM;
        book.order = array(ORDER_ROOM * sizeof(*book.order));
        book.listed = array(options.pages);
    }
    memset(where, 0xff, options.pages * sizeof(*where));
    while (free_frames < all_frames) {
        free_frame[free_frames] = all_frames - 1 - free_frames;
        free_frames++;
    }
    long outcome = virtual ? mon_lock_open(&lock) : -PROTO_NO_MEMORY;
    return outcome ? outcome : frames_open(all_frames, virtual, options.pages, table);
}

uint64_t pages_virtual(void)
{
    return virtual;
}

/* ---- out ---- */

static void flush(uint32_t page)
{
    struct block *block = owner[page];
    fk_region_flush(fk_at(&block->block->region), (uint64_t)(page - block->first) * FK_PAGE,
                    FK_PAGE);
}

static bool put_back(uint32_t page, uint64_t word)
{
    table[page] = word;
    return false;
}

/* A page without a place in the store that nobody wrote is all zeroes still. */
static bool save(uint32_t frame, uint32_t page)
{
    uint32_t written;
    frame_marks(frame, &written);
    if (written <= book.frame[frame].clean && !book.frame[frame].moved)
        return true;
    if (store_write(page, frame_at(frame)))
        return false;
    state[page] |= STORED;
    statistics.written++;
    simcall_MARK(fk_at("pager write"), page, frame);
    return true;
}

static bool take_away(uint32_t frame)
{
    uint32_t page = book.frame[frame].page;
    uint64_t word = table[page];
    if (frame_has_objects(frame)) {
        statistics.pinned++;
        simcall_MARK(fk_at("pager keep"), page, frame);
        return false;
    }
    table[page] = 0;
    flush(page);
    if (frame_has_objects(frame) || !save(frame, page))
        return put_back(page, word);
    book_remove(&book, frame);
    where[page] = NONE;
    statistics.evicted++;
    simcall_MARK(fk_at("pager evict"), page, frame);
    return true;
}

static void take_all_away(void)
{
    uint32_t frame;
    book_search(&book);
    while ((frame = book_victim(&book)) != NONE)
        if (take_away(frame))
            free_frame[free_frames++] = frame;
        else
            book_keep(&book, frame);
}

/* What does not hold kernel objects should stay. The longest here goes; or, if that never helps, as
 * many frames come as it takes, to find out how many that are. */
static uint32_t too_few(uint32_t longest)
{
    if (!streak_hopeless()) {
        if (!streak_failed())
            return take_away(longest) ? longest : NONE;
        take_all_away();
        pinned = book.count;
    }
    return free_frames ? free_frame[--free_frames] : NONE;
}

static uint32_t evict(void)
{
    uint32_t frame, longest = NONE;
    if (options.policy->marks && evictions++ % options.scan == 0) {
        book_look(&book, frame_marks_all(book.frame));
        statistics.looks++;
    }
    book_search(&book);
    while ((frame = book_victim(&book)) != NONE) {
        bool holds = streak_holds(book.frame[frame].page);
        if (holds && !frame_has_objects(frame)) {
            book_spare(&book, frame);
            longest = longest == NONE ? frame : longest;
        } else if (!holds && take_away(frame)) {
            return frame;
        } else {
            book_keep(&book, frame);
        }
    }
    return longest == NONE ? NONE : too_few(longest);
}

/* ---- no frame to be had ---- */

static struct holder *largest(void)
{
    struct holder *most = NULL;
    for (uint32_t at = book.head; at != NONE; at = book.frame[at].next)
        owner[book.frame[at].page]->holder->frames = 0;
    for (uint32_t at = book.head; at != NONE; at = book.frame[at].next) {
        struct holder *holder = owner[book.frame[at].page]->holder;
        holder->frames++;
        if (!most || holder->frames > most->frames)
            most = holder;
    }
    return most;
}

/* First its objects go, its threads among them, so that nothing can wait for it. */
static void end(struct holder *holder)
{
    holder_end(holder);
    for (uint32_t at = book.head; at != NONE; at = book.frame[at].next)
        if (owner[book.frame[at].page]->holder == holder)
            frame_end_objects(at);
}

/* All frames hold kernel objects, or the store is broken. The child that has most of them goes; its
 * pages can leave then. */
static uint32_t sacrifice(void)
{
    struct holder *holder = largest();
    if (!holder)
        return NONE;
    end(holder);
    return evict();
}

/* ---- in ---- */

/* What was lent comes back first. */
static uint32_t take_frame(void)
{
    uint32_t frame;
    if (book.count < options.frames)
        return free_frame[--free_frames];
    while ((frame = evict()) != NONE && book.count >= options.frames && !streak_hopeless())
        free_frame[free_frames++] = frame;
    return frame == NONE ? sacrifice() : frame;
}

static bool fill(uint32_t page, uint32_t frame)
{
    if (state[page] & STORED) {
        if (store_read(page, frame_at(frame)))
            return false;
        statistics.read++;
        simcall_MARK(fk_at("pager read"), page, frame);
        return true;
    }
    memset(frame_at(frame), 0, FK_PAGE);
    statistics.zeroed++;
    simcall_MARK(fk_at("pager zero"), page, frame);
    return true;
}

static bool bring(uint32_t page)
{
    uint32_t written, frame;
    statistics.faults++;
    if (options.policy == &policy_order)
        book_reached(&book, page);
    frame = take_frame();
    if (frame == NONE)
        return false;
    if (!fill(page, frame)) {
        free_frame[free_frames++] = frame;
        return false;
    }
    book.frame[frame].clean = book.frame[frame].looked = frame_marks(frame, &written);
    book.frame[frame].used = 0;
    book.frame[frame].moved = false;
    book_add(&book, frame, page);
    where[page] = frame;
    table[page] = (uint64_t)frame * FK_PAGE | SHOWN;
    return true;
}

/* What it needed at once was found out with frames that it is not to have. */
static void watch(struct block *block, uint32_t page)
{
    uint32_t needs = streak_fault(fault_at_hand.hash, fault_at_hand.rip, page);
    if (pinned + needs <= options.frames)
        return;
    block->holder->needs = pinned + needs;
    end(block->holder);
}

static void serve(struct block *block, uint64_t offset)
{
    uint64_t index = offset / FK_PAGE;
    if (block->block && index < block->pages) {
        uint32_t page = block->first + (uint32_t)index;
        if (where[page] != NONE)
            statistics.again++;
        else
            watch(block, page);
        if (where[page] == NONE && !bring(page))
            holder_end(block->holder);
    }
}

void page_fault(struct block *block, uint64_t offset)
{
    mon_lock(&lock);
    for (unsigned i = 0; i <= options.replay; i++)
        serve(block, offset);
    mon_unlock(&lock);
}

/* ---- blocks come and go ---- */

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
    if (book.listed)
        book.listed[page] = 0;
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

long pages_order(const struct block *block, const uint32_t *pages, uint32_t count)
{
    uint32_t some[256];
    long outcome = options.policy == &policy_order ? 0 : -PROTO_UNKNOWN;
    mon_lock(&lock);
    while (count && !outcome) {
        uint32_t part = count < 256 ? count : 256;
        for (uint32_t i = 0; i < part && !outcome; i++) {
            some[i] = block->first + pages[i];
            outcome = pages[i] < block->pages ? 0 : -PROTO_INVALID;
        }
        if (!outcome && !book_order(&book, some, part))
            outcome = -PROTO_TOO_MANY;
        pages += part;
        count -= part;
    }
    mon_unlock(&lock);
    return outcome;
}

/* ---- a process manager above copies this pager with all that is below it ---- */

static long copy_store(void)
{
    void *page = malloc(FK_PAGE);
    long outcome = page ? store_twin_open() : -PROTO_NO_MEMORY;
    for (uint32_t i = 0; i < highest && !outcome; i++) {
        if (!(state[i] & STORED))
            continue;
        outcome = store_read(i, page);
        if (!outcome)
            outcome = store_twin_write(i, page);
    }
    free(page);
    return outcome;
}

/* Nothing goes to the store or comes from it meanwhile. Both come back from the request, and the
 * memory of both may be another one than before. */
long pages_fork(uint64_t thread, uint64_t *pid)
{
    mon_lock(&lock);
    long outcome = copy_store();
    for (uint32_t at = book.head; at != NONE; at = book.frame[at].next)
        book.frame[at].moved = true;
    if (!outcome)
        outcome = process_fork(mon.ref[PARENT_PROCESS], thread, pid);
    store_twin_end(!outcome && !*pid, outcome != 0);
    mon_unlock(&lock);
    return outcome;
}

/* monitors/pager/pager.h -- between the files of the pager. SPDX-License-Identifier: MIT */
#ifndef MONITORS_PAGER_H
#define MONITORS_PAGER_H

#include "monitors/lib/nester.h"
#include "monitors/lib/pool.h"
#include "monitors/pager/policy.h"

/* What happened so far. */
struct statistics {
    uint64_t faults;  /* requests for a page that was not here */
    uint64_t again;   /* ... that was here already: a request that came twice */
    uint64_t zeroed;  /* pages that began as zeroes */
    uint64_t read;    /* pages from the store */
    uint64_t evicted; /* pages taken away, ... */
    uint64_t written; /* ... of which had to be written to the store first */
    uint64_t pinned;  /* victims that had to stay, since kernel objects live in them */
    uint64_t looks;   /* at the marks of all pages */
};
extern struct statistics statistics;

struct options {
    const struct policy *policy;
    uint32_t frames;
    uint32_t pages;  /* virtual */
    uint32_t scan;   /* evictions between two looks at the marks */
    uint32_t replay; /* how often each request is served besides the first time: for tests */
    const char *store;
};

/* A child with all that is below it. */
struct holder {
    struct mon_child *child;
    struct mon_pool *pool;
    struct mon_port process; /* before its process manager, if it has one */
    uint32_t frames;         /* while they are counted */
    uint32_t needs;          /* frames, as was found; 0 = all hold objects */
    bool ending, leaving;    /* its end was decided; is under way */
};

/* Memory that was handed out as one region, as its keeper sees it. */
struct block {
    struct mon_port port; /* its keeper */
    struct mon_block *block;
    struct holder *holder;
    uint32_t first, pages; /* virtual pages */
    struct block *free;
};

/* frames.c: the window of frames, and what the kernel knows about them */
long frames_open(uint32_t frames, uint64_t virtual, uint32_t pages, uint64_t *table);
void *frame_at(uint32_t frame);
bool frame_has_objects(uint32_t frame);
void frame_end_objects(uint32_t frame);
uint32_t frame_marks(uint32_t frame, uint32_t *written); /* this epoch; when it was written */
uint32_t frame_marks_all(struct frame *frame);           /* the same for all: used */

/* page.c: virtual pages */
long pages_open(const struct options *options);
uint64_t pages_virtual(void);
void page_fault(struct block *block, uint64_t offset);
extern struct fk_fault fault_at_hand; /* main.c: the whole of what the kernel says of it */
long pages_reserve(uint32_t first, uint32_t pages);
void pages_taken(struct block *block);
void pages_given(struct block *block);
/* page.c calls it when all that a child had in memory is lost: to end the child itself. */
void holder_end(struct holder *holder);
long pages_order(const struct block *block, const uint32_t *pages, uint32_t count);
long pages_fork(uint64_t thread, uint64_t *pid);

/* streak.c: pages that one instruction needs at once. A fault may end a streak that was hopeless:
 * then it answers how many pages that one needed. */
#define STREAK 12 /* pages that one instruction needs at most; with more it is a loop */
uint32_t streak_fault(uint64_t thread, uint64_t rip, uint32_t page);
bool streak_holds(uint32_t page); /* it should stay */
bool streak_failed(void);         /* it could not; true = from now on it is hopeless */
bool streak_hopeless(void);

/* store.c: pages in a file */
long store_open(const char *path);
long store_cover(uint32_t pages);
long store_write(uint32_t page, const void *from);
long store_read(uint32_t page, void *to);
void store_close(void);
long store_twin_open(void);
long store_twin_write(uint32_t page, const void *from);
void store_twin_end(bool is_copy, bool is_failure);

#endif

/* monitors/lib/pool.h -- a server of MemPool over a range of this program's own address space: the
 * root's over all memory, a pager's or checkpointer's over what they got from above.
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_POOL_H
#define MONITORS_LIB_POOL_H

#include "monitors/lib/mon.h"

#define POOL_BUCKETS 256

/* Pages of a range, used or free. */
struct mon_frames {
    uint64_t start, pages, free;
    uint64_t *used;        /* a bit for each page */
    uint64_t next;         /* where the last search ended */
    struct mon_lock *lock; /* NULL = one thread only */
};

/* `bitmap` has (pages + 63) / 64 words; everything is free. */
void mon_frames_open(struct mon_frames *frames, uint64_t start, uint64_t pages, uint64_t *bitmap);
uint64_t mon_frames_take(struct mon_frames *frames, uint64_t pages); /* address, 0 = no such run */
void mon_frames_give(struct mon_frames *frames, uint64_t start, uint64_t pages);

/* Memory that is handed out as one region. */
struct mon_block {
    struct fk_object region, ref;
    uint64_t start, pages, hash;
    uint64_t keeper; /* of the region, 0 = none */
    void *self;      /* the store owner's own */
    struct mon_pool *pool;
    struct mon_block *next, **link;   /* of its pool */
    struct mon_block *same, **bucket; /* with the same hash, in the store */
};

struct mon_pool {
    struct mon_port port; /* first: clients hold port.ref */
    struct mon_store *store;
    void *self; /* the store owner's own */
    struct mon_pool *parent, *children, *next, **link;
    struct mon_pool *account; /* whose limit counts: itself, or one above */
    uint64_t limit, used;     /* of an account, bytes */
    struct mon_block *blocks;
};

/* A range with the pools over it. */
struct mon_store {
    struct mon_frames frames;
    struct mon_server *server;
    struct mon_block *bucket[POOL_BUCKETS];
    struct mon_pool root;
    uint64_t hash;         /* of the next region that is made; 0 = the kernel chooses */
    bool zeroed;           /* free pages read as zero already: do not touch them */
    struct mon_lock *lock; /* over pools and blocks; NULL = one thread only */
    /* A block comes: its region is about to be made, with the block's keeper. Nonzero = it is
     * refused. */
    long (*taken)(struct mon_store *store, struct mon_block *block);
    /* A block goes, its region has ended or never was. Ends the objects in it, which pool.c does
     * otherwise. */
    void (*given)(struct mon_store *store, struct mon_block *block);
    /* mempool_order */
    long (*order)(struct mon_store *store, struct mon_block *block, const uint32_t *pages,
                  uint64_t count);
};

extern const struct mempool_ops mon_pool_ops;
/* frames, zeroed, taken, given are the caller's; limit in bytes. Opens the root pool. */
long mon_store_open(struct mon_store *store, struct mon_server *server, uint64_t limit);
struct mon_pool *mon_pool_sub(struct mon_pool *parent, uint64_t limit, long *outcome);
struct mon_block *mon_pool_take(struct mon_pool *pool, uint64_t bytes, long *outcome);
void mon_pool_give(struct mon_block *block);
void mon_pool_end(struct mon_pool *pool);

/* Ends every kernel object that lives in this range of this program's memory. */
void mon_end_objects(uint64_t start, uint64_t bytes);

#endif

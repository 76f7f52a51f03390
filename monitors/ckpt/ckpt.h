/* monitors/ckpt/ckpt.h -- between the files of the checkpointer, and what a checkpoint file is.
 *
 * File: struct ckpt_header; then from CKPT_PAGES the pages of the store, page n at n * 4096, only
 * those that are in use; after them, at header.meta, the rest: struct ckpt_meta, a hash for each
 * page (0 = not in use), then as many of each structure below as ckpt_meta says, in their order
 * here. All numbers are little-endian. The header is written last. SPDX-License-Identifier: MIT */
#ifndef MONITORS_CKPT_H
#define MONITORS_CKPT_H

#include "monitors/lib/kinds.h"
#include "monitors/lib/nester.h"
#include "monitors/lib/pool.h"

#define CKPT_MAGIC   0x54504b4348534946ull /* "FISHCKPT" */
#define CKPT_VERSION 2
#define CKPT_PAGES   4096
#define CKPT_PATH    256

struct ckpt_header {
    uint64_t magic, version;
    uint64_t pages; /* of the store */
    uint64_t meta, meta_bytes, meta_hash;
    uint64_t nest_hash; /* of the child's arguments and nest */
    uint64_t hash;      /* of all before this */
};

struct ckpt_meta {
    uint64_t pools, blocks, views, files, mappings, objects, threads;
};

/* What a link or reference leads to. */
enum ckpt_what {
    CKPT_NOTHING,
    CKPT_OBJECT, /* value: its offset in the store */
    CKPT_BLOCK,  /* value: number of the block whose region it is */
    CKPT_POOL,   /* likewise, whose port it is */
    CKPT_FILE,
    CKPT_VIEW,
    CKPT_GRANT,  /* value: enum parent_name: what the child gets by this name */
    CKPT_PARENT, /* the child's Parent port */
    CKPT_KEEPER, /* the child's keeper */
    CKPT_TIME    /* the port to which the kernel tells that a thread could run */
};

struct ckpt_name {
    uint64_t what, value;
};

struct ckpt_pool {
    uint64_t parent; /* number, smaller than its own; the first has none */
    uint64_t limit;
};

struct ckpt_block {
    uint64_t pool, page, pages;
    uint64_t hash; /* of its region */
};

/* A file system within a file system: `subset` of another one, or of what the child was given. */
struct ckpt_view {
    uint64_t parent; /* number + 1, 0 = the child's */
    uint64_t limit, flags;
    char path[CKPT_PATH];
};

struct ckpt_file {
    uint64_t view; /* as parent above */
    uint64_t flags, place;
    char path[CKPT_PATH];
};

struct ckpt_mapping { /* of the child itself; those of deeper ones are objects */
    struct fk_mapping_state state;
    struct ckpt_name region;
};

struct ckpt_object {
    uint64_t offset, kind;
    struct ckpt_name link[KIND_LINKS]; /* a reference's target; else as in the kind's links */
    union {
        struct fk_space_state space;
        struct fk_region_state region;
        struct fk_mapping_state mapping;
        struct fk_port_state port;
        struct fk_mutex_state mutex;
        uint64_t thread; /* number of its state */
        uint64_t hash;   /* of all but threads and references: the first word of the state */
    } state;
};

/* A checkpoint in memory, being made or read. */
struct ckpt {
    struct ckpt_header header;
    struct ckpt_meta count;
    uint64_t calling; /* threads connected to another one that serves them */
    uint64_t *page_hash;
    struct ckpt_pool *pool;
    struct ckpt_block *block;
    struct ckpt_view *view;
    struct ckpt_file *file;
    struct ckpt_mapping *mapping;
    struct ckpt_object *object;
    struct fk_thread_state *thread;
    /* The living ones, by number. */
    struct mon_pool **pool_at;
    struct mon_block **block_at;
};

/* main.c */
extern struct mon_store store;
extern struct mon_child *the_child;
bool is_copy(
    void); /* a process manager above has copied this checkpointer: this is not the original */

/* names.c: references that lead somewhere known. One at a time: open, look up, close. */
bool names_open(const struct ckpt *ckpt);
void names_close(void);
bool name_of(uint64_t ref, struct ckpt_name *name); /* false = leads nowhere known */
uint64_t name_ref(const struct ckpt_name *name);    /* a reference to what it names, 0 = nothing */

/* stop.c: all threads of the subtree */
bool stop_all(struct ckpt *ckpt, const char **why); /* fills object and thread; false = not now */
void start_all(const struct ckpt *ckpt);

/* pickle.c */
const char *pickle(struct ckpt *ckpt); /* NULL = done, else what is wrong */
const char *unpickle(struct ckpt *ckpt);

/* state.c: one object. What is wrong, or NULL */
uint64_t object_at(const struct ckpt_object *object); /* its address here */
/* Reads its state and, with these references to fill, the names of its links. */
const char *state_take(struct ckpt *ckpt, struct ckpt_object *object, const uint64_t *refs);
long state_make(const struct ckpt *ckpt, const struct ckpt_object *object); /* 0 = made */
const char *state_set_all(struct ckpt *ckpt);

/* image.c: the file */
const char *image_write(struct ckpt *ckpt, const char *path, uint64_t *written);
bool image_there(const char *path); /* something that says it is a checkpoint, whole or not */
const char *image_read(struct ckpt *ckpt, const char *path);
const char *image_pages(struct ckpt *ckpt);      /* into the store */
void image_fresh(uint64_t page, uint64_t pages); /* written by us: marks do not tell */
uint64_t hash_bytes(uint64_t hash, const void *bytes, uint64_t count);

/* border.c: what the subtree has from outside, so that it can be had again */
extern const struct filesystem_ops border_files;
extern const struct scheduler_ops border_time;
void border_sweep(void);     /* forgets what was closed: numbers are new after it */
unsigned border_count(void); /* open files, by number */
const struct ckpt_file *border_file(unsigned number);
uint64_t border_file_ref(unsigned number);
long border_reopen(const struct ckpt_file *file);
unsigned border_views(void);
const struct ckpt_view *border_view(unsigned number);
uint64_t border_view_ref(unsigned number);
long border_view_again(const struct ckpt_view *view);
extern uint64_t border_listener; /* reference to the kernel's scheduler port, 0 = none yet */
long border_attach(uint64_t thread, uint64_t *value);

#endif

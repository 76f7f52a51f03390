/* monitors/lib/nester.h -- for programs that run others below them. A nester fills a struct
 * mon_ops and calls mon_run: it builds what its nest says is below, serves, and ends when its
 * children have. What it does not take, its children get from whoever it has it from: the very
 * same capability, so that it costs nothing however many levels hand it on.
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_NESTER_H
#define MONITORS_LIB_NESTER_H

#include "monitors/lib/mon.h"
#include "monitors/lib/nest.h"

#define MON_SEGMENTS 16
#define MON_KILLED   0x100 /* status: ended by its parent or by a fault, + cause (low byte) */

/* What a child may use. 0 = no limit of its own: it shares its parent's. */
struct mon_limits {
    uint64_t memory;  /* bytes */
    uint64_t objects; /* bytes of kernel memory */
    uint64_t weight;  /* of CPU time, against its siblings */
    uint64_t cpu;     /* thousandths of the CPU at most */
    uint64_t files;   /* bytes that it may store */
};

/* A space with its Parent port, its keeper, its pool, and one thread. */
struct mon_child {
    struct mon_child *next;
    struct mon_port parent; /* its Parent port */
    struct mon_port keeper; /* faults of its threads arrive here */
    struct fk_object space, space_ref;
    uint64_t thread_ref;
    uint64_t grant[PARENT_NAMES];         /* what it gets, by enum parent_name; 0 = nothing */
    uint64_t pool;                        /* its own pool at our server, which we destroy with it */
    uint64_t group;                       /* its own group of CPU time, or 0 */
    uint64_t view;                        /* its own view of the files, or 0 */
    uint64_t maker;                       /* number of the process that made group and view */
    struct mon_port *taken[PARENT_NAMES]; /* our ports for what we interpose on */
    uint64_t mapping[MON_SEGMENTS + 1];
    unsigned mappings;
    uint64_t budget;
    char name[NEST_NAME + 1];
    char *text; /* arguments with NULs, then its nest */
    size_t text_bytes;
    unsigned args;
    int status; /* 0..255 from exit; MON_KILLED + cause */
    bool dead, has_space;
    bool copy_code; /* `prepare` may ask for it: code in the pool's memory, too */
    unsigned ports;
    void *self; /* the nester's own */
};

struct mon_ops {
    /* Operations that this nester takes; NULL = it takes none of that protocol, and hands its own
     * capability over. In these, request->self is the struct mon_child that asks; what a table
     * leaves out is passed on to the nester's own server. */
    const struct process_ops *process;
    const struct mempool_ops *mempool;
    const struct filesystem_ops *filesystem;
    const struct console_ops *console;
    const struct clock_ops *clock;
    const struct scheduler_ops *scheduler;
    /* A child is about to be loaded: grants can be changed, self set. Nonzero = refuse it. */
    long (*prepare)(struct mon_child *child);
    /* Instead of loading the program of the child's name: fills its space, starts its threads. */
    long (*load)(struct mon_child *child);
    /* It runs; the nester does nothing more with its threads. It may have ended by now. */
    void (*started)(struct mon_child *child);
    /* A thread of the child met a fault that nobody else deals with (words: struct fk_fault).
     * true = it may try again; else the child is killed. */
    bool (*fault)(struct mon_child *child, const struct fk_fault *fault);
    /* The child has ended; its memory is about to go. */
    void (*ended)(struct mon_child *child);
    unsigned threads; /* that serve besides the first: for operations that wait. 0 = none */
    /* With one, requests are answered one at a time, with this lock (mon_server_lock), all but
     * those to a Parent port; and so are prepare, fault and ended called. An operation that waits
     * gives it up meanwhile. */
    struct mon_lock *lock;
    /* Children have a group of CPU time of their own even if there is one only: then they run when
     * none of this nester's threads can. */
    bool group;
};

/* What a nester's own options are, up to one without text: "key=EXAMPLE". To be called before they
 * are read; an option that is not in the list ends the nester. Without this call it has none. */
struct mon_option_text {
    const char *written, *text;
};
void mon_options(const struct mon_option_text *list);

/* The whole life of a nester: returns the status to exit with: the first child's that is not 0. */
int mon_run(const struct mon_ops *ops);

/* ---- the parts of it, for nesters that make children on their own (nester.c, child.c) ---- */
extern struct mon_server mon_server; /* the portset of this nester; opened by mon_run */

/* Makes the child of one sibling text ("name(options)/below", args more arguments for a program),
 * loads it and starts it. Errors are said in one line on standard error. */
struct mon_child *mon_child_start(const char *nest, const struct mon_limits *limits);
/* Ends it: threads, space, memory, and all that it made. It stays in the list, dead. */
void mon_child_kill(struct mon_child *child, int status);
void mon_child_free(struct mon_child *child);
/* As if it had ended with this status: mon_run returns when no child lives. */
void mon_child_end(struct mon_child *child, int status);
extern struct mon_child *mon_children;
/* Of mon.budget: what the nester keeps for objects and page tables of its own. */
extern uint64_t mon_reserve;

/* Loads the program in a file into a space: maps its segments, fills a pool's memory with its data.
 * Adds to mappings; the entry point comes back. */
struct mon_image {
    uint64_t space; /* reference */
    uint64_t pool;  /* reference */
    uint64_t *mapping;
    unsigned mappings, room;
    uint64_t entry;
    bool copy; /* copy code too, instead of mapping the file */
};
long mon_image_load(struct mon_image *image, uint64_t filesystem, const char *path);
/* Fresh memory of the pool at an address of the space; seen here too, until closed, if `window`. */
long mon_image_memory(struct mon_image *image, uint64_t start, uint64_t bytes, unsigned rights,
                      void **window);

/* A program that begins in a space: its image, stack, birth page and first thread. */
struct mon_program {
    struct mon_image image;
    uint64_t filesystem;     /* where its file is */
    uint64_t scheduler;      /* 0 = it gets no time of its own */
    uint64_t parent;         /* reference to the port that it is born with */
    uint64_t thread;         /* out: reference, the caller's from then on; 0 = it has none */
    struct mon_birth *birth; /* its birth page as we see it, from load to start */
};
long mon_program_load(struct mon_program *program, const char *path);
/* Lets it run if the outcome of loading is 0; either way what loading needed is given back. */
long mon_program_start(struct mon_program *program, long outcome);

#endif

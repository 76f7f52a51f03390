/* monitors/procmgr/procmgr.h -- what the parts of the process manager share. A family is the
 * processes below one child of this nester: that child is process 1, and all end with it. One lock
 * is over everything here but frames.c's own, and requests are answered with it (mon_server_lock);
 * whoever holds it never touches memory of a process by a process's address, so a fault of a
 * process can always be answered.
 *   frames.c      pages with counts, from the family's pool
 *   area.c        memory of a process as a table of frames; copy on write
 *   body.c        space, memory and first thread of a process; programs become bodies
 *   objects.c     finding the kernel objects of a body, taking plain memory over into areas
 *   pools.c       pools of a process that is a nester;  still.c  its threads stand still
 *   fork.c        a body from a body
 *   process.c     the table of processes, their ports, ends and waits
 *   ops.c         the protocol Process
 *   descriptor.c  open files by number;  pipe.c  pipes;  terminal.c  the console as a file, its
 * keys signal.c      signals and faults;  alarm.c  alarms SPDX-License-Identifier: MIT */
#ifndef MONITORS_PROCMGR_H
#define MONITORS_PROCMGR_H

#include "monitors/lib/kinds.h"
#include "monitors/lib/nester.h"

#define DESCRIPTORS   32
#define BODY_MAPPINGS 24
#define FRAME_CHUNK   64 /* frames that are got at a time */
#define FRAME_CHUNKS  4096
#define ALL_RIGHTS    (FK_READ | FK_WRITE | FK_EXECUTE)

/* ---- frames.c ---- */

struct chunk {
    uint64_t start;
    uint64_t region, mapping; /* of ours */
    uint16_t uses[FRAME_CHUNK];
    unsigned free;
};

struct frames {
    uint64_t pool;                /* reference */
    uint64_t base;                /* of the address range that all chunks are in */
    struct fk_object region, ref; /* the range, for the tables of areas */
    struct chunk *chunk[FRAME_CHUNKS];
    unsigned search; /* the first chunk that may have a free one */
    unsigned idle;   /* chunks that have nothing but free ones */
    uint64_t zero;   /* a frame of zeroes that is never written nor given back */
};

long frames_open(struct frames *frames, uint64_t pool);
void frames_close(struct frames *frames);
bool frames_ready(struct frames *frames);   /* there is a frame of zeroes; false = no memory */
uint64_t frame_take(struct frames *frames); /* address, one use, any content; 0 = no memory */
void frame_share(struct frames *frames, uint64_t frame);
bool frame_single(struct frames *frames, uint64_t frame); /* one use only */
void frame_drop(struct frames *frames, uint64_t frame);   /* objects in it end with the last use */

/* ---- area.c ---- */

struct process;
struct family;

/* Memory of a process, page by page; its region's keeper is here. A page that can be written is
 * used by this area alone. Kernel objects are in such pages only. */
struct area {
    struct fk_object region, ref, mapping;
    struct area *next; /* of the body */
    struct area *same; /* with like hashes */
    struct process *process;
    struct frames *frames;
    uint64_t hash;    /* of the region */
    uint64_t adopted; /* hash of the plain region whose place it takes, while that is done, ... */
    uint64_t plain;   /* ... and a reference to it */
    const struct area *source; /* what it was copied from, while it is */
    struct pool *pool; /* from which its memory came, if that was none of the process itself */
    uint64_t pages;
    uint64_t *table;
};

long areas_open(void);
struct area *area_new(struct process *process, uint64_t pages); /* no page is there yet */
void area_end(struct area *area);
uint64_t area_frame(const struct area *area, uint64_t page); /* address of the frame in a page */
bool area_writable(const struct area *area, uint64_t page);
/* How many pages from this one on can be written and lie in our memory one after another. */
uint64_t area_run(const struct area *area, uint64_t page);
void area_set(struct area *area, uint64_t page, uint64_t frame, bool writable);
bool area_own(struct area *area, uint64_t page); /* may be written from now on; false = no memory */
struct area *area_find(uint64_t low_hash);

/* ---- body.c ---- */

/* Bytes: with fewer page tables a space's code and its stack take each other's, for ever; and a
 * page for each kind of object that it makes. */
#define LEAST_SHARE (8 * FK_PAGE)

struct body {
    uint64_t space;     /* address of the object */
    uint64_t space_ref; /* to it */
    bool foreign;       /* both are the nester library's */
    uint64_t mapping[BODY_MAPPINGS];
    bool settled[BODY_MAPPINGS]; /* it shows no plain memory, and never will: it is ours */
    unsigned mappings;
    uint64_t pool;      /* reference to a pool of its own, 0 = none yet */
    struct pool *pools; /* within that, of those below it; one after the one that it is in */
    struct area *areas;
    uint64_t thread;    /* reference to its first thread */
    uint64_t thread_at; /* address of that in ours; 0 = not known */
};

long body_open(struct process *process, struct body *body);
long body_load(struct process *process, struct body *body, struct mon_program *program,
               const char *path);
void body_claim(struct family *family);
void body_end(struct process *process, struct body *body);
long body_pool(struct process *process, struct body *body); /* there is a pool from now on */

/* ---- pools.c ---- */

struct pool {
    struct pool *next, *parent; /* no parent: in the body's own pool */
    struct process *process;    /* NULL: it has ended */
    struct mon_port port;
    struct fk_object real; /* reference */
    uint64_t limit;
    struct pool *copy; /* the one made last */
    bool ends;
};

bool pools_own_request(struct mon_request *request);
void pools_end(struct body *body);
void pools_give_back(struct process *process, struct area *area);
long pools_copy(struct process *from, struct process *to); /* fills `copy` */

/* ---- process.c ---- */

struct open;

/* A pipe's end, or the console, as one process has it: so it is known who waits. */
struct handle {
    struct mon_port port;
    struct process *process;
    struct open *open; /* NULL: the descriptor was closed */
    unsigned waiters;
    bool orphan; /* goes with the last who waits */
};

enum { DEFAULT = 0, IGNORE = 1 }; /* instead of a handler's address */
#define SIGNALS 32

struct family {
    struct family *next;
    struct mon_child *child;
    struct frames frames;
    struct process *processes; /* living ones and those not waited for */
    unsigned count;
    uint64_t last_pid;
    uint64_t share; /* bytes of kernel memory of each process but the first */
    bool ended;
    bool keys;           /* the interrupt key is waited for ... */
    uint64_t interrupts; /* ... as it had been typed so often */
};

struct process {
    struct process *next;
    struct family *family;
    struct process *parent;
    uint64_t pid;
    bool dead;   /* waits to be waited for */
    bool reaped; /* goes with the last sleeper */
    bool can_sleep;
    bool nester; /* there are others below it ... */
    bool alone; /* ... of whom one is a program: only then it forks, lest others' work be done twice
                 */
    int status;
    char name[NEST_NAME + 1];
    char *text; /* its arguments */
    uint64_t text_bytes, args;
    struct body body;
    struct mon_port port, parent_port, keeper_port, memory_port;
    uint64_t parent_ref, keeper_ref;
    unsigned ports;
    struct open *open[DESCRIPTORS];
    struct handle *handle[DESCRIPTORS];
    uint64_t handler[SIGNALS];
    uint32_t pending; /* signals with a handler, to be delivered */
    uint64_t alarm;   /* when, by the kernel's clock; 0 = never */
    /* Serving threads that wait on its behalf. */
    struct fk_object mutex, cond;
    unsigned sleepers;
    uint64_t wakes, interrupts;
};

/* main.c */
extern unsigned processes_most; /* in a family */
extern uint64_t share;          /* of kernel memory, of each process but the first */
bool threads_enough(void);
void threads_back(void);

extern struct mon_lock procs_lock;
extern const struct process_ops process_ops; /* ops.c */

long process_first(struct mon_child *child);
void process_family_end(struct mon_child *child);
/* A new one, without a body; it has the parent's descriptors and signal settings. */
struct process *process_new(struct process *parent, long *outcome);
void process_abandon(struct process *process); /* it never lived */
struct process *process_find(const struct family *family, uint64_t pid);
struct process *process_child_ended(struct process *parent, uint64_t pid, bool *any);
void process_reap(struct process *process);
/* For process 1 the family ends. */
void process_end(struct process *process, int status);
/* Waits until somebody wakes it: 0, INTERRUPTED or GONE. Gives the lock up meanwhile. */
long process_sleep(struct process *process);
void process_wake(struct process *process);
bool process_awake(struct process *process); /* one sleeper less: is it still there? */
long process_text(struct process *process, const char *text, uint64_t bytes, uint64_t args);
uint64_t process_grant(struct process *process, uint64_t name);
/* Calls it for those with pending signals: did one say true? */
bool process_each_pending(bool (*visit)(struct process *process));
/* ALRM to those whose time has come. Answers when the next one's does. */
uint64_t process_alarms(uint64_t now);
void process_interrupt(struct family *family); /* INT to all who do not ignore it */
uint64_t process_hash(uint64_t ref);           /* of what a reference names */
/* Whether both references name the same. Hashes tell only who may: what was restored by a
 * checkpointer has that of another time, and something else may have got it since. */
bool process_same(uint64_t ref, uint64_t other);

/* ---- objects.c ---- */

struct thing {
    uint64_t at, hash; /* hash of the object, or of what a reference names */
    unsigned kind;
    struct area *area;
    uint64_t page;
};

struct things {
    struct thing *thing;
    unsigned count, room;
};

/* All objects in memory of the process, which is in areas alone from then on. */
long objects_collect(struct process *process, struct things *things);
/* The thread among them that a reference names; NULL = none. */
const struct thing *objects_thread(const struct things *things, uint64_t ref);

/* The same where they are, for processes whose memory stays as it is. */
struct survey {
    struct things things;
    struct window *windows;
};

long survey_open(struct process *process, struct survey *survey); /* close it either way */
void survey_close(struct survey *survey);

/* ---- still.c ---- */

struct still {
    struct mon_still *thread; /* NULL: none is stopped */
    uint64_t *ref;            /* to each of them */
    uint64_t count, asker;    /* number of the one whose request this thread has in hand */
};

/* What it was before, if it was among them. */
const struct mon_still *still_known(const struct still *still, const struct thing *thing);

long still_stop(struct process *process, struct still *still);
void still_go(struct process *process, struct still *still);

/* ---- fork.c ---- */

/* `thread` is a reference to the caller; the copy's answer is pid 0. With `still`, all threads of
 * the process stand still and are copied. */
long fork_body(struct process *from, struct process *to, uint64_t thread,
               const struct still *still);

/* ---- descriptor.c ---- */

struct open {
    unsigned uses;
    uint64_t ref; /* FileDescription; 0 = a pipe's end, or without `pipe` the console */
    bool lent;    /* not ours to close */
    struct pipe *pipe;
    bool writer;
};

void descriptors_first(struct process *process);
long descriptors_inherit(struct process *from, struct process *to);
void descriptors_close(struct process *process);
long descriptor_add(struct process *process, struct open *open, uint64_t *number);
long descriptor_close(struct process *process, uint64_t number);
long descriptor_duplicate(struct process *process, uint64_t from, uint64_t to, uint64_t *number);
long descriptor_ref(struct process *process, uint64_t number, uint64_t *ref);
/* For one of the standard ones: 0 = the console itself. */
uint64_t descriptor_standard(struct process *process, uint64_t number);
long descriptor_open(struct process *process, const char *path, uint64_t flags, uint64_t *number);

/* ---- pipe.c ---- */

long pipe_make(struct process *process, uint64_t *reader, uint64_t *writer);
void pipe_end_closed(struct pipe *pipe, bool writer);
extern const struct file_ops pipe_ops; /* request->self is a struct handle */

/* ---- terminal.c ---- */

extern const struct file_ops terminal_ops; /* likewise */
uint64_t terminal_nothing(void);           /* a file for which all is refused; 0 = no memory */
long terminal_keys(struct process *process);

/* ---- alarm.c ---- */

long alarm_set(struct process *process, uint64_t nanoseconds, uint64_t *left);

/* ---- signal.c ---- */

long signal_set(struct process *process, uint64_t signal, uint64_t handler, uint64_t *before);
void signal_send(struct process *process, unsigned signal);
bool signal_fault(struct process *process, const struct fk_fault *fault); /* true = try again */
void signal_keeper(struct mon_request *request); /* faults of processes but the first */
#endif

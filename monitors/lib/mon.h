/* monitors/lib/mon.h -- the runtime of monitors and programs: what a program was given, threads,
 * memory, address space. Nesters include nester.h besides. Calls return 0 or minus an enum
 * proto_error unless said otherwise. References are named by the address of a reference object.
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_MON_H
#define MONITORS_LIB_MON_H

#include "kernel/user/fk.h"
#include "monitors/lib/libc.h"
#include "monitors/lib/proto.h"
#include "monitors/lib/server.h"

/* What a child finds in its birth page: its one capability, and its thread. rdi points here. */
struct mon_birth {
    struct fk_object parent; /* reference to its Parent port */
    struct fk_object thread; /* its first thread */
};

/* The layout of every program but the root. */
#define MON_BIRTH    0x3ff000ull /* the birth page; the stack ends below it */
#define MON_STACK    (64 * 1024ull)
#define MON_PROGRAM  0x400000ull   /* programs are linked to begin here (kernel/user/user.ld) */
#define MON_AREA     0x10000000ull /* from here: heap, mapped files, thread stacks */
#define MON_AREA_END 0x100000000000ull

/* What this program was given. */
struct mon_env {
    uint64_t parent;            /* its Parent port, 0 for the root */
    uint64_t ref[PARENT_NAMES]; /* by enum parent_name; 0 = not there in this nest */
    uint64_t clock;             /* to be added to the kernel's clock */
    uint64_t budget;            /* bytes of kernel memory that it was given */
    int argc;
    char **argv;
    const char *nest;     /* what to build below; "" for a program */
    const char *extra;    /* arguments for the programs at the end of the nest, ... */
    uint64_t extra_bytes; /* ... each with its NUL */
};
extern struct mon_env mon;

_Noreturn void mon_exit(int status); /* without flushing or atexit */
_Noreturn void mon_fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* value of "key=value" among the arguments, or NULL; as a number (k, m, g; a wrong one is fatal) */
const char *mon_option(const char *key);
uint64_t mon_option_number(const char *key, uint64_t otherwise);

/* ---- objects (object.c): 32 bytes of heap, made live. 0 = out of memory or kernel objects ---- */
uint64_t mon_object(enum fk_debug_kind kind);
void mon_object_free(uint64_t object, enum fk_debug_kind kind);
uint64_t mon_ref(void);              /* a reference that names nothing yet */
uint64_t mon_ref_copy(uint64_t ref); /* another to the same */
uint64_t mon_ref_to(uint64_t object, enum fk_debug_kind kind);
void mon_ref_free(uint64_t ref); /* 0 is fine */
bool mon_ref_alive(uint64_t ref);

/* ---- memory (vm.c). Pages are zeroed ---- */
/* A mapping in `space` (a reference); returns the mapping object, 0 = failed. */
uint64_t mon_map(uint64_t space, uint64_t region, uint64_t start, uint64_t bytes, uint64_t offset,
                 unsigned rights);
void mon_unmap(uint64_t mapping);
/* A region mapped into this program wherever there is room. */
void *mon_window(uint64_t region, uint64_t bytes, uint64_t offset, unsigned rights);
void mon_window_close(void *window);
void *mon_pages(uint64_t bytes); /* from the pool, rounded up; freed with mon_pages_free */
void mon_pages_free(void *pages);
uint64_t mon_area(uint64_t bytes); /* address space alone, never given back; 0 = none left */
void *mon_memory(uint64_t bytes);  /* for the heap: never freed */
extern void *(*mon_memory_source)(uint64_t bytes); /* the root's own, instead of a pool */

/* ---- threads (thread.c) ---- */
/* Starts function(argument) on a stack of so many bytes (0: 32 KiB). It has CPU time. When the
 * function returns the thread sleeps for ever. */
long mon_thread(void (*function)(void *), void *argument, uint64_t stack_bytes);
uint64_t mon_thread_ref(void); /* to the calling thread */

/* From here on misuse in a kernel call of this thread makes the call return -(0x100 + insanity)
 * instead of stopping the thread: for code that handles references from elsewhere. */
void mon_guard(void);

/* A lock that costs no kernel call when it is free. */
struct mon_lock {
    int64_t count;
    struct fk_object mutex, cond;
    int64_t wakes;
};
long mon_lock_open(struct mon_lock *lock);
void mon_lock(struct mon_lock *lock);
void mon_unlock(struct mon_lock *lock);
extern struct mon_lock *mon_heap_lock; /* malloc's; mon_thread sets it */

/* ---- files (await.c) ---- */
/* A file that somebody else makes and whose first word he writes last: `file` becomes a description
 * of it as soon as that is not zero. NOT_FOUND = it was not so until then, by the kernel's clock.
 */
long mon_await_file(const char *path, uint64_t until, uint64_t file);

/* ---- below a process manager (process.c); NOT_FOUND = this nest has none ---- */
long mon_fork(uint64_t *pid); /* 0 in the new process */
/* The function runs in the first thread, between two instructions of it, or after a wait that was
 * ended with INTERRUPTED; then the thread goes on. */
long mon_signal(unsigned signal, void (*handler)(int signal));

/* Standard input, output and error become what their descriptors mean now. */
void mon_streams(void);

/* ---- time (env.c) ---- */
uint64_t mon_time(void); /* nanoseconds, by this nest's clock */

#endif

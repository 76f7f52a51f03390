/* sim/gdb/target.h -- the door to the machine: all that packets and monitor commands may ask of it.
 *
 * A process is a space of the nest, under the id that the guest's kernel gave it, or the kernel:
 * PID_KERNEL, whose one thread, 1, is the CPU whatever it executes. Guests without a debug block
 * are all kernel. Stepping PID_KERNEL steps the CPU; stepping any other thread means *its* next
 * instruction, however many layers work in between.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_GDB_TARGET_H
#define SIM_GDB_TARGET_H

#include "abi/fk/debug.h"
#include "sim/gdb/gdb.h"
#include "sim/gdb/text.h"

enum { PID_KERNEL = 1000000, PID_ANY = 0, PID_ALL = -1 };

struct id {
    int64_t pid, tid; /* of both: 0 = any, -1 = all */
};

/* ---- ids.c: who there is ---- */

/* Calls `fn` for each, whoever has the CPU first; stops when it says false. */
void target_threads(bool (*fn)(void *ctx, struct id id), void *ctx);
bool target_alive(struct id id);
bool target_process(int64_t pid); /* is it there? */
/* A thread of this process, the running one if it is of it; tid 0 = it has none. */
struct id target_thread_of(int64_t pid);
/* Whom the CPU executes now: PID_KERNEL's when it is not in user mode. */
struct id target_running(void);
/* The same, or, within the kernel, the thread that it works for; tid 0 = nobody. */
struct id target_current(void);
bool target_on_cpu(struct id id);
/* "L3 memtest main"; "waits for port 7 of pager". */
void target_thread_name(struct id id, char *out, size_t max);
void target_thread_state(struct id id, char *out, size_t max);
/* "/L3/memtest"; false = no program is known for it. */
bool target_exec_file(int64_t pid, char *out, size_t max);
/* The bytes behind such a path. */
const void *target_file(const char *path, size_t *n);
/* Page table of a process, for sim_virt_read() and probes. */
uint64_t target_cr3(int64_t pid);

/* ---- memory.c: a process's memory, also where its page tables are only to be filled in ---- */
size_t target_read(int64_t pid, gva at, void *to, size_t n);
size_t target_write(int64_t pid, gva at, const void *from, size_t n);
/* A line a link: from this address through mappings and regions to the page. */
void target_memory_chain(int64_t pid, gva at, struct text *out);
/* The space whose memory a process sees: under the kernel's feet, somebody's; 0 = none. */
uint32_t target_memory_space(int64_t pid);

/* ---- registers.c ---- */
enum { REGISTER_G = 57 }; /* so many are in a `g` packet, in this order */
unsigned register_count(void);
unsigned register_bytes(unsigned n);
int register_find(const char *name); /* -1 = none */
/* Linear address of the CPU's next instruction: GDB's rip, also where a segment has a base. */
gva target_pc(void);
/* The features of the target description. */
void register_xml(struct text *to);
/* false = this thread's is not known now. `value` has room for 16 bytes. */
bool register_get(struct id id, unsigned n, uint8_t *value);
/* NULL, or why not. */
const char *register_set(struct id id, unsigned n, const uint8_t *value);

/* ---- entry.c ---- */
/* What the kernel is about to save of the running thread, while it has not done so; false = it has.
 */
bool entry_frame(struct id id, struct fk_debug_frame *out);
void entry_forget(void); /* the machine has moved */

/* ---- stops.c: where the machine is to stop, and where it did ---- */
enum stop_kind {
    STOP_PLAIN,    /* stepped, or nothing worth a word */
    STOP_BREAK,    /* a breakpoint of GDB's, software or */
    STOP_HARD,     /* hardware: to us the same */
    STOP_FETCH,    /* one where nothing can be executed: the CPU has just found out */
    STOP_WATCH,    /* a watchpoint: `how`, `addr` */
    STOP_CATCH,    /* a crossing that was asked for: `text` */
    STOP_NEW,      /* a process is about to execute its first instruction: its `id` */
    STOP_GONE,     /* a process has ended: its `id` */
    STOP_BEGIN,    /* going back, the beginning */
    STOP_END,      /* the machine has ended: `text` */
    STOP_INTERRUPT /* the client or the user asked */
};
struct stop {
    enum stop_kind kind;
    struct id id; /* whom it is about */
    unsigned how; /* enum sim_watch */
    uint64_t addr;
    uint64_t icount; /* where the machine is to stand, when found on the way back */
    char text[160];
};
enum { STOPS = 4096, CONDITION_MAX = 4096 };

/* NULL, or why not. `type` as in the packets: 0 software, 1 hardware, 2 write, 3 read, 4 access. */
const char *stop_insert(unsigned type, int64_t pid, uint64_t addr, uint64_t n,
                        const uint8_t *condition, size_t condition_n);
const char *stop_remove(unsigned type, int64_t pid, uint64_t addr, uint64_t n);
void stop_remove_of(int64_t pid); /* PID_ALL = every one */
void stop_list(struct text *to);
/* Whatever is hit from now on is noted in `found`; when `live` the first one also stops the
 * machine, else the last one stays (the way back). NULL = nothing is noted. */
void stop_arm(struct stop *found, bool live);

/* Crossings that stop the machine. Words: from=SPACE to=SPACE reason=KIND vector=N level=N
 * thread=N, `fault` for any exception; once = this time only. Returns an id, or -1 with
 * sim_error(). */
int catch_add(const char *words, bool once);
bool catch_remove(int id); /* -1 = all */
void catch_list(struct text *to);
void catch_arm(struct stop *found, bool live); /* stop_arm() calls it */
void catch_from_here(void);                    /* the way back begins */

/* ---- lives.c: forwards the machine stops where a process begins or ends of which these say true
 * ----
 */
void lives_told(bool (*new_one)(int64_t pid), bool (*end_of)(int64_t pid));
void lives_arm(struct stop *found, bool live); /* stop_arm() calls it */

/* ---- resume.c, reverse.c: what moves the machine. The stop says where it stands. ---- */
void resume_open(const struct gdb_config *config);
void resume_continue(struct stop *out);
void resume_step(struct id id, struct stop *out);
/* Steps while rip is in [low, high). */
void resume_range(struct id id, uint64_t low, uint64_t high, struct stop *out);
void reverse_step(struct id id, struct stop *out);
void reverse_continue(struct stop *out);
/* A way back, or a look back, begins; then the count to which it can go. */
void reverse_from_here(bool behind);
uint64_t reverse_earliest(void);
uint64_t reverse_stretch(uint64_t here, unsigned n); /* where to search from: the n-th snapshot */
/* NULL, or why not. */
const char *resume_goto(uint64_t icount);
/* The user has changed something: from here on another history begins. */
void resume_diverge(void);
/* Delivers the interrupt before which the machine stands, and stops before its handler. */
void resume_deliver(void);
bool resume_ended(struct stop *out); /* the machine has no next instruction */
enum sim_stop resume_last(void);
/* For reverse.c: runs to this count at the latest, with what stop_arm() armed. false = something
 * else ended it: `out` says what. */
bool resume_until(uint64_t icount, struct stop *out);

/* ---- cause.c ---- */
/* From this thread, or (`whole`) from whoever began what it works on, to the one that waits for
 * nobody. */
void target_chain(struct id from, bool whole, void (*fn)(void *ctx, struct id id), void *ctx);

/* ---- past.c ---- */
struct trace_record;
/* The last crossing before here, or with a thread given the last one by which it left user mode;
 * at most so many instructions back, 0 = far. false = there is none, or it is too long ago. */
bool past_find(int64_t tid, uint64_t back, struct trace_record *out);

/* ---- agent.c: conditions as GDB's bytecode ---- */
/* Does the expression say true for this thread? One that cannot be evaluated is true: the user then
 * sees the stop. */
bool agent_true(const uint8_t *code, size_t n, struct id id);

#endif

/* sim/lua/host.h -- what the parts of the Lua host share.
 *
 * There is one script a process, as there is one machine. Each part is a file that adds functions
 * to the module `flatfish` in its `open_PART(L)` (module table on top of the stack) and forgets
 * everything in its `close_PART()`. Call-backs from the machine run on a Lua thread of their own
 * (`host.callbacks`), always protected: no Lua error crosses the simulator.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_LUA_HOST_H
#define SIM_LUA_HOST_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#include "abi/trace/record.h"
#include "sim/chain.h"
#include "sim/lua/script.h"

struct host {
    struct script_config config;
    const char *path;      /* of the script that was loaded last */
    lua_State *L;          /* NULL = no script */
    lua_State *callbacks;  /* its stack: message handler, event object */
    bool machine;          /* there is one, and it has not been given up */
    volatile bool running; /* inside sim_run() */
    bool calling;          /* inside a call-back */
    bool failed, stopped, outside, quit;
    bool replan; /* a timer was set while the machine runs: it may be due sooner */
    enum sim_stop last;
    int stop_code; /* -1 = none given */
    char message[4096];
    struct trace_record now; /* the event of the call-back that runs */
};
extern struct host host;

/* call.c. Calls the function `ref` (luaL_ref) with the event object; `host.now` is set by the
 * caller. After a mistake the run is asked to stop and all later calls do nothing. */
void host_call_event(int ref);
/* The same with an integer or a text. */
void host_call_number(int ref, lua_Integer n);
void host_call_text(int ref, const char *text);

/* module.c */
int module_open(lua_State *L); /* a lua_CFunction */

/* fail.c. The message handler: adds the stack of Lua functions. */
int host_error(lua_State *L);
void host_fail(const char *text); /* the first one stays */
/* What the machine is doing now, in words: instruction, level and space, symbol. */
void host_where(char *out, size_t max);

/* host.c. Raise when there is no machine, or a call-back runs that may not drive it. */
void host_need_machine(lua_State *L);
void host_need_standing(lua_State *L);
/* The metatable on top is out of scripts' reach: a finalizer in it would run without limits. */
void host_seal(lua_State *L);
uint64_t check_u64(lua_State *L, int arg); /* integer, float with an integer value, or "0x..." */
/* The same, 0 or more: instructions, ticks. */
uint64_t check_count(lua_State *L, int arg);

/* guard.c: limits on instructions, memory and CPU time. */
void *guard_alloc(void *ud, void *p, size_t old, size_t n);
void guard_open(lua_State *L);
void guard_close(void);
void guard_thread(lua_State *L);
void guard_forked(void); /* in a child: timers are not inherited */
bool guard_exceeded(void);
void guard_enter_machine(void); /* the script waits for the machine: its clock stands */
void guard_leave_machine(void);
/* The script has gone back in time, or changed the machine: in the sandbox it runs on the script's
 * CPU time from now on, for it may never end. */
void guard_machine_too(void);
extern uint64_t guard_calls; /* call-backs begun; whoever makes one adds 1 */
extern bool guard_active;    /* Lua code runs */
/* The script's filters are evaluated: that is its CPU time, for there can be many. */
extern volatile bool guard_choosing;

/* sandbox.c */
void sandbox_libraries(lua_State *L);
void sandbox_script(lua_State *L, const char *path);
void sandbox_prints(lua_State *L, size_t bytes); /* raises when it is too much */

/* A call-back that is registered: a Lua object with the method off(), in the list of its part. */
struct hook {
    int ref;  /* of the function; LUA_NOREF = off */
    int self; /* of the object, while it is in a list */
    void (*off)(struct hook *h);
    struct hook *next;
    uint64_t due, period; /* timer.c */
    struct cells *cells;  /* event.c */
    uint64_t kinds;
    struct place *place; /* probe.c */
    int id;              /* of the machine's probe or watchpoint; -1 = not planted */
    bool watch;
};
/* Makes one and leaves its Lua object on the stack; function = argument `fn`. */
struct hook *hook_push(lua_State *L, int fn, void (*off)(struct hook *h));
void hook_drop(struct hook *h);
/* Takes those that are off out of the list: after each round of calls, not while one goes on. */
void hook_sweep(struct hook **list);
void open_hook(lua_State *L);

/* clang-format is of two minds about a list like this one. */
/* clang-format off */
#define PARTS(P) \
    P(hook) P(control) P(event) P(timer) P(probe) P(count) P(account) P(observe) P(space) P(memory) P(walk) \
    P(message) P(objects) P(registers) P(symbol) P(machine) P(drawing) P(pool) P(file) P(name) \
    P(outside)
/* clang-format on */
#define PART(name) void open_##name(lua_State *L);
PARTS(PART)
#undef PART
void close_event(void);
void close_timer(void);
void close_probe(void);
void close_count(void);
void close_observe(void);

/* file.c. A file that the run reads (script_reads) is not to be written: then this leaves nil and
 * why on the stack and returns 2, else 0. */
int file_refuse(lua_State *L, const char *path);

/* confine.c: this process and what it starts sees no more than `folder` and, to read, these. */
void confine(const char *folder, char *const *reads);

/* timer.c */
uint64_t timer_due(void); /* UINT64_MAX = none */
void timer_fire(void);

/* event.c */
void event_end(const char *why); /* the run is over: on("finish") */

/* field.c: what can be asked of an event. */
enum field {
#define FIELD(name, type, text) FIELD_##name,
#include "sim/lua/fields.def"
#undef FIELD
    FIELDS
};
enum field_type {
    TYPE_INT,
    TYPE_HEX,
    TYPE_BOOL,
    TYPE_KIND,
    TYPE_DOMAIN,
    TYPE_SPACE,
    TYPE_CALL,
    TYPE_REASON,
    TYPE_LABEL,
    TYPE_SYMBOL
};
extern const char *const field_names[FIELDS];
extern const enum field_type field_types[FIELDS];
int field_find(const char *name); /* -1 = none */
uint64_t field_get(enum field f, const struct trace_record *r);
void field_push(lua_State *L, enum field f, uint64_t raw);
void field_text(enum field f, uint64_t raw, char *out, size_t max); /* as push, without Lua */
int field_check(lua_State *L, int arg); /* of a string; raises with near names */

/* name.c: names of kinds, kernel calls, vectors, domains, spaces. */
const char *name_kind(unsigned kind); /* "syscall"; NULL = none */
const char *class_name(unsigned n);   /* of instructions; NULL = end */
int kind_find(const char *name);
bool kind_crosses(unsigned kind);
void name_domain(unsigned domain, char *out, size_t max);
unsigned domain_level(unsigned domain);
bool kernel_known(void); /* a debug block tells levels */
/* Raises "no X 'name'; near: ..."; candidates(n) gives them, NULL = end. */
int name_unknown(lua_State *L, const char *what, const char *name,
                 const char *(*candidates)(unsigned));

/* filter.c: conditions on events, evaluated here. */
struct filter *filter_make(lua_State *L, int arg); /* table or nil; raises */
void filter_free(struct filter *f);
bool filter_meets(const struct filter *f, const struct trace_record *r);
void filter_forget(struct filter *f);                                    /* spaces were renamed */
bool filter_asks(const struct filter *f, unsigned i, enum field *field); /* false: not so many */
uint64_t filter_kinds(const struct filter *f);                           /* that can meet it */

/* event.c: kinds of an event name ("fault", "syscall", ...) with what it implies. */
uint64_t event_kinds(lua_State *L, const char *name, struct filter *f);
void filter_add_range(struct filter *f, enum field field, uint64_t low, uint64_t high);

/* record.c: the event object. */
void record_open(lua_State *L);

/* space.c: a space as a Lua object. Index SIM_SPACES = the kernel itself. */
unsigned space_check(lua_State *L, int arg);
void space_push(lua_State *L, unsigned index);
const char *space_image(unsigned index); /* of its symbols; NULL = unknown */
uint64_t space_cr3(unsigned index);

/* symbol.c: "kernel:port_send", "pager:evict+4", "L3:main", "0x1000". */
struct place {
    uint64_t at;
    int level;      /* -1 = any */
    char space[24]; /* "" = any */
    bool kernel;    /* in every space */
    bool pending;   /* the level has no program yet */
    char text[128];
    char said[128]; /* script and line */
};
int place_parse(const char *text, struct place *p); /* -1 = sim_error() */
bool place_here(const struct place *p);             /* the space in force is meant */

/* The table `arg` has no keys but these (NULL ends them); `what` of its options it is: raises with
 * near names. */
void check_names(lua_State *L, int arg, const char *what, const char *const *names);

#endif

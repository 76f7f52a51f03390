/* sim/tests/fuzz/machine.c -- a machine that is none: all that sim/gdb and sim/view may ask.
 * Its state is a few numbers and 16 KiB. An instruction moves rip on by one in a loop, writes a
 * byte and every hundredth crosses from a program to the kernel or back. Kernel objects are what
 * the input's seed makes of them: whom a thread waits for, and who serves whom, may be anybody, or
 * itself. Invariant: it ends after MACHINE_END instructions, and a run of it after RUN_MAX.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/fuzz/machine.h"

#include <stdio.h>
#include <string.h>

#include "sim/chain.h"
#include "sim/event.h"
#include "sim/mem.h"
#include "sim/object.h"
#include "sim/probe.h"
#include "sim/regs.h"
#include "sim/snap.h"
#include "sim/sym.h"

enum { CODE = 0x1000, CODE_BYTES = 0x400, MEMORY = 0x1000, MEMORY_BYTES = 0x4000, DATA = 0x3000 };
enum { RUN_MAX = 2000, POLL_EVERY = 500, CROSS_EVERY = 100, HOOKS = 8192, THREADS = 5, SPACES = 4 };
enum { SNAPSHOT_EVERY = 4096 };

struct hook {
    bool used, is_watch;
    gva at;
    size_t n;
    void (*fn)(void);
    void *ctx;
};

static struct hook hooks[HOOKS];
static unsigned top; /* no hook is there from this one on */
static struct {
    uint64_t kinds;
    sim_listen_fn *fn;
    void *ctx;
} listeners[32];
static uint8_t memory[MEMORY_BYTES];
static uint64_t regs[1024], icount;
static struct sim_vec vectors[32];
static uint8_t st[8][10];
static uint32_t dice;
static bool stop_wanted;
static bool (*host_poll)(void);
static struct sim_sink sinks[8];

static struct sim_space spaces[SPACES + 1] = {
    {.name = "before"},
    {.cr3 = 0x10000, .id = 1, .level = 1, .live = true, .name = "kserver"},
    {.cr3 = 0x20000, .id = 7, .parent = 1, .level = 2, .live = true, .name = "a name\nwith } $#*"},
    {.cr3 = 0x30000, .id = 9, .parent = 7, .level = 3, .live = true, .name = "memtest"},
    {.cr3 = 0x40000, .id = 12, .parent = 12, .level = 9, .live = true, .name = "its own child"},
};

static uint32_t throw(void)
{
    return dice = dice * 1664525u + 1013904223u;
}

void machine_begin(uint32_t seed, bool (*poll)(void))
{
    host_poll = poll;
    memset(memory, 0, sizeof memory);
    memset(regs, 0, sizeof regs);
    dice = seed;
    icount = 0;
    stop_wanted = false;
    regs[SIM_REG_rip] = CODE;
    regs[SIM_REG_rsp] = DATA;
    for (unsigned i = 1; i <= SPACES; i++)
        spaces[i].live = true;
}

unsigned machine_hooks(void)
{
    unsigned n = 0;

    for (unsigned i = 0; i < HOOKS; i++)
        n += hooks[i].used;
    for (unsigned i = 0; i < 32; i++)
        n += listeners[i].kinds != 0;
    for (unsigned i = 0; i < sizeof sinks / sizeof *sinks; i++)
        n += sinks[i].take != NULL;
    return n;
}

/* ---- running ---- */

static void tell(unsigned kind, bool to_user)
{
    struct trace_record r = {.icount = icount,
                             .addr = throw(),
                             .reason = throw() % 64,
                             .kind = (uint16_t)kind,
                             .from = (uint16_t)(2 * (throw() % 5) + !to_user),
                             .to = (uint16_t)(2 * (throw() % 5) + to_user)};

    for (unsigned i = 0; i < 32; i++)
        if (listeners[i].kinds >> kind & 1)
            listeners[i].fn(listeners[i].ctx, &r);
    for (unsigned i = 0; i < sizeof sinks / sizeof *sinks; i++)
        if (sinks[i].take)
            sinks[i].take(sinks[i].ctx, &r, 1);
}

static void cross(void)
{
    static const unsigned leave[] = {TRACE_SYSCALL, TRACE_EXCEPTION, TRACE_INTERRUPT};
    static const unsigned back[] = {TRACE_SYSRET, TRACE_IRET};
    bool to_user = sim_cpl() == 3;

    tell(to_user ? back[throw() % 2] : leave[throw() % 3], to_user);
    if (throw() % 16 == 0) {
        unsigned space = 1 + throw() % SPACES;
        spaces[space].live = !spaces[space].live;
        tell(TRACE_SPACE, false);
    }
}

static void probes(void)
{
    while (top && !hooks[top - 1].used)
        top--;
    for (unsigned i = 0; i < top; i++)
        if (hooks[i].used && !hooks[i].is_watch && hooks[i].at == regs[SIM_REG_rip])
            ((sim_probe_fn *)hooks[i].fn)(hooks[i].ctx, (int)i, hooks[i].at);
}

static void write_data(void)
{
    gva at = DATA + icount % 64;

    memory[at - MEMORY]++;
    for (unsigned i = 0; i < top; i++)
        if (hooks[i].used && hooks[i].is_watch && at - hooks[i].at < hooks[i].n)
            ((sim_watch_fn *)hooks[i].fn)(hooks[i].ctx, (int)i, at, 1, SIM_WATCH_WRITE, 0);
}

static bool ended(void)
{
    return icount >= MACHINE_END;
}

static bool instruction(void)
{
    probes();
    if (stop_wanted)
        return false;
    regs[SIM_REG_rip]++;
    if (regs[SIM_REG_rip] >= CODE + CODE_BYTES)
        regs[SIM_REG_rip] = CODE;
    icount++;
    write_data();
    if (icount % CROSS_EVERY == 0)
        cross();
    return true;
}

enum sim_stop sim_run(uint64_t until)
{
    stop_wanted = false;
    for (unsigned i = 0; i < RUN_MAX; i++) {
        if (ended())
            return SIM_STOP_EXIT;
        if (icount >= until)
            return SIM_STOP_ICOUNT;
        if (!instruction() || stop_wanted || (i % POLL_EVERY == POLL_EVERY - 1 && host_poll()))
            return SIM_STOP_REQUEST;
    }
    return SIM_STOP_STALL;
}

enum sim_stop sim_step(void)
{
    stop_wanted = false;
    if (!ended())
        instruction();
    return ended() ? SIM_STOP_EXIT : SIM_STOP_ICOUNT;
}

int sim_goto(uint64_t to)
{
    if (to > MACHINE_END)
        return sim_fail("it ends before");
    host_poll();
    icount = to;
    regs[SIM_REG_rip] = CODE + to % CODE_BYTES;
    return 0;
}

void sim_stop_request(void)
{
    stop_wanted = true;
}

const char *sim_stop_text(void)
{
    return "words with } and $#*";
}

const char *sim_stop_name(enum sim_stop why)
{
    return why == SIM_STOP_EXIT ? "exit" : "another";
}

enum sim_stop sim_stop_why(void)
{
    return throw() % 8 ? SIM_STOP_ICOUNT : SIM_STOP_EXIT;
}

int sim_exit_code(void)
{
    return 5;
}

uint64_t sim_icount(void)
{
    return icount;
}

bool sim_interrupted(void)
{
    return icount % 1000 == 500;
}

int sim_snapshot(void)
{
    return 1;
}

unsigned sim_snapshot_count(void)
{
    return (unsigned)(icount / SNAPSHOT_EVERY + 1);
}

uint64_t sim_snapshot_change(uint64_t before)
{
    return before > 3000 ? 3000 : 0;
}

uint64_t sim_snapshot_icount(unsigned n)
{
    return (uint64_t)n * SNAPSHOT_EVERY;
}

/* ---- hooks ---- */

static int hook(struct hook h)
{
    for (int i = 0; i < HOOKS; i++)
        if (!hooks[i].used) {
            hooks[i] = h;
            top = (unsigned)i >= top ? (unsigned)i + 1 : top;
            return i;
        }
    return sim_fail("no more hooks");
}

int sim_probe_virt(uint64_t cr3, gva at, sim_probe_fn *fn, void *ctx)
{
    (void)cr3;
    return hook((struct hook){.used = true, .at = at, .fn = (void (*)(void))fn, .ctx = ctx});
}

int sim_watch(uint64_t cr3, gva at, size_t n, unsigned how, sim_watch_fn *fn, void *ctx)
{
    (void)cr3, (void)how;
    return hook((struct hook){true, true, at, n, (void (*)(void))fn, ctx});
}

void sim_probe_remove(int probe)
{
    hooks[probe].used = false;
}

void sim_watch_remove(int watch)
{
    hooks[watch].used = false;
}

int sim_listen(uint64_t kinds, sim_listen_fn *fn, void *ctx)
{
    for (int i = 0; i < 32; i++)
        if (!listeners[i].kinds) {
            listeners[i].kinds = kinds;
            listeners[i].fn = fn;
            listeners[i].ctx = ctx;
            return i;
        }
    return sim_fail("no more listeners");
}

void sim_unlisten(int id)
{
    listeners[id].kinds = 0;
}

int sim_sink_add(const struct sim_sink *sink)
{
    for (unsigned i = 0; i < sizeof sinks / sizeof *sinks; i++)
        if (!sinks[i].take) {
            sinks[i] = *sink;
            return 0;
        }
    return sim_fail("no more sinks");
}

void sim_sink_remove(void *ctx)
{
    for (unsigned i = 0; i < sizeof sinks / sizeof *sinks; i++)
        if (sinks[i].ctx == ctx)
            sinks[i].take = NULL;
}

void sim_event_flush(void)
{
}

/* ---- registers and memory ---- */

const char *sim_reg_name(enum sim_reg r)
{
    (void)r;
    return "register";
}

uint64_t sim_reg_get(enum sim_reg r)
{
    return regs[r];
}

int sim_reg_set(enum sim_reg r, uint64_t value)
{
    regs[r] = value;
    return r == SIM_REG_cr0 ? sim_fail("not that one") : 0;
}

int sim_st_get(unsigned n, uint8_t out[10])
{
    memcpy(out, st[n], 10);
    return 0;
}

int sim_st_set(unsigned n, const uint8_t in[10])
{
    memcpy(st[n], in, 10);
    return 0;
}

int sim_vec_get(unsigned n, struct sim_vec *out)
{
    *out = vectors[n];
    return 0;
}

int sim_vec_set(unsigned n, const struct sim_vec *in)
{
    vectors[n] = *in;
    return 0;
}

enum sim_mode sim_mode(void)
{
    return SIM_MODE_LONG;
}

unsigned sim_cpl(void)
{
    return icount / CROSS_EVERY % 2 ? 0 : 3;
}

bool sim_in_guest(void)
{
    return false;
}

static size_t inside(gva at, size_t n)
{
    if (at < MEMORY || at - MEMORY >= MEMORY_BYTES)
        return 0;
    return n < MEMORY_BYTES - (at - MEMORY) ? n : MEMORY_BYTES - (at - MEMORY);
}

size_t sim_virt_read(uint64_t cr3, gva at, void *to, size_t n)
{
    (void)cr3;
    n = inside(at, n);
    if (n)
        memcpy(to, memory + (at - MEMORY), n);
    return n;
}

size_t sim_virt_write(uint64_t cr3, gva at, const void *from, size_t n)
{
    (void)cr3;
    n = inside(at, n);
    if (n)
        memcpy(memory + (at - MEMORY), from, n);
    return n;
}

size_t sim_phys_read(gpa at, void *to, size_t n)
{
    return sim_virt_read(0, at, to, n);
}

size_t sim_phys_write(gpa at, const void *from, size_t n)
{
    return sim_virt_write(0, at, from, n);
}

int sim_walk(uint64_t cr3, gva va, struct sim_walk *walk)
{
    (void)cr3;
    *walk = (struct sim_walk){.pa = va, .page = 4096, .present = inside(va, 1), .user = true};
    return walk->present ? 0 : -1;
}

/* ---- what the guest's kernel says ---- */

uint64_t sim_debug_block(void)
{
    return MEMORY;
}

unsigned sim_space_count(void)
{
    return SPACES + 1;
}

const struct sim_space *sim_space(unsigned index)
{
    return index <= SPACES ? &spaces[index] : NULL;
}

unsigned sim_space_of_id(uint32_t id)
{
    for (unsigned i = 1; i <= SPACES; i++)
        if (spaces[i].id == id && spaces[i].live)
            return i;
    return 0;
}

unsigned sim_domain_now(void)
{
    return 2 * (1 + (unsigned)(icount / (2 * CROSS_EVERY) % SPACES)) + (sim_cpl() == 3);
}

unsigned sim_behalf_now(uint32_t *thread)
{
    *thread = (uint32_t)(icount / (2 * CROSS_EVERY) % THREADS) + 1;
    return sim_domain_now() >> 1;
}

const char *sim_label(unsigned id)
{
    static const char *const labels[] = {NULL, "a label", "another\nwith \"signs\""};

    return id < sizeof labels / sizeof *labels ? labels[id] : NULL;
}

size_t sim_charges(struct sim_charge *rows, size_t max)
{
    (void)max;
    rows[0] = (struct sim_charge){3, 1, icount - icount / 3, icount / CROSS_EVERY};
    rows[1] = (struct sim_charge){2, 3, icount / 3, icount / CROSS_EVERY};
    return 2;
}

const char *sim_space_image(unsigned index)
{
    return index % 2 ? "memtest" : NULL;
}

/* The n-th of a kind, the same whenever it is asked for at this place. */
static bool object(enum fk_debug_kind kind, uint32_t id, union sim_object *o)
{
    uint32_t before = dice;

    if (kind >= FK_DEBUG_KINDS || id == 0 || id > THREADS)
        return false;
    dice = before * 31 + id + kind;
    memset(o, 0, sizeof *o);
    o->head.id = id;
    o->head.owner = spaces[1 + throw() % SPACES].id;
    o->head.object = MEMORY + id * 256;
    if (kind == FK_DEBUG_THREAD) {
        o->thread.space = spaces[1 + id % SPACES].id;
        o->thread.state = id * 7 % 6;
        o->thread.wait_kind = throw() % (FK_DEBUG_KINDS + 2);
        o->thread.wait_id = throw() % 7;
        o->thread.client = throw() % 7;
        o->thread.server = throw() % 7;
        o->thread.call = throw() % 2000;
        o->thread.frame = throw() % 3 ? MEMORY + throw() % MEMORY_BYTES : throw();
    } else if (kind >= FK_DEBUG_PORT) {
        o->other.link_kind = throw() % (FK_DEBUG_KINDS + 2);
        o->other.link_id = throw() % 7;
    }
    dice = before;
    return true;
}

bool sim_object_first(struct sim_object_walk *w, enum fk_debug_kind kind, union sim_object *o)
{
    w->next = 2;
    return object(kind, 1, o);
}

bool sim_object_next(struct sim_object_walk *w, enum fk_debug_kind kind, union sim_object *o)
{
    return object(kind, (uint32_t)w->next++, o);
}

bool sim_object_find(enum fk_debug_kind kind, uint32_t id, union sim_object *o)
{
    return object(kind, id, o);
}

const char *sim_object_kind(unsigned kind)
{
    return kind == FK_DEBUG_THREAD ? "thread" : kind < FK_DEBUG_KINDS ? "port" : "time";
}

bool sim_object_current(struct fk_debug_current *now)
{
    uint32_t thread = (uint32_t)(icount / (2 * CROSS_EVERY) % THREADS) + 1;

    *now = (struct fk_debug_current){thread, spaces[1 + thread % SPACES].id, 1, 0};
    return true;
}

enum sim_chain sim_chain(uint32_t space, gva va, void (*each)(void *ctx, const struct sim_link *l),
                         void *ctx, struct sim_link *last, gpa *pa)
{
    *last = (struct sim_link){.space = space, .va = va, .mapped = true};
    *pa = va;
    if (each)
        each(ctx, last);
    return inside(va, 1) ? SIM_CHAIN_MEMORY : SIM_CHAIN_EMPTY;
}

void sim_chain_says(enum sim_chain end, const struct sim_link *last, char *out, size_t max)
{
    snprintf(out, max, "%d at %llx", (int)end, (unsigned long long)last->va);
}

/* ---- symbols ---- */

int sim_sym_address(const char *text, gva *at)
{
    *at = MEMORY;
    return strstr(text, "arch_fpu_holds") ? 0 : -1;
}

int sim_sym_name(const char *image, gva at, char *out, size_t max)
{
    snprintf(out, max, at % 8 ? "%s" : "entry_syscall", image);
    return 0;
}

int sim_sym_line(const char *image, gva at, char *out, size_t max)
{
    snprintf(out, max, "%s.c:%u", image, (unsigned)(at % 100));
    return at % 3 ? 0 : -1;
}

int sim_sym_member(const char *image, const char *type, const char *member, uint64_t *offset)
{
    (void)image, (void)type;
    *offset = strlen(member) * 8;
    return 0;
}

const void *sim_sym_bytes(const char *image, size_t *n)
{
    static const char bytes[] = "\177ELF }$#* and more bytes of a program";

    *n = sizeof bytes;
    return strcmp(image, "memtest") == 0 || strcmp(image, "kernel") == 0 ? bytes : NULL;
}

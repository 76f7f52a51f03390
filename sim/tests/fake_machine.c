/* sim/tests/fake_machine.c -- a stand-in for the machine, for tests of the command line alone.
 * It implements the part of sim/include/sim/ that sim/cli calls, with a scripted run: the "kernel"
 * is a text file whose first line is FAKE, then one order a line, each at address line * 16
 * (symbols "line1", "line2", ...), each taking ten instructions:
 *   print TEXT | count N | syscall N | exit N | echo (reads to a newline) | slow [N] (N host
 *   ticks, or no end) | triple | halt | reset | panic | stall | bytes N
 * Nothing of it is ever linked into the product.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/event.h"
#include "sim/observe.h"
#include "sim/fault.h"
#include "sim/keyboard.h"
#include "sim/machine.h"
#include "sim/mem.h"
#include "sim/probe.h"
#include "sim/regs.h"
#include "sim/screen.h"
#include "sim/snap.h"
#include "sim/sym.h"

enum { LINES = 200, QUEUE = 1 << 20 };

static char *line[LINES];
static unsigned lines, at_line;
static uint64_t icount, left, calls, mem_bytes, stall_limit;
static bool is_pc;
static volatile bool stop_wanted;
static int exit_code;
static sim_console_fn *out;
static void (*ticker)(void *);
static void *ticker_ctx;
static struct sim_sink sinks[8];
static unsigned sink_count;
static gva probe_at = ~0ull;
static sim_probe_fn *probe_fn;
static bool probe_passed;
static uint8_t queue[QUEUE];
static size_t queue_n, queue_read;
static struct planned {
    uint64_t ticks;
    size_t n;
    uint8_t bytes[64];
} plan[64];
static unsigned plan_count, plan_next;
static void plan_look(void);

static int script_load(const char *path)
{
    static char text[65536];
    FILE *f = fopen(path, "r");
    size_t n;

    if (!f)
        return sim_fail("kernel %s: cannot be read", path);
    n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = 0;
    for (char *t = strtok(text, "\n"); t && lines < LINES; t = strtok(NULL, "\n"))
        line[lines++] = t;
    if (!lines || strcmp(line[0], "FAKE") != 0)
        return sim_fail("kernel %s: not an ELF file", path);
    at_line = 1;
    return 0;
}

int sim_create(const struct sim_config *c)
{
    mem_bytes = (uint64_t)c->mem_mib << 20;
    is_pc = c->pc;
    return script_load(c->pc ? c->disk : c->kernel);
}

int sim_resume(const char *path, const struct sim_config *c)
{
    FILE *f = fopen(path, "r");
    char name[256];

    mem_bytes = (uint64_t)c->mem_mib << 20;
    if (!f || fscanf(f, "%u %llu %255s", &at_line, (unsigned long long *)&icount, name) != 3) {
        if (f)
            fclose(f);
        return sim_fail("%s: not a saved machine", path);
    }
    fclose(f);
    unsigned resume_line = at_line;
    if (script_load(name) != 0)
        return -1;
    at_line = resume_line;
    return 0;
}

int sim_save(const char *path)
{
    FILE *f = fopen(path, "w");

    if (!f)
        return sim_fail("%s: cannot be written", path);
    fprintf(f, "%u %llu %s\n", at_line, (unsigned long long)icount,
            getenv("FAKE_KERNEL") ? getenv("FAKE_KERNEL") : "none");
    return fclose(f) == 0 ? 0 : sim_fail("%s: cannot be written", path);
}

int sim_log_flush(void)
{
    return 0;
}

void sim_destroy(void)
{
}

static void emit(enum trace_kind kind, uint32_t reason)
{
    struct trace_record r = {.icount = icount, .kind = kind, .reason = reason, .from = 3, .to = 2};

    for (unsigned i = 0; i < sink_count; i++)
        sinks[i].take(sinks[i].ctx, &r, 1);
}

static void say(const char *text)
{
    if (out)
        out(NULL, (const uint8_t *)text, strlen(text));
}

static void host_tick(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
    if (ticker)
        ticker(ticker_ctx);
}

/* One order; false = the machine stands (with *why). */
static bool order(const char *text, enum sim_stop *why)
{
    unsigned long n = 0;
    char word[16] = "";

    sscanf(text, "%15s %lu", word, &n);
    if (strcmp(word, "print") == 0) {
        say(text + 6);
        say("\n");
    } else if (strcmp(word, "bytes") == 0) {
        while (n-- && !stop_wanted)
            say("0123456789abcdef0123456789abcdef\n");
    } else if (strcmp(word, "syscall") == 0) {
        for (; n; n--, calls++)
            emit(TRACE_SYSCALL, (uint32_t)n);
    } else if (strcmp(word, "exit") == 0) {
        exit_code = (int)n;
        emit(TRACE_EXIT, (uint32_t)n);
        *why = SIM_STOP_EXIT;
    } else if (strcmp(word, "echo") == 0) {
        char c[2] = "";
        while (queue_read < queue_n && c[0] != '\n') {
            c[0] = (char)queue[queue_read++];
            say(c);
        }
        if (c[0] != '\n') {
            host_tick();
            return false;
        }
    } else if (strcmp(word, "slow") == 0) {
        static unsigned long slept;
        host_tick();
        if (n == 0 || slept++ < n)
            return false;
    } else if (strcmp(word, "triple") == 0) {
        *why = SIM_STOP_TRIPLE;
    } else if (strcmp(word, "halt") == 0) {
        *why = SIM_STOP_HALTED;
    } else if (strcmp(word, "reset") == 0) {
        *why = SIM_STOP_RESET;
    } else if (strcmp(word, "panic") == 0) {
        *why = SIM_STOP_PANIC;
    } else if (strcmp(word, "stall") == 0) {
        if (!stall_limit)
            return false;
        *why = SIM_STOP_STALL;
    }
    return true;
}

static uint64_t cost(const char *text)
{
    unsigned long n;

    return sscanf(text, "count %lu", &n) == 1 ? n : 10;
}

static bool probe_stops(void)
{
    if (probe_passed || left || probe_at != at_line * 16ull)
        return false;
    probe_passed = true;
    probe_fn(NULL, 1, probe_at);
    return stop_wanted;
}

enum sim_stop sim_run(uint64_t until)
{
    enum sim_stop why = SIM_STOP_NONE;

    while (why == SIM_STOP_NONE) {
        plan_look();
        if (icount >= until)
            return SIM_STOP_ICOUNT;
        if (stop_wanted || probe_stops()) {
            stop_wanted = false;
            return SIM_STOP_REQUEST;
        }
        if (at_line >= lines)
            return SIM_STOP_HALTED;
        if (!left)
            left = cost(line[at_line]);
        uint64_t step = left < until - icount ? left : until - icount;
        icount += step;
        left -= step;
        if (!left && order(line[at_line], &why)) {
            at_line++;
            probe_passed = false;
        }
    }
    return why;
}

enum sim_stop sim_step(void)
{
    return sim_run(icount + 1);
}

void sim_stop_request(void)
{
    stop_wanted = true;
}

const char *sim_stop_text(void)
{
    return "scripted";
}

const char *sim_stop_name(enum sim_stop why)
{
    static const char *const names[] = {"running",      "exit",  "icount", "request", "halted",
                                        "triple-fault", "reset", "panic",  "stall"};
    return names[why];
}

enum sim_stop sim_stop_why(void)
{
    return SIM_STOP_REQUEST;
}

int sim_exit_code(void)
{
    return exit_code;
}

void sim_stall(uint64_t n)
{
    stall_limit = n;
}

uint64_t sim_icount(void)
{
    return icount;
}

uint64_t sim_ticks(void)
{
    return icount;
}

bool sim_pc(void)
{
    return is_pc;
}

uint64_t sim_mem_bytes(void)
{
    return mem_bytes;
}

void sim_console_output(sim_console_fn *fn, void *ctx)
{
    (void)ctx;
    out = fn;
}

int sim_console_input(const uint8_t *bytes, size_t n)
{
    if (queue_n - queue_read + n > QUEUE)
        return sim_fail("more than 1 MiB of input waits");
    memmove(queue, queue + queue_read, queue_n - queue_read);
    queue_n -= queue_read;
    queue_read = 0;
    memcpy(queue + queue_n, bytes, n);
    queue_n += n;
    return 0;
}

int sim_console_input_at(uint64_t ticks, const uint8_t *bytes, size_t n)
{
    struct planned p = {.ticks = ticks, .n = n < sizeof p.bytes ? n : sizeof p.bytes};
    unsigned at = plan_count++;

    memcpy(p.bytes, bytes, p.n);
    for (; at > 0 && plan[at - 1].ticks > ticks; at--)
        plan[at] = plan[at - 1];
    plan[at] = p;
    return 0;
}

static void plan_look(void)
{
    while (plan_next < plan_count && plan[plan_next].ticks <= icount) {
        sim_console_input(plan[plan_next].bytes, plan[plan_next].n);
        plan_next++;
    }
}

void sim_host_tick(void (*fn)(void *ctx), void *ctx)
{
    ticker = fn;
    ticker_ctx = ctx;
}

int sim_sink_add(const struct sim_sink *sink)
{
    sinks[sink_count++] = *sink;
    return 0;
}

void sim_sink_remove(void *ctx)
{
    for (unsigned i = 0; i < sink_count; i++) {
        if (sinks[i].ctx == ctx)
            sinks[i] = sinks[--sink_count];
    }
}

void sim_event_flush(void)
{
}

unsigned sim_space_count(void)
{
    return 2;
}

const struct sim_space *sim_space(unsigned index)
{
    static const struct sim_space spaces[] = {{.name = "none", .live = true},
                                              {.name = "evil\033[31m\n", .cr3 = 0x1000}};
    return index < 2 ? &spaces[index] : NULL;
}

const char *sim_label(unsigned id)
{
    (void)id;
    return NULL;
}

size_t sim_charges(struct sim_charge *rows, size_t max)
{
    const struct sim_charge now[] = {{2, 1, icount - icount / 3, 1}, {3, 1, icount / 3, 2}};

    for (size_t i = 0; i < 2 && i < max; i++)
        rows[i] = now[i];
    return 2;
}

uint64_t sim_event_count(enum trace_kind kind)
{
    return kind == TRACE_SYSCALL ? calls : 0;
}

const char *sim_reg_name(enum sim_reg r)
{
    static const char *const names[] = {
#define SIM_REG(name, bits) #name,
#include "sim/regs.def"
#undef SIM_REG
    };
    return names[r];
}

unsigned sim_reg_bits(enum sim_reg r)
{
    static const unsigned bits[] = {
#define SIM_REG(name, bits) bits,
#include "sim/regs.def"
#undef SIM_REG
    };
    return bits[r];
}

uint64_t sim_reg_get(enum sim_reg r)
{
    return r == SIM_REG_rip ? at_line * 16ull : r;
}

int sim_st_get(unsigned n, uint8_t st[10])
{
    memset(st, (int)n, 10);
    return 0;
}

const void *sim_sym_bytes(const char *image, size_t *n)
{
    (void)image;
    *n = 0;
    return NULL;
}

int sim_st_set(unsigned n, const uint8_t st[10])
{
    (void)st;
    return n < 8 ? 0 : -1;
}

int sim_vec_set(unsigned n, const struct sim_vec *v)
{
    (void)v;
    return n < 16 ? 0 : -1;
}

int sim_vec_get(unsigned n, struct sim_vec *v)
{
    memset(v, 0, sizeof *v);
    return n < 16 ? 0 : -1;
}

enum sim_mode sim_mode(void)
{
    return SIM_MODE_LONG;
}

unsigned sim_cpl(void)
{
    return 3;
}

size_t sim_phys_read(gpa at, void *to, size_t n)
{
    memset(to, at == 0x5000 ? 7 : 0, n);
    return at + n <= mem_bytes && at != 0xa0000 ? n : 0;
}

int sim_probe_virt(uint64_t cr3, gva at, sim_probe_fn *fn, void *ctx)
{
    (void)cr3, (void)ctx;
    probe_at = at;
    probe_fn = fn;
    return 1;
}

int sim_probe_phys(gpa at, sim_probe_fn *fn, void *ctx)
{
    (void)at, (void)fn, (void)ctx;
    return 1;
}

void sim_probe_remove(int probe)
{
    (void)probe;
}

int sim_snapshot_schedule(unsigned max, uint64_t bytes)
{
    (void)max, (void)bytes;
    return 0;
}

int sim_sym_address(const char *text, gva *at)
{
    unsigned n;

    if (sscanf(text, "line%u", &n) == 1)
        *at = n * 16ull;
    else if (sscanf(text, "0x%llx", (unsigned long long *)at) != 1)
        return sim_fail("no symbol '%s'; near: line1", text);
    return 0;
}

int sim_sym_name(const char *image, gva at, char *to, size_t max)
{
    (void)image;
    snprintf(to, max, "line%u", (unsigned)(at / 16));
    return 0;
}

int sim_sym_line(const char *image, gva at, char *to, size_t max)
{
    (void)image;
    snprintf(to, max, "script:%u", (unsigned)(at / 16));
    return 0;
}

void sim_account(bool on)
{
    (void)on;
}

size_t sim_screen_text(char *to, size_t max)
{
    snprintf(to, max, "screen\n");
    return 7;
}

/* The screen's first cells: what was typed on the keyboard, each press a letter. */
static char typed[32];
static unsigned typed_n;

void sim_screen_cells(struct sim_screen *screen, struct sim_cell *cells, size_t max)
{
    *screen = (struct sim_screen){.cols = 80, .rows = 25, .cursor_on = true};
    screen->cursor_col = typed_n;
    for (size_t i = 0; i < 80 * 25 && i < max; i++)
        cells[i] = (struct sim_cell){.c = i < typed_n ? (uint8_t)typed[i] : ' ', .fore = 7};
    const char *words = "live screen";
    for (size_t i = 0; words[i]; i++)
        cells[80 + i].c = (uint8_t)words[i];
}

int sim_keys(const uint8_t *movements, size_t n)
{
    for (size_t i = 0; i < n && typed_n < sizeof typed; i++) {
        uint8_t key = movements[i];
        if (!(key & SIM_KEY_UP) && key >= SIM_KEY_a && key <= SIM_KEY_z)
            typed[typed_n++] = (char)('a' + key - SIM_KEY_a);
    }
    return 0;
}

int sim_keys_at(uint64_t ticks, const uint8_t *movements, size_t n)
{
    (void)ticks;
    return sim_keys(movements, n);
}

int sim_screen_png(const char *path)
{
    FILE *f = fopen(path, "w");

    if (!f)
        return sim_fail("%s: cannot be written", path);
    fputs("picture\n", f);
    return fclose(f) == 0 ? 0 : sim_fail("%s: cannot be written", path);
}

/* The stand-in has no past. */
int sim_snapshot(void)
{
    return sim_fail("no snapshots here");
}

unsigned sim_snapshot_count(void)
{
    return 0;
}

uint64_t sim_snapshot_change(uint64_t before)
{
    (void)before;
    return 0;
}

uint64_t sim_snapshot_icount(unsigned n)
{
    return n;
}

bool sim_interrupted(void)
{
    return false;
}

bool sim_in_guest(void)
{
    return false;
}

int sim_goto(uint64_t to)
{
    return sim_fail("no way back to %llu here", (unsigned long long)to);
}

/* Nor faults. */
size_t sim_faults(struct sim_fault out[SIM_FAULTS])
{
    (void)out;
    return 0;
}

/* Of what only scripts ask for there is nothing. */
uint64_t sim_debug_block(void)
{
    return 0;
}

unsigned sim_domain_now(void)
{
    return 0;
}

unsigned sim_behalf_now(uint32_t *thread)
{
    *thread = 0;
    return 0;
}

int sim_listen(uint64_t kinds, sim_listen_fn *fn, void *ctx)
{
    (void)kinds, (void)fn, (void)ctx;
    return 0;
}

void sim_unlisten(int id)
{
    (void)id;
}

size_t sim_phys_write(gpa at, const void *from, size_t n)
{
    (void)at, (void)from, (void)n;
    return 0;
}

size_t sim_virt_read(uint64_t cr3, gva at, void *to, size_t n)
{
    (void)cr3;
    return sim_phys_read(at, to, n);
}

size_t sim_virt_write(uint64_t cr3, gva at, const void *from, size_t n)
{
    (void)cr3, (void)at, (void)from, (void)n;
    return 0;
}

int sim_walk(uint64_t cr3, gva va, struct sim_walk *walk)
{
    (void)cr3, (void)va;
    *walk = (struct sim_walk){.present = false};
    return -1;
}

int sim_reg_find(const char *name)
{
    (void)name;
    return -1;
}

int sim_reg_set(enum sim_reg r, uint64_t value)
{
    (void)r, (void)value;
    return sim_fail("no registers here");
}

int sim_watch(uint64_t cr3, gva at, size_t n, unsigned how, sim_watch_fn *fn, void *ctx)
{
    (void)cr3, (void)at, (void)n, (void)how, (void)fn, (void)ctx;
    return sim_fail("no watchpoints here");
}

void sim_watch_remove(int watch)
{
    (void)watch;
}

int sim_sym_add_file(const char *image, const char *path)
{
    return sim_fail("no symbols of %s in %s", image, path);
}

int sim_sym_add_archive(const char *path)
{
    return sim_fail("no programs in %s", path);
}

const char *sim_sym_image(unsigned n)
{
    (void)n;
    return NULL;
}

int sim_sym_member(const char *image, const char *type, const char *member, uint64_t *offset)
{
    (void)image, (void)type, (void)member, (void)offset;
    return sim_fail("no structures here");
}

int sim_observe(const struct sim_size want[SIM_BUFFERS])
{
    (void)want;
    return -1;
}

void sim_observe_off(void)
{
}

size_t sim_observed(struct sim_observed *rows, size_t max)
{
    (void)rows, (void)max;
    return 0;
}

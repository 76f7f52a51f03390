/* sim/core/machine.c -- the one machine: made, run in stretches, stopped; its console and its input.
 *
 * A run is a series of stretches, each ended at an exact instruction count (a limit, a snapshot, the
 * watchdog) or when somebody wants attention (host tick, stop). Between stretches no frame of the
 * engine is on the stack, so that is where tools are called and snapshots taken.
 * Invariant: what reaches the guest from outside is in the input log with the tick at which it came,
 * and comes by a timer, live as in a replay; so the same log gives the same run.
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include "sim/core/boot.h"
#include "sim/core/event.h"
#include "sim/core/machine.h"
#include "sim/core/pcconf.h"
#include "sim/core/shim.h"
#include "sim/dev/uart.h"
#include "sim/mem.h"
#include "sim/snap.h"
#include "sim/sym.h"
#include "abi/boot/rom.h"

#define HOST_TICK_USEC 50000
#define OUTPUT_MAX 512
#define DEFAULT_IPS 100000000ull

/* ---- the machine's own state: goes back in time ---- */

struct wires {
    struct uart uart;
    uint64_t sent;       /* bytes the guest has printed so far */
    uint64_t input_next; /* entries of the input log already given to the guest */
    uint64_t ips;
    int exit_code;
};
static struct wires *wires MACHINE_STATE = NULL;

/* ---- the tool's state ---- */

static bool created, replaying, snapshot_wanted;
static volatile sig_atomic_t stop_wanted, tick_wanted;
static enum sim_stop stop;
static char stop_text[400];
static uint64_t stall_after;
static struct {
    sim_console_fn *out;
    void *ctx;
    uint64_t delivered; /* of wires->sent */
    uint8_t bytes[OUTPUT_MAX];
    size_t n;
} console;
static struct {
    void (*fn)(void *);
    void *ctx;
} host;

struct input {
    uint64_t ticks; /* when it reaches the serial port */
    uint32_t at, n; /* in input_bytes */
    bool planned;   /* asked for in advance: belongs to every future */
};
static struct input *inputs;
static size_t input_count, input_max;
static uint8_t *input_bytes;
static size_t input_used, input_room;

bool machine_stopping(void)
{
    return stop_wanted || stop != SIM_STOP_NONE;
}

bool machine_replaying(void)
{
    return replaying;
}

void machine_flush_code(void)
{
    if (created)
        bxs_flush_code();
}

/* ---- console ---- */

static void console_flush(void)
{
    size_t n = console.n;
    console.n = 0;
    if (n && console.out)
        console.out(console.ctx, console.bytes, n);
}

void machine_console(const uint8_t *bytes, size_t n)
{
    event_alive(bxs_icount());
    for (size_t i = 0; i < n; i++) {
        if (wires->sent++ < console.delivered)
            continue; /* said before: this is a replay */
        console.delivered = wires->sent;
        console.bytes[console.n++] = bytes[i];
        if (console.n == OUTPUT_MAX || bytes[i] == '\n')
            console_flush();
    }
}

void sim_console_output(sim_console_fn *out, void *ctx)
{
    console.out = out;
    console.ctx = ctx;
}

/* ---- serial port ---- */

static void uart_irq(void *ctx, bool level)
{
    (void)ctx;
    bxs_irq(UART_IRQ, level);
}

static void uart_tx(void *ctx, uint8_t byte)
{
    (void)ctx;
    machine_console(&byte, 1);
}

static void uart_wait(void *ctx, unsigned usec)
{
    (void)ctx;
    bxs_timer(SIM_TIMER_UART, bxs_ticks() + usec * (wires->ips / 1000000));
}

static const struct uart_ops uart_ops = {uart_irq, uart_tx, uart_wait};

uint8_t up_uart_read(unsigned offset)
{
    return uart_read(&wires->uart, offset);
}

void up_uart_write(unsigned offset, uint8_t value)
{
    uart_write(&wires->uart, offset, value);
}

/* ---- input log ---- */

static void input_arm(void)
{
    if (wires->input_next < input_count)
        bxs_timer(SIM_TIMER_INPUT, inputs[wires->input_next].ticks);
}

static void input_arrives(void)
{
    while (wires->input_next < input_count && inputs[wires->input_next].ticks <= bxs_ticks()) {
        const struct input *in = &inputs[wires->input_next++];
        uart_rx_push(&wires->uart, input_bytes + in->at, in->n);
    }
    input_arm();
}

void up_timer(unsigned timer)
{
    if (timer == SIM_TIMER_INPUT)
        input_arrives();
    else
        uart_rx_next(&wires->uart);
}

static size_t input_waiting(void)
{
    size_t n = uart_rx_pending(&wires->uart);
    for (size_t i = wires->input_next; i < input_count; i++)
        n += inputs[i].n;
    return n;
}

static int grow(void **p, size_t *room, size_t want, size_t each)
{
    size_t n = *room ? *room : 64;
    while (n < want)
        n *= 2;
    void *q = n == *room ? *p : realloc(*p, n * each);
    if (!q)
        return sim_fail("no memory for console input");
    *p = q;
    *room = n;
    return 0;
}

/* Into the log behind all that comes no later; what the guest was given stays where it is. */
static int input_put(struct input in, const uint8_t *bytes)
{
    size_t at = input_count;
    if (input_waiting() + in.n > UART_INPUT)
        return sim_fail("the guest does not read its console: more than 1 MiB of input waits");
    if (grow((void **)&inputs, &input_max, input_count + 1, sizeof *inputs) < 0 ||
        grow((void **)&input_bytes, &input_room, input_used + in.n, 1) < 0)
        return -1;
    while (at > wires->input_next && inputs[at - 1].ticks > in.ticks)
        at--;
    memmove(&inputs[at + 1], &inputs[at], (input_count - at) * sizeof *inputs);
    in.at = (uint32_t)input_used;
    inputs[at] = in;
    input_count++;
    memcpy(input_bytes + input_used, bytes, in.n);
    input_used += in.n;
    input_arm();
    return 0;
}

int sim_console_input(const uint8_t *bytes, size_t n)
{
    if (!created)
        return sim_fail("no machine to type to");
    if (n == 0)
        return 0;
    if (n > UART_INPUT)
        return sim_fail("more than 1 MiB of input at once");
    machine_diverge();
    return input_put((struct input){.ticks = bxs_ticks() + 1, .n = (uint32_t)n}, bytes);
}

int sim_console_input_at(uint64_t ticks, const uint8_t *bytes, size_t n)
{
    if (!created)
        return sim_fail("no machine to type to");
    if (ticks <= bxs_ticks())
        return sim_fail("the machine's clock is past %llu already", (unsigned long long)ticks);
    if (n > UART_INPUT)
        return sim_fail("more than 1 MiB of input at once");
    if (n == 0)
        return 0;
    return input_put((struct input){.ticks = ticks, .n = (uint32_t)n, .planned = true}, bytes);
}

/* ---- going back ---- */

/* What was typed after this moment in another future never happens; what was planned still does. */
static void input_forget(void)
{
    size_t kept = wires->input_next;
    if (kept >= input_count || inputs[kept].ticks <= bxs_ticks() + 1)
        return;
    for (size_t i = kept; i < input_count; i++) {
        if (inputs[i].planned)
            inputs[kept++] = inputs[i];
    }
    input_count = kept;
}

void machine_diverge(void)
{
    if (!created || replaying)
        return;
    input_forget();
    console.delivered = wires->sent;
    event_diverge();
    snap_diverge(bxs_icount());
}

void machine_leave_present(void)
{
    console_flush();
    sim_event_flush();
}

void machine_restored(void)
{
    uart_attach(&wires->uart, &uart_ops, NULL);
    bxs_restored();
    input_arm();
}

/* ---- stops ---- */

static void stop_set(enum sim_stop why, const char *text)
{
    if (stop == SIM_STOP_NONE) {
        stop = why;
        snprintf(stop_text, sizeof stop_text, "%s", text);
    }
    bxs_stop();
}

void up_stopped(enum sim_stop why, const char *text)
{
    stop_set(why, text);
}

void up_poke(void)
{
    bxs_stop();
}

void machine_exit(int code)
{
    wires->exit_code = code & 255;
    stop_set(SIM_STOP_EXIT, "the guest ended the run");
}

void machine_snapshot_wanted(void)
{
    snapshot_wanted = true;
    bxs_stop();
}

void sim_stop_request(void)
{
    stop_wanted = 1;
    bxs_poke();
}

int sim_exit_code(void)
{
    return wires ? wires->exit_code : 0;
}

const char *sim_stop_text(void)
{
    return stop_text;
}

const char *sim_stop_name(enum sim_stop why)
{
    static const char *const names[] = {
        [SIM_STOP_NONE] = "none",       [SIM_STOP_EXIT] = "exit",
        [SIM_STOP_ICOUNT] = "icount",   [SIM_STOP_REQUEST] = "request",
        [SIM_STOP_HALTED] = "halted",   [SIM_STOP_TRIPLE] = "triple-fault",
        [SIM_STOP_RESET] = "reset",     [SIM_STOP_PANIC] = "panic",
        [SIM_STOP_STALL] = "stall",
    };
    return (unsigned)why <= SIM_STOP_STALL ? names[why] : "?";
}

void sim_stall(uint64_t n)
{
    stall_after = n;
    if (n)
        sim_account(true); /* crossings are what it watches for */
}

/* ---- running ---- */

static void on_alarm(int sig)
{
    (void)sig;
    tick_wanted = 1;
    bxs_poke();
}

void sim_host_tick(void (*fn)(void *), void *ctx)
{
    struct sigaction act = {.sa_handler = fn ? on_alarm : SIG_DFL, .sa_flags = SA_RESTART};
    struct itimerval every = {{0, fn ? HOST_TICK_USEC : 0}, {0, fn ? HOST_TICK_USEC : 0}};
    host.fn = fn;
    host.ctx = ctx;
    if (!fn)
        setitimer(ITIMER_REAL, &every, NULL);
    sigaction(SIGALRM, &act, NULL);
    if (fn)
        setitimer(ITIMER_REAL, &every, NULL);
}

static uint64_t stall_deadline(void)
{
    uint64_t at;
    if (!stall_after || __builtin_add_overflow(event_progress(), stall_after, &at))
        return UINT64_MAX;
    return at;
}

static void check_stall(void)
{
    if (replaying || bxs_icount() < stall_deadline())
        return;
    char text[160];
    snprintf(text, sizeof text,
             "no crossing, marker or console output in the last %llu instructions",
             (unsigned long long)stall_after);
    stop_set(SIM_STOP_STALL, text);
}

/* What is to be done where the machine stands. */
static void between(void)
{
    console_flush();
    sim_event_flush();
    if (snapshot_wanted) {
        snapshot_wanted = false;
        sim_snapshot();
    }
    if (tick_wanted && !replaying) {
        tick_wanted = 0;
        if (host.fn)
            host.fn(host.ctx);
    }
    if (stop_wanted && !replaying) {
        stop_wanted = 0;
        stop_set(SIM_STOP_REQUEST, "stopped on request");
    }
    check_stall();
}

static uint64_t min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void stretch(uint64_t until)
{
    uint64_t end = until;
    if (!replaying)
        end = min(end, min(snap_due(bxs_icount()), stall_deadline()));
    if (end <= bxs_icount())
        end = bxs_icount() + 1; /* the watchdog is due: let it see one more */
    bxs_alarm(end);
    bxs_run();
}

enum sim_stop sim_run(uint64_t until)
{
    if (!created) {
        sim_fail("no machine to run: sim_create() first");
        return SIM_STOP_PANIC;
    }
    stop = SIM_STOP_NONE;
    stop_text[0] = 0;
    while (stop == SIM_STOP_NONE && bxs_icount() < until) {
        stretch(until);
        between();
    }
    if (stop == SIM_STOP_NONE)
        stop = SIM_STOP_ICOUNT;
    return stop;
}

enum sim_stop sim_step(void)
{
    return sim_run(bxs_icount() + 1);
}

int machine_replay(uint64_t to)
{
    replaying = true;
    enum sim_stop why = sim_run(to);
    replaying = false;
    if (why == SIM_STOP_ICOUNT)
        return 0;
    return sim_fail("the machine stopped at instruction %llu, before %llu: %s",
                    (unsigned long long)bxs_icount(), (unsigned long long)to, stop_text);
}

/* ---- making and unmaking ---- */

uint64_t sim_icount(void)
{
    return created ? bxs_icount() : 0;
}

uint64_t sim_ticks(void)
{
    return created ? bxs_ticks() : 0;
}

uint64_t sim_mem_bytes(void)
{
    return created ? bxs_ram_bytes() : 0;
}

/* The ROM's two parameters; see abi/boot/rom.h. */
static int rom_set(uint32_t entry, uint32_t start_info)
{
    uint8_t *rom = bxs_ram(ROM_BASE + (ROM_ENTRY_AT & 0xf000), 4096);
    if (!rom || memcmp(rom + (ROM_MAGIC_AT & 0xfff), ROM_MAGIC, sizeof ROM_MAGIC) != 0)
        return sim_fail("the boot ROM is damaged: install Flatfish again");
    memcpy(rom + (ROM_ENTRY_AT & 0xfff), &entry, 4);
    memcpy(rom + (ROM_START_AT & 0xfff), &start_info, 4);
    return 0;
}

static int put_boot_image(const struct boot_image *image)
{
    for (unsigned i = 0; i < image->pieces; i++) {
        const struct boot_piece *p = &image->piece[i];
        if (sim_phys_write(p->at, p->bytes, p->n) != p->n)
            return sim_fail("the boot image does not fit the machine's memory: give more --mem");
    }
    return rom_set(image->entry, image->start_info);
}

static int boot_direct(const struct sim_config *config, struct boot_image *image)
{
    int bad = put_boot_image(image);
    boot_image_free(image);
    if (!bad)
        sim_sym_add_file("kernel", config->kernel); /* without symbols it runs all the same */
    return bad;
}

static int wires_open(uint64_t ips)
{
    wires = bxs_calloc(1, sizeof *wires);
    if (!wires)
        return sim_fail("no memory for the machine's devices");
    wires->ips = ips ? ips : DEFAULT_IPS;
    uart_init(&wires->uart, &uart_ops, NULL, false);
    return event_open();
}

static int config_check(const struct sim_config *c)
{
    if (created)
        return sim_fail("this process has a machine already");
    if (c->mem_mib < 16 || c->mem_mib > 3072)
        return sim_fail("memory must be 16 to 3072 MiB, not %u: choose with --mem", c->mem_mib);
    return 0;
}

/* A machine with its firmware and nothing to boot yet. */
static int make_empty(const struct sim_config *config)
{
    struct pcconf conf;
    if (pcconf_make(&conf, config) < 0)
        return -1;
    int bad = wires_open(config->ips) < 0 ||
              bxs_create(conf.lines, conf.n, config->log_path, !config->pc) < 0;
    pcconf_free(&conf);
    if (bad)
        return -1;
    created = true;
    snap_config(config);
    if (config->jitter)
        bxs_jitter(config->jitter_seed);
    return 0;
}

int machine_make_empty(const struct sim_config *config, const char *kernel)
{
    if (config_check(config) < 0 || make_empty(config) < 0)
        return -1;
    if (kernel)
        sim_sym_add_file("kernel", kernel);
    return 0;
}

int sim_create(const struct sim_config *config)
{
    struct boot_image image;
    if (config_check(config) < 0)
        return -1;
    if (config->pc)
        return make_empty(config);
    if (!config->kernel)
        return sim_fail("a machine needs something to boot: a kernel, or a disk or CD in PC mode");
    if (boot_image_load(&image, config->kernel, config->initrd, config->append,
                        (uint64_t)config->mem_mib << 20) < 0)
        return -1;
    if (make_empty(config) < 0) {
        boot_image_free(&image);
        return -1;
    }
    return boot_direct(config, &image);
}

void sim_destroy(void)
{
    snap_close();
    sim_host_tick(NULL, NULL);
    if (created) {
        console_flush();
        sim_event_flush();
        bxs_destroy();
    }
    created = false;
}

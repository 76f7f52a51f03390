/* sim/core/machine.c -- the one machine: made, run in stretches, stopped.
 *
 * A run is a series of stretches, each ended at an exact instruction count (a limit, a snapshot,
 * the watchdog) or when somebody wants attention (host tick, stop). Between stretches no frame of
 * the engine is on the stack, so that is where tools are called and snapshots taken.
 * Invariant: outside a stretch the machine stands at an instruction boundary, its clock up to date,
 * nothing waiting in a batch.
 * SPDX-License-Identifier: MIT */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include "sim/core/boot.h"
#include "sim/core/input.h"
#include "sim/core/keyboard.h"
#include "sim/core/serial.h"
#include "sim/core/event.h"
#include "sim/core/machine.h"
#include "sim/core/pcconf.h"
#include "sim/core/shim.h"
#include "sim/mem.h"
#include "sim/snap.h"
#include "sim/sym.h"
#include "abi/boot/rom.h"

#define HOST_TICK_USEC 50000

static int exit_code MACHINE_STATE = 0;

/* The tool's state. */
static bool created, replaying, snapshot_wanted, running, code_stale;
static volatile sig_atomic_t stop_wanted, tick_wanted;
static enum sim_stop stop;
static char stop_text[400];
static bool pc;
static uint64_t stall_after;
static struct {
    void (*fn)(void *);
    void *ctx;
} host;

bool machine_stopping(void)
{
    return stop_wanted || stop != SIM_STOP_NONE;
}

bool machine_replaying(void)
{
    return replaying;
}

/* Costs a millisecond or two: of many changes while the machine stands, the last one counts. */
void machine_flush_code(void)
{
    if (created && running)
        bxs_flush_code();
    else
        code_stale = true;
}

/* ---- going back ---- */

void machine_diverge(void)
{
    if (!created || replaying)
        return;
    input_diverge();
    serial_diverge();
    event_diverge();
    snap_diverge();
}

/* Of a change made from a callback, while the machine runs, nothing is kept. */
void machine_changed(void)
{
    machine_diverge();
    if (!running && !replaying)
        snap_changed();
}

void machine_leave_present(void)
{
    serial_flush();
    sim_event_flush();
}

void machine_restored(void)
{
    bxs_restored();
    serial_restored();
    input_restored();
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

void up_timer(unsigned timer)
{
    if (timer == SIM_TIMER_INPUT)
        input_arrives();
    else if (timer == SIM_TIMER_UART)
        serial_next();
    else
        keyboard_next();
}

void machine_exit(int code)
{
    exit_code = code & 255;
    stop_set(SIM_STOP_EXIT, "the guest ended the run");
}

void machine_snapshot_wanted(void)
{
    if (!snap_worth_it(bxs_icount()))
        return;
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
    return exit_code;
}

const char *sim_stop_text(void)
{
    return stop_text;
}

const char *sim_stop_name(enum sim_stop why)
{
    static const char *const names[] = {
        [SIM_STOP_NONE] = "none",     [SIM_STOP_EXIT] = "exit",
        [SIM_STOP_ICOUNT] = "icount", [SIM_STOP_REQUEST] = "request",
        [SIM_STOP_HALTED] = "halted", [SIM_STOP_TRIPLE] = "triple-fault",
        [SIM_STOP_RESET] = "reset",   [SIM_STOP_PANIC] = "panic",
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

/* Without a function the signal is ignored: one may be on its way that was sent before. */
void sim_host_tick(void (*fn)(void *), void *ctx)
{
    struct sigaction act = {.sa_handler = fn ? on_alarm : SIG_IGN, .sa_flags = SA_RESTART};
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
    serial_flush();
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
    if (code_stale)
        bxs_flush_code();
    code_stale = false;
    bxs_alarm(end);
    running = true;
    bxs_run();
    running = false;
}

enum sim_stop sim_run(uint64_t until)
{
    if (!created) {
        sim_fail("no machine to run: sim_create() first");
        return SIM_STOP_PANIC;
    }
    if (!replaying) {
        snap_keep_change();
        snap_goes_on();
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
    if (why == SIM_STOP_ICOUNT || bxs_icount() >= to)
        return 0;
    return sim_fail("the machine stopped at instruction %llu, before %llu: %s",
                    (unsigned long long)bxs_icount(), (unsigned long long)to, stop_text);
}

/* ---- making and unmaking ---- */

int sim_interrupt(unsigned vector)
{
    if (!created)
        return sim_fail("no machine to interrupt");
    if (vector < 16 || vector > 255)
        return sim_fail("interrupt vector %u: 16 to 255 can be asked for", vector);
    machine_changed();
    bxs_interrupt(vector);
    return 0;
}

enum sim_stop sim_stop_why(void)
{
    return stop;
}

uint64_t sim_icount(void)
{
    return created ? bxs_icount() : 0;
}

bool sim_interrupted(void)
{
    return created && bxs_interrupted();
}

uint64_t sim_ticks(void)
{
    return created ? bxs_ticks() : 0;
}

bool sim_pc(void)
{
    return created && pc;
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
    int bad = serial_open(config->ips) < 0 || keyboard_open(config->ips) < 0 || event_open() < 0 ||
              bxs_create(conf.lines, conf.n, config->log_path, !config->pc) < 0;
    pcconf_free(&conf);
    if (bad)
        return -1;
    created = true;
    pc = config->pc;
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

int sim_log_flush(void)
{
    return created && bxs_log_flush() != 0 ? sim_fail("the log cannot be written to its end: make "
                                                      "room, or name another file")
                                           : 0;
}

void sim_destroy(void)
{
    snap_close();
    sim_host_tick(NULL, NULL);
    if (created) {
        serial_flush();
        sim_event_flush();
        bxs_destroy();
    }
    created = false;
}

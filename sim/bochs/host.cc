/* sim/bochs/host.cc -- Bochs's life inside our process: start, run, stop, clock, log, panics.
 *
 * Bochs is started by its own functions in the order in which its main() calls them, with our
 * configuration lines as its command line, and never asks anybody anything: what it would print
 * goes to the log, what would end the process stops the machine instead.
 * Invariant: after bxs_run() returns, the machine stands at an instruction boundary with its clock
 * brought up to date, and no frame of Bochs is on the stack.
 * SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio_ext.h>
#include <sys/time.h>
#include "sim/bochs/engine.h"
#include "sim/core/pcconf.h"
#include "sim/dev/uart.h"

#define CPU             BX_CPU(0)
#define HEARTBEAT_TICKS 100000 /* how often a halted machine looks whether somebody wants it */

int bx_init_main(int argc, char *argv[]);
bool load_and_init_display_lib(void);
void bx_init_hardware(void);
extern bool bx_user_quit;
extern Bit8u bx_cpu_count;
#if BX_SUPPORT_APIC
extern Bit32u apic_id_mask;
extern bool simulate_xapic;
#endif

bool engine_starting; /* a panic jumps back to bxs_create() */
static jmp_buf start_context;
static bool created;
static bool stopping; /* leave bxs_run() */
static FILE *log_file;
static int timer_ids[SIM_TIMERS] MACHINE_STATE = {0};
static Bit64u rand_state MACHINE_STATE = 1;

/* Bochs's own stdout and stderr. Its constructors run before main() and keep them. */
extern "C" {
FILE *bxs_stdout, *bxs_stderr;
}
__attribute__((constructor(102))) static void silence(void)
{
    bxs_stdout = bxs_stderr = fopen("/dev/null", "we");
}

/* An unknown CPU model is the one mistake in the configuration that a user can make. */
static void refuse_model(void)
{
    char names[1200] = "";
    bx_param_enum_c *model = SIM->get_param_enum(BXPN_CPU_MODEL);
    for (Bit64s i = model->get_min(); i <= model->get_max(); i++) {
        strncat(names, " ", sizeof names - strlen(names) - 1);
        strncat(names, model->get_choice(i), sizeof names - strlen(names) - 1);
    }
    sim_mistake("there is no such CPU model; give --cpu one of:%s", names);
    longjmp(start_context, 1);
}

void engine_log(const char *what, const char *text)
{
    if (log_file)
        fprintf(log_file, "engine: %s: %s\n", what, text);
}

/* Something that Bochs cannot go on from. Never returns while Bochs is starting or running. */
void engine_give_up(const char *text)
{
    engine_log("the end", text);
    if (engine_starting && strstr(text, "cpu directive"))
        refuse_model();
    if (engine_starting) {
        sim_fail("the simulated PC cannot start: %s", text);
        longjmp(start_context, 1);
    }
    up_stopped(SIM_STOP_PANIC, text);
    if (engine_running)
        longjmp(BX_CPU_C::jmp_buf_env, 1);
}

/* A PC switched off by its guest is a run that ended well, not a panic. */
static void switch_off(void)
{
    up_stopped(SIM_STOP_EXIT, "the guest switched the machine off");
    if (engine_running)
        longjmp(BX_CPU_C::jmp_buf_env, 1);
}

extern "C" {
/* Where redefine.syms sends what Bochs would do to the process. */
void bxs_exit(int code);
void bxs_abort(void);
void bxs_assert_fail(const char *expr, const char *file, unsigned line, const char *fn);
int bxs_printf(const char *format, ...);
int bxs_puts(const char *s);
int bxs_putchar(int c);
int bxs_rand(void);
void (*bxs_signal(int sig, void (*fn)(int)))(int);
unsigned bxs_seconds_alarm(unsigned seconds);
time_t bxs_time(time_t *out);
int bxs_gettimeofday(struct timeval *tv, void *zone);
int bxs_usleep(unsigned usec);

/* The machine's clock in place of the host's, so that nothing in it can tell the two apart. */
int bxs_gettimeofday(struct timeval *tv, void *zone)
{
    (void)zone;
    Bit64u usec = created ? bx_pc_system.time_usec() : 0;
    tv->tv_sec = PCCONF_TIME0 + usec / 1000000;
    tv->tv_usec = usec % 1000000;
    return 0;
}

time_t bxs_time(time_t *out)
{
    struct timeval tv;
    bxs_gettimeofday(&tv, NULL);
    if (out)
        *out = tv.tv_sec;
    return tv.tv_sec;
}

int bxs_usleep(unsigned usec)
{
    (void)usec;
    return 0;
}

void bxs_exit(int code)
{
    (void)code;
    engine_give_up("it asked to end the process");
    exit(1);
}

void bxs_abort(void)
{
    engine_give_up("it asked to abort");
    abort();
}

void bxs_assert_fail(const char *expr, const char *file, unsigned line, const char *fn)
{
    char text[256];
    snprintf(text, sizeof text, "%s:%u: %s: assertion %s", file, line, fn, expr);
    engine_give_up(text);
    abort();
}

int bxs_printf(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = log_file ? vfprintf(log_file, format, ap) : 0;
    va_end(ap);
    return n;
}

int bxs_puts(const char *s)
{
    return bxs_printf("%s\n", s);
}

int bxs_putchar(int c)
{
    return bxs_printf("%c", c);
}

/* rdrand and its like: one fixed sequence, part of the machine's state. */
int bxs_rand(void)
{
    rand_state = rand_state * 6364136223846793005ull + 1442695040888963407ull;
    return (int)(rand_state >> 33);
}

/* Signals belong to the program, not to Bochs. */
void (*bxs_signal(int sig, void (*fn)(int)))(int)
{
    (void)sig;
    (void)fn;
    return SIG_DFL;
}

unsigned bxs_seconds_alarm(unsigned seconds)
{
    (void)seconds;
    return 0;
}
}

/* Linked in place of logfunctions::fatal1: see wrap.syms. The ACPI power button register and the
 * firmware's shutdown port end Bochs by a fatal message. */
extern "C" void __wrap__ZN12logfunctions6fatal1EPKcz(logfunctions *who, const char *format, ...)
{
    char text[400];
    va_list ap;
    (void)who;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (strstr(text, "soft power off") || strstr(text, "Shutdown port"))
        switch_off();
    engine_give_up(text);
}

/* ---- our own timers and the serial port ---- */

static void heartbeat(void *self)
{
    (void)self;
    if (engine_poked)
        engine_leave();
}

static void timer_fired(void *self)
{
    up_timer((unsigned)((int *)self - timer_ids));
}

extern "C" void bxs_timer(unsigned timer, uint64_t at)
{
    Bit64u now = bx_pc_system.time_ticks(); /* exact here: in an I/O access, or standing still */
    bx_pc_system.activate_timer_ticks(timer_ids[timer], at > now ? at - now : 1, false);
    engine.timer_at = 0;
    engine_look();
}

static Bit32u port_read(void *self, Bit32u port, unsigned len)
{
    (void)self;
    (void)len;
    return up_uart_read(port - UART_PORT);
}

static void port_write(void *self, Bit32u port, Bit32u value, unsigned len)
{
    (void)self;
    (void)len;
    up_uart_write(port - UART_PORT, (Bit8u)value);
}

extern "C" void bxs_irq(unsigned line, bool level)
{
    if (level)
        DEV_pic_raise_irq(line);
    else
        DEV_pic_lower_irq(line);
}

extern "C" void bxs_interrupt(unsigned vector)
{
    BX_CPU(0)->lapic->trigger_irq((Bit8u)vector, APIC_EDGE_TRIGGERED);
}

static void attach_devices(void)
{
    static char self;
    for (unsigned port = UART_PORT; port < UART_PORT + UART_PORTS; port++) {
        DEV_register_ioread_handler(&self, port_read, port, "Flatfish serial port", 1);
        DEV_register_iowrite_handler(&self, port_write, port, "Flatfish serial port", 1);
    }
    DEV_register_irq(UART_IRQ, "Flatfish serial port");
    bx_pc_system.register_timer_ticks(&self, heartbeat, HEARTBEAT_TICKS, true, true, "heartbeat");
    clock_open();
    for (int *id = timer_ids; id < timer_ids + SIM_TIMERS; id++)
        *id = bx_pc_system.register_timer_ticks(id, timer_fired, 1, false, false, "flatfish");
}

/* ---- start and run ---- */

/* Bochs tells its user interface that time passes, and asks; there is nobody to answer but yes. */
static BxEvent *notified(void *self, BxEvent *event)
{
    (void)self;
    event->retcode = 0;
    return event;
}

#define BLOCK_KIB 1024 /* memory comes in whole MiB */

/* All of the guest's memory in ours: Bochs's option for that ends at 2 GiB, its code does not. */
static void hold_all_memory(void)
{
    bx_param_num_c *held = SIM->get_param_num(BXPN_HOST_MEM_SIZE);
    Bit64s mib = SIM->get_param_num(BXPN_MEM_SIZE)->get64();

    held->set_range(1, mib);
    held->set(mib);
    /* At the usual 128 KiB it takes seconds to list the blocks of 3 GiB. */
    SIM->get_param_num(BXPN_MEM_BLOCK_SIZE)->set(BLOCK_KIB);
}

static void start(const char *const *lines, size_t n)
{
    char *argv[96] = {(char *)"flatfish", (char *)"-q", (char *)"-n"};
    int argc = 3;
    for (size_t i = 0; i < n && argc < 95; i++)
        argv[argc++] = (char *)lines[i];
    logfunctions::set_default_action(LOGLEV_INFO, log_file ? ACT_REPORT : ACT_IGNORE);
    logfunctions::set_default_action(LOGLEV_ERROR, log_file ? ACT_REPORT : ACT_IGNORE);
    SAFE_GET_IOFUNC();
    SAFE_GET_GENLOG();
    bx_init_siminterface();
    SIM->set_notify_callback(notified, NULL);
    if (bx_init_main(argc, argv) < 0)
        engine_give_up("its configuration was refused");
    hold_all_memory();
    SIM->opt_plugin_ctrl("*", 1);
    if (!load_and_init_display_lib())
        engine_give_up("it has no display library");
    bx_user_quit = 0;
    bx_cpu_count = 1;
#if BX_SUPPORT_APIC
    simulate_xapic = true;
    apic_id_mask = 0xff;
#endif
    bx_init_hardware();
    SIM->set_init_done(1);
    attach_devices();
}

extern "C" int bxs_create(const char *const *lines, size_t n, const char *log_path, bool direct)
{
    log_file = log_path ? fopen(log_path, "a") : NULL;
    if (log_path && !log_file)
        return sim_fail("cannot write the log %s: choose another file with --log", log_path);
    if (log_file)
        bxs_stdout = log_file;
    engine.direct = direct;
    engine_starting = true;
    if (setjmp(start_context)) {
        engine_starting = false;
        return -1;
    }
    start(lines, n);
    engine_starting = false;
    panic_open();
    created = true;
    return 0;
}

extern "C" int bxs_log_flush(void)
{
    if (!log_file || (fflush(log_file) == 0 && !ferror(log_file)))
        return 0;
    __fpurge(log_file); /* nothing more shall come behind what is lost */
    return -1;
}

extern "C" void bxs_destroy(void)
{
    created = false;
    if (log_file)
        fclose(log_file);
    log_file = NULL;
}

/* What made the machine leave its loop, besides a stop: told here, where it stands. */
static void look_around(void)
{
    if (engine_poked) {
        engine_poked = 0;
        up_poke();
    }
    if (engine.watch_hit) {
        engine.watch_hit = false;
        up_watch_hits();
    }
    if (engine_asleep_for_ever())
        up_stopped(SIM_STOP_HALTED, "halted with interrupts off: nothing can wake it");
}

extern "C" void bxs_run(void)
{
    stopping = false;
    while (!stopping) {
        bx_pc_system.kill_bochs_request = engine_poked || engine_asleep_for_ever();
        engine_look();
        engine_running = true;
        CPU->cpu_loop();
        engine_running = false;
        engine_sync();
        look_around();
    }
}

extern "C" void bxs_stop(void)
{
    stopping = true;
    engine_leave();
}

/* Outside of its loop the machine may be half replaced by another; bxs_run() will see the flag. */
extern "C" void bxs_poke(void)
{
    engine_poked = 1;
    if (engine_running)
        engine_leave();
}

extern "C" uint64_t bxs_icount(void)
{
    return CPU->icount;
}

extern "C" bool bxs_interrupted(void)
{
    return engine.delivered_at == CPU->icount;
}

extern "C" uint64_t bxs_ticks(void)
{
    return bx_pc_system.time_ticks() + (Bit64s)(CPU->icount - CPU->icount_last_sync);
}

/* The memory came from another process: what it held of that process's C library is stale. */
extern "C" void bxs_resumed(void)
{
    io->init_log(log_file ? log_file : bxs_stderr);
}

/* Decoded code: most of what the CPU's structure is. Flushed, it is written before it is read. */
extern "C" struct bxs_range bxs_scratch(void)
{
    const uintptr_t page = 4096;
    uintptr_t from = ((uintptr_t)CPU->iCache.entry + page - 1) & ~(page - 1);
    uintptr_t to = (uintptr_t)(CPU->iCache.mpool + BxICacheMemPool) & ~(page - 1);

    return {(uint8_t *)from, to - from};
}

/* TLB entries hold host addresses, which are right again; decoded code may hold probes that are not
 * wanted any more. */
extern "C" void bxs_restored(void)
{
    flushICaches();
    CPU->invalidate_prefetch_q();
    watch_restored();
    observe_restored();
    engine_look();
}

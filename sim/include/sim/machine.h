/* sim/machine.h -- the one simulated machine of this process: make it, boot it, run it, stop it.
 *
 * There is exactly one machine a process, so no handle is passed. Functions return 0, or -1 with a
 * one-line sim_error() that says what is wrong and how to mend it. Nothing here is thread-safe.
 * Time: `icount` = instructions begun since power-on (a faulting instruction counts as one, a
 * repeated string instruction one for each element); `ticks` = icount and the time slept in halt.
 * Both are exact and the same in every run with the same configuration and input.
 * Places: a count names the boundary after that many instructions. Hardware interrupts are
 * delivered at boundaries and count nothing. sim_run(N) and sim_goto(N) stand before what is
 * delivered at N; going on delivers it and runs the handler's first instruction as N + 1. Only a
 * stop asked for while an interrupt is delivered (by a listener of its event) stands behind the
 * delivery, before the handler's first instruction, at the count N too: sim_interrupted() tells the
 * two apart. SPDX-License-Identifier: MIT */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint64_t gva; /* guest virtual address */
typedef uint64_t gpa; /* guest physical address */

/* The last error's text; valid until the next failing call. */
const char *sim_error(void);
/* Sets it (printf form) and returns -1, so that `return sim_fail(...)` reads well. */
int sim_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same for what is the user's mistake (a CPU model that does not exist); was the last error
 * one? */
int sim_mistake(const char *format, ...) __attribute__((format(printf, 1, 2)));
bool sim_mistaken(void);

struct sim_config {
    const char *kernel; /* PVH ELF64; NULL in PC mode */
    const char *initrd; /* or NULL */
    const char *append; /* command line, or NULL */
    bool pc;            /* boot a PC image with firmware instead of `kernel` */
    const char *disk;   /* PC mode: raw disk image, never written: changes live in memory */
    const char *cdrom;  /* PC mode: ISO image */
    unsigned mem_mib;   /* 16 .. 3072 */
    const char *cpu;    /* Bochs CPU model, NULL = default */
    uint64_t ips;       /* simulated instructions a second, 0 = default (100 million) */
    bool jitter;        /* vary interrupt timing by `jitter_seed` */
    uint64_t jitter_seed;
    const char *log_path; /* Bochs's and our own log lines, NULL = none */
    const char *data_dir; /* where the boot ROM and PC firmware are, NULL = as installed */
};

/* Builds the machine and puts the boot image in its memory. At most once a process. */
int sim_create(const struct sim_config *config);
/* Everything is released; snapshots' processes end. Safe to call at any time, also from atexit. */
void sim_destroy(void);
/* Writes out what waits for the log; -1 when any of it could not be written. */
int sim_log_flush(void);

enum sim_stop {
    SIM_STOP_NONE,    /* still running */
    SIM_STOP_EXIT,    /* the guest asked to end: sim_exit_code() */
    SIM_STOP_ICOUNT,  /* the asked-for instruction count is reached */
    SIM_STOP_REQUEST, /* sim_stop_request() was called */
    SIM_STOP_HALTED,  /* halted for ever: interrupts off */
    SIM_STOP_TRIPLE,  /* triple fault: the machine would reset */
    SIM_STOP_RESET,   /* the guest reset the machine by another way */
    SIM_STOP_PANIC,   /* the CPU model met something that it cannot go on from: sim_stop_text() */
    SIM_STOP_STALL    /* the progress watchdog: nothing happened for sim_stall() instructions */
};

/* Runs until something stops it, at the latest when icount == `until` (exactly). `until` =
 * UINT64_MAX: no limit. Returns why. Callbacks (events, probes) run inside. */
enum sim_stop sim_run(uint64_t until);
/* Exactly one instruction (or one interrupt or fault delivery with its first instruction). */
enum sim_stop sim_step(void);
/* From a callback or a signal handler: stop at the next instruction boundary. */
void sim_stop_request(void);
/* Why the machine stands, in words, for SIM_STOP_PANIC and the like. */
const char *sim_stop_text(void);
const char *sim_stop_name(enum sim_stop why);
/* Why the machine stands since it was moved last, by running it or by sim_goto(). */
enum sim_stop sim_stop_why(void);
int sim_exit_code(void);
/* Watchdog: stop when `n` instructions pass with no crossing, marker or console output; 0 = off. */
void sim_stall(uint64_t n);

uint64_t sim_icount(void);
/* The machine stands behind the delivery of an interrupt at this count, not before it. */
bool sim_interrupted(void);
uint64_t sim_ticks(void);
/* The machine is a PC: it has a screen and a keyboard. */
bool sim_pc(void);
uint64_t sim_mem_bytes(void);

/* The console: what the guest's serial port says goes to `out` (all bytes of one call at once). */
typedef void sim_console_fn(void *ctx, const uint8_t *bytes, size_t n);
void sim_console_output(sim_console_fn *out, void *ctx);
/* Bytes for the guest's serial port, taken at this instruction count and logged for replay. Takes
 * any number; returns 0, or -1 when more than 1 MiB waits unread. */
int sim_console_input(const uint8_t *bytes, size_t n);
/* The same at a time to come, when sim_ticks() says so (> now). It stays planned whatever is typed
 * meanwhile and however often the machine goes back. */
int sim_console_input_at(uint64_t ticks, const uint8_t *bytes, size_t n);
/* An interrupt with this vector (16 .. 255) comes to the CPU's local APIC now, as a device's would:
 * the guest takes it where it next lets interrupts in. Who goes back behind this moment must ask
 * for it again: it is in no log. */
int sim_interrupt(unsigned vector);
/* Called about every 50 ms of host time while the machine runs, at an instruction boundary: the
 * place to read stdin, draw progress, look at sockets. NULL = none. */
void sim_host_tick(void (*fn)(void *ctx), void *ctx);

#ifdef __cplusplus
}
#endif
#endif

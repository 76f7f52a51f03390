/* sim/core/shim.h -- the contract between our C and the CPU engine: what sim/bochs offers (bxs_*)
 * and what it calls (up_*). Plain C types only; no policy below this line, no Bochs above it.
 *
 * Machine state: everything that goes back in time lives in the sections bxdata/bxbss and in the
 * arena of heap.c. C code puts its share there with MACHINE_STATE (small, initialised) or
 * bxs_calloc() (large); all else is the tool's and stays in the present.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_SHIM_H
#define SIM_CORE_SHIM_H

#include "sim/machine.h"
#include "sim/regs.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MACHINE_STATE __attribute__((section("bxdata")))

/* heap.c: the arena. Also what Bochs's own malloc and new are redirected to. */
void *bxs_malloc(size_t n);
void *bxs_calloc(size_t n, size_t each);
void *bxs_realloc(void *p, size_t n);
void bxs_free(void *p);
struct bxs_range {
    uint8_t *start;
    size_t bytes;
};
/* The address ranges that hold machine state now; returns how many (at most `max`). */
size_t bxs_ranges(struct bxs_range *out, size_t max);
/* host.cc: whole pages within them that need not be kept: bxs_restored() makes them anew. */
struct bxs_range bxs_scratch(void);

/* host.cc: life of the engine. `lines` are Bochs configuration lines. */
int bxs_create(const char *const *lines, size_t n, const char *log_path, bool direct);
void bxs_destroy(void);
int bxs_log_flush(void); /* -1 = some of the log is lost */
/* Runs until bxs_stop() was called and an instruction boundary is reached. */
void bxs_run(void);
/* Leave bxs_run() at the next boundary; from hooks only. */
void bxs_stop(void);
/* Asynchronous: make up_poke() be called soon, at a boundary. Signal-safe. */
void bxs_poke(void);
/* As of the boundary the machine stands at, or the current instruction. */
uint64_t bxs_icount(void);
uint64_t bxs_ticks(void);
bool bxs_interrupted(void); /* an interrupt was delivered at this icount: it comes next */
/* As bxs_stop() when icount == `at`, exactly. One-shot. */
void bxs_alarm(uint64_t at);
void bxs_jitter(uint64_t seed); /* 0 = off */
/* up_timer() is called when ticks reach `at` (at the earliest the next tick). One-shot. */
enum sim_timer { SIM_TIMER_INPUT, SIM_TIMER_UART, SIM_TIMER_KEYS, SIM_TIMERS };
void bxs_timer(unsigned timer, uint64_t at);
void bxs_observe(bool on); /* observe.cc: classes of instructions; flush the code afterwards */
void bxs_observe_settle(void);
void bxs_flush_code(void); /* forget decoded instructions: the set of probes has changed */
void bxs_resumed(void);    /* ... from another process: before bxs_restored() */
void bxs_restored(void);   /* memory came back from a snapshot: drop what is only a cache */
/* watch.cc: accesses to a watched page are told; -1 when the page is no plain RAM, or too many. */
int bxs_watch_page(gpa at);
void bxs_watch_none(void);
void bxs_watch(bool any); /* page walks are told, too */
void bxs_irq(unsigned line, bool level);
void bxs_interrupt(unsigned vector); /* an edge at the local APIC */

/* mem.cc: RAM as the host sees it; NULL when `at` .. `at`+n is not plain RAM or ROM, or crosses a
 * page. Writes through bxs_ram_write() so that decoded code follows. */
uint8_t *bxs_ram(gpa at, size_t n);
void bxs_ram_written(gpa at, size_t n);
uint64_t bxs_ram_bytes(void);

/* vga.cc: what the display adapter shows. `memory` in it is the adapter's own. */
struct vga_state;
void bxs_vga(struct vga_state *out);

/* keyboard.cc: the machine's own PS/2 keyboard. Ready: it is on, and the guest has taken all that
 * it sent; else a key would be lost, or crowd out an answer. `key` is an enum sim_key. */
bool bxs_key_ready(void);
void bxs_key(unsigned key, bool pressed);

/* regs.cc */
uint64_t bxs_reg_get(enum sim_reg r);
int bxs_reg_set(enum sim_reg r, uint64_t v);
int bxs_st_get(unsigned n, uint8_t out[10]);
int bxs_st_set(unsigned n, const uint8_t in[10]);
int bxs_vec_get(unsigned n, uint8_t out[64]);
int bxs_vec_set(unsigned n, const uint8_t in[64]);
enum sim_mode bxs_mode(void);
unsigned bxs_cpl(void);
bool bxs_in_guest(void);
bool bxs_paging(void);

/* Anybody is interested in crossings: the hooks look at it. hooks.cc owns, event.c sets. */
extern uint32_t bxs_events;

/* Called by the engine, implemented in sim/core. `at` = icount at which control arrives. Crossings
 * within a space go through cross.h instead. */
void up_cr3(uint64_t at, uint64_t cr3, bool guest, bool user, unsigned kind, uint32_t reason,
            uint64_t addr);
/* Each exception, whether or not anybody is interested in crossings. */
void up_exception(unsigned vector, unsigned error, uint64_t addr, uint64_t at, gva rip);
void up_note(unsigned kind, uint64_t at, uint32_t reason, uint64_t addr);
void up_poke(void);
void up_timer(unsigned timer);
void up_watch_hits(void);
/* An access to a watched page; how: 1 read, 2 write. true = somebody wants to know. */
bool up_access(gpa at, unsigned len, unsigned how);
void up_walked(void);
/* Observing: an instruction begins; `n` instructions of a class were executed; what they asked of
 * TLBs and caches (does anybody want to know of lines?), and what these must forget. */
void up_begins(void);
void up_executed(unsigned cls, uint64_t n);
void up_translated(uint64_t va, unsigned pcid, bool global, bool code);
void up_cached(gpa at, bool code);
bool up_wants_lines(bool code);
void up_forget_page(uint64_t va);
void up_forget_pcid(unsigned pcid); /* but for global pages */
void up_forget_space(void);         /* all but global pages */
void up_forget_all(void);
void up_forget_line(gpa at);
void up_forget_lines(void);
void up_stopped(enum sim_stop why, const char *text); /* the engine cannot go on */
uint64_t up_simcall(unsigned number);
/* Is a probe planted at this place? Asked when an instruction is decoded. */
bool up_probe_wanted(gpa at, gva rip);
/* A planted instruction is about to run. true = stand still before it. */
bool up_probe_hit(gpa at, gva rip);
uint8_t up_uart_read(unsigned offset);
void up_uart_write(unsigned offset, uint8_t value);

#ifdef __cplusplus
}
#endif
#endif

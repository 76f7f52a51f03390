/* sim/gdb/stops.c -- breakpoints and watchpoints: probes and watches of the machine, each bound to
 * the process that it was set in. Nothing is written into the guest and nothing is paid for one
 * that is not hit. Conditions are decided here, so that GDB only hears of stops that it wants.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/mem.h"
#include "sim/gdb/target.h"
#include "sim/object.h"
#include "sim/probe.h"
#include "sim/regs.h"

enum type { SOFTWARE, HARDWARE, ON_WRITE, ON_READ, ON_ACCESS };

static struct place {
    bool used, barren; /* barren: nothing could be executed there when it was set */
    uint8_t type;
    int handle; /* of the probe or watch */
    int64_t pid;
    uint64_t addr, n;
    uint8_t *condition;
    size_t condition_n;
} places[STOPS];

static struct stop *found; /* NULL: nothing is noted */
static bool live;

/* ---- hits ---- */

static void note(const struct stop *stop)
{
    if (!found || (live && found->kind != STOP_PLAIN))
        return;
    *found = *stop;
    if (live)
        sim_stop_request();
}

/* An address of the kernel's may be somebody's in user mode, too. */
static bool concerns(const struct place *p)
{
    return p->pid != PID_KERNEL || !sim_debug_block() || sim_cpl() != 3;
}

static struct id whom(const struct place *p)
{
    return target_thread_of(p->pid);
}

static bool wanted(const struct place *p)
{
    return found && concerns(p) &&
           (!p->condition_n || agent_true(p->condition, p->condition_n, whom(p)));
}

static void on_probe(void *ctx, int probe, gva pc)
{
    const struct place *p = ctx;

    (void)probe;
    if (wanted(p))
        note(&(struct stop){.kind = p->type == SOFTWARE ? STOP_BREAK : STOP_HARD,
                            .id = whom(p),
                            .addr = pc,
                            .icount = sim_icount()});
}

/* Called behind the instruction; the way back leads before it. */
static void on_watch(void *ctx, int watch, gva at, size_t n, unsigned how, uint64_t value)
{
    const struct place *p = ctx;

    (void)watch, (void)n, (void)how, (void)value;
    if (wanted(p))
        note(&(struct stop){.kind = STOP_WATCH,
                            .id = whom(p),
                            .how = p->type,
                            .addr = at,
                            .icount = sim_icount() - 1});
}

/* ---- breakpoints on stacks: GDB lets a function that is called by hand return to one ---- */

enum { PAGE_FAULT = 14, PRESENT = 1, FETCH = 16 };

static bool meant(const struct place *p, const struct trace_record *r)
{
    bool user = r->from & 1;

    return p->used && p->barren && p->addr == r->addr &&
           (p->pid == PID_KERNEL ? !user : user && target_current().pid == p->pid);
}

static void on_fault(void *ctx, const struct trace_record *r)
{
    uint32_t error = r->reason >> 8;

    (void)ctx;
    if ((r->reason & 0xff) != PAGE_FAULT || !(error & PRESENT) || !(error & FETCH))
        return;
    for (unsigned i = 0; i < STOPS; i++)
        if (meant(&places[i], r))
            note(&(struct stop){.kind = STOP_FETCH,
                                .id = whom(&places[i]),
                                .addr = r->addr,
                                .icount = r->icount - 1});
}

static bool is_barren(const struct place *p)
{
    struct sim_walk walk;

    return p->type <= HARDWARE && (sim_walk(target_cr3(p->pid), p->addr, &walk) != 0 || !walk.exec);
}

static void listen_for_faults(bool wanted_now)
{
    static int listening = -1;

    if (listening >= 0)
        sim_unlisten(listening);
    listening = -1;
    for (unsigned i = 0; i < STOPS && wanted_now && listening < 0; i++)
        if (places[i].used && places[i].barren)
            listening = sim_listen(1ull << TRACE_EXCEPTION, on_fault, NULL);
}

void stop_arm(struct stop *to, bool first)
{
    found = to;
    live = first;
    if (to)
        *to = (struct stop){.kind = STOP_PLAIN};
    listen_for_faults(to && first);
    catch_arm(to, first);
    lives_arm(to, first);
}

/* ---- the table ---- */

static struct place *place_find(unsigned type, int64_t pid, uint64_t addr, uint64_t n)
{
    for (unsigned i = 0; i < STOPS; i++) {
        struct place *p = &places[i];
        if (p->used && p->type == type && p->pid == pid && p->addr == addr &&
            (type <= HARDWARE || p->n == n))
            return p;
    }
    return NULL;
}

static struct place *place_free(void)
{
    for (unsigned i = 0; i < STOPS; i++)
        if (!places[i].used)
            return &places[i];
    return NULL;
}

static int plant(struct place *p)
{
    static const unsigned how[] = {[ON_WRITE] = SIM_WATCH_WRITE,
                                   [ON_READ] = SIM_WATCH_READ,
                                   [ON_ACCESS] = SIM_WATCH_READ | SIM_WATCH_WRITE};
    uint64_t cr3 = p->pid == PID_KERNEL ? SIM_CR3_ANY : target_cr3(p->pid);

    p->handle = p->type <= HARDWARE
                    ? sim_probe_virt(cr3, p->addr, on_probe, p)
                    : sim_watch(cr3, p->addr, (size_t)p->n, how[p->type], on_watch, p);
    return p->handle < 0 ? -1 : 0;
}

static bool condition_set(struct place *p, const uint8_t *condition, size_t n)
{
    uint8_t *copy = n ? malloc(n) : NULL;

    if (n && !copy)
        return false;
    if (n)
        memcpy(copy, condition, n);
    free(p->condition);
    p->condition = copy;
    p->condition_n = n;
    return true;
}

const char *stop_insert(unsigned type, int64_t pid, uint64_t addr, uint64_t n,
                        const uint8_t *condition, size_t condition_n)
{
    struct place *p = place_find(type, pid, addr, n);

    if (!p && !target_process(pid))
        return NULL; /* GDB keeps asking for what was set in a process that has ended */
    if (!p) {
        if (pid != PID_KERNEL && addr >> 63)
            return "that address is the kernel's: set it in the kernel's inferior";
        if (type > HARDWARE && (n == 0 || n > 1 << 20 || addr + n < addr))
            return "a watchpoint covers 1 byte to 1 MiB";
        if (!(p = place_free()))
            return "there are 4096 breakpoints and watchpoints already";
        *p = (struct place){.type = (uint8_t)type, .pid = pid, .addr = addr, .n = n};
        if (plant(p) != 0)
            return sim_error();
        p->barren = is_barren(p);
        p->used = true;
    }
    return condition_set(p, condition, condition_n) ? NULL : "no memory for the condition";
}

static void place_remove(struct place *p)
{
    if (p->type <= HARDWARE)
        sim_probe_remove(p->handle);
    else
        sim_watch_remove(p->handle);
    free(p->condition);
    *p = (struct place){0};
}

const char *stop_remove(unsigned type, int64_t pid, uint64_t addr, uint64_t n)
{
    struct place *p = place_find(type, pid, addr, n);

    if (p)
        place_remove(p);
    return NULL; /* GDB also takes away what went with its process */
}

void stop_remove_of(int64_t pid)
{
    for (unsigned i = 0; i < STOPS; i++)
        if (places[i].used && (pid == PID_ALL || places[i].pid == pid))
            place_remove(&places[i]);
}

void stop_list(struct text *to)
{
    static const char *const names[] = {"break", "hbreak", "watch", "rwatch", "awatch"};

    for (unsigned i = 0; i < STOPS; i++)
        if (places[i].used)
            text_printf(to, "%-6s 0x%llx process %lld%s\n", names[places[i].type],
                        (unsigned long long)places[i].addr, (long long)places[i].pid,
                        places[i].condition_n ? " on a condition" : "");
}

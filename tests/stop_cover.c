/* tests/stop_cover.c -- what stop_anywhere.c must have reached when it has gone through all plays:
 * - every kernel call was made by an actor (abi/fk/syscalls.def is the list);
 * - an actor was exported while it slept in, or was preempted in, every long call, and every staged
 *   one in each of its stages that can wait: its registers then hold the call that does the rest;
 * - an interrupt that led to an export was taken at every preemption point of the kernel's source,
 *   but at the dispatcher's (sched.c), where no thread is in the kernel that could be exported.
 * All is counted by number, in memory that the processes share.
 * SPDX-License-Identifier: MIT */
#include "tests/stop_cover.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "abi/fk/ipc.h"
#include "abi/fk/syscall.h"
#include "sim/event.h"
#include "sim/mem.h"
#include "sim/regs.h"
#include "sim/sym.h"
#include "tests/stop_machine.h"

#define POINTS_MAX 64
#define CALL_BYTES 5 /* of a near call */

enum { TRIVIAL, SHORT, LONG, STAGED };
struct call {
    const char *name;
    unsigned number;
    int class;
};
static const struct call calls[] = {
#define FK_CALL(number, name, args, class, params, contract) {#name, number, class},
#define FK_IPC_CALL(mask, name, class, contract)             {#name, FK_IPC_BASE + (mask), class},
#include "abi/fk/syscalls.def"
};

/* Places in the kernel that call arch_preempt; several may be one line of the source. */
struct point {
    gva at;
    char line[64];
    uint8_t taken;
};
static struct cover {
    uint8_t made[FK_CALL_LIMIT], slept[FK_CALL_LIMIT], slept_on_cond;
    struct point point[POINTS_MAX];
    unsigned points;
} * cover;

/* What the last interrupt found, until the guest has answered. */
static struct {
    unsigned mask;
    uint64_t answer;       /* the number of the answer that counts */
    unsigned call[ACTORS]; /* 0 = in none */
    bool on_cond;
    gva point;
    uint64_t rip[ACTORS]; /* of those that are asked for */
    bool taken;
} last;
static gva preempt_start, preempt_end;

/* ---- the kernel's preemption points ---- */

static bool is_in_dispatcher(gva at)
{
    char line[64] = "";
    return sim_sym_line("kernel", at, line, sizeof line) == 0 && strncmp(line, "sched.c:", 8) == 0;
}

static void find_points(gva from, gva to)
{
    static uint8_t text[1 << 20];
    size_t size = to - from < sizeof text ? to - from : sizeof text;
    size = sim_virt_read(SIM_CR3_NOW, from, text, size);
    for (size_t i = 0; i + CALL_BYTES <= size; i++) {
        int32_t displacement;
        memcpy(&displacement, text + i + 1, 4);
        gva at = from + i;
        if (text[i] != 0xe8 || at + CALL_BYTES + (gva)(int64_t)displacement != preempt_start)
            continue;
        if (is_in_dispatcher(at))
            continue;
        struct point *point = &cover->point[cover->points++ % POINTS_MAX];
        point->at = at;
        if (sim_sym_line("kernel", at, point->line, sizeof point->line) != 0)
            snprintf(point->line, sizeof point->line, "%llx", (unsigned long long)at);
    }
}

static void find_kernel(void)
{
    char path[512];
    gva from = 0, to = 0;
    snprintf(path, sizeof path, "%s/kernel/fk.elf", stop_build);
    if (sim_sym_add_file("kernel", path) < 0 ||
        sim_sym_address("kernel:arch_preempt", &preempt_start) < 0 ||
        sim_sym_address("kernel:image_start", &from) < 0 ||
        sim_sym_address("kernel:text_end", &to) < 0)
        fprintf(stderr, "stop_anywhere: %s\n", sim_error());
    preempt_end = preempt_start + 16;
    if (!cover->points)
        find_points(from, to);
}

uint64_t cover_point_now(void)
{
    gva rip = sim_reg_get(SIM_REG_rip);
    return rip >= preempt_start && rip < preempt_end ? rip : 0;
}

/* ---- what happens ---- */

static void on_call(const struct trace_record *r)
{
    struct actor_now actors[ACTORS];
    stop_actors(actors);
    for (unsigned i = 0; i < ACTORS; i++)
        if (actors[i].current && r->reason < FK_CALL_LIMIT)
            cover->made[r->reason] = 1;
}

/* The call at whose end arch_preempt returns; the CPU has pushed its frame, or not yet. */
static gva point_of(gva interrupted)
{
    gva rsp = sim_reg_get(SIM_REG_rsp), back = 0;
    uint64_t frame[5] = {0};
    sim_virt_read(SIM_CR3_NOW, rsp, frame, sizeof frame);
    if (frame[0] == interrupted && frame[4] - rsp < 64)
        rsp = frame[3];
    sim_virt_read(SIM_CR3_NOW, rsp, &back, 8);
    return back - CALL_BYTES;
}

/* The interrupt is repeated while the surgeon is at work: no actor has gone on meanwhile. */
static bool is_repeated(const struct actor_now *actors)
{
    bool same = last.taken;
    for (unsigned i = 0; i < ACTORS; i++)
        same &= !actors[i].there || !(last.mask >> i & 1) ||
                (!actors[i].current && actors[i].frame.rip == last.rip[i]);
    return same;
}

static void on_actor(const struct actor_now *a, unsigned i, bool in_point)
{
    bool asleep = a->state == FK_DEBUG_T_WAITING;
    last.rip[i] = a->frame.rip;
    if (asleep)
        last.call[i] = a->call;
    else if (a->current && in_point)
        last.call[i] = (unsigned)a->frame.rax;
    last.on_cond |= asleep && a->wait_kind == FK_DEBUG_COND;
}

static void on_interrupt(const struct trace_record *r)
{
    struct actor_now actors[ACTORS];
    bool in_point = r->addr >= preempt_start && r->addr < preempt_end;
    stop_actors(actors);
    if (is_repeated(actors))
        return;
    last.taken = true;
    last.point = in_point ? point_of(r->addr) : 0;
    last.on_cond = false;
    memset(last.call, 0, sizeof last.call);
    for (unsigned i = 0; i < ACTORS; i++)
        if (last.mask >> i & 1 && actors[i].there)
            on_actor(&actors[i], i, in_point);
}

void cover_slept(unsigned number)
{
    if (number < FK_CALL_LIMIT)
        cover->slept[number] = 1;
}

void cover_served(void)
{
    if (!last.mask || stop_served() < last.answer)
        return;
    for (unsigned i = 0; i < ACTORS; i++)
        if (last.call[i])
            cover_slept(last.call[i]);
    if (last.on_cond)
        cover->slept_on_cond = 1;
    for (unsigned i = 0; last.point && i < cover->points; i++)
        if (cover->point[i].at == last.point)
            cover->point[i].taken = 1;
    last.mask = 0;
}

static void on_made(void *ctx, const struct trace_record *r)
{
    (void)ctx;
    on_call(r);
}

static void on_taken(void *ctx, const struct trace_record *r)
{
    (void)ctx;
    if (!last.mask || r->reason != TIMER_VECTOR)
        return;
    cover_served();
    if (last.mask)
        on_interrupt(r);
}

int cover_init(void)
{
    cover = mmap(NULL, sizeof *cover, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return cover == MAP_FAILED ? -1 : 0;
}

void cover_listen(bool disturbed)
{
    static int listens;
    if (disturbed) {
        sim_unlisten(listens);
        sim_listen(1ull << TRACE_INTERRUPT, on_taken, NULL);
        return;
    }
    find_kernel();
    listens = sim_listen(1ull << TRACE_SYSCALL, on_made, NULL);
}

void cover_asked(unsigned mask, uint64_t answer)
{
    memset(&last, 0, sizeof last);
    last.mask = mask;
    last.answer = answer;
}

/* ---- the verdict ---- */

static unsigned missing(const char *name, const char *what)
{
    fprintf(stderr, "stop_anywhere: no play reaches this: %s: %s\n", name, what);
    return 1;
}

static unsigned need_sleep(const char *name, unsigned number)
{
    char what[60];
    snprintf(what, sizeof what, "exported while it waits as call %#x", number);
    return cover->slept[number] ? 0 : missing(name, what);
}

/* A disconnection never waits. */
static unsigned stages_missing(const struct call *call)
{
    static const unsigned waits[] = {FK_IPC_ACK,  FK_IPC_CONNECT, FK_IPC_SEND,
                                     FK_IPC_OVER, FK_IPC_WAIT,    FK_IPC_RECEIVE};
    unsigned count = 0;
    for (unsigned i = 0; i < sizeof waits / sizeof *waits; i++)
        if (call->number & waits[i]) /* the stages before this one are done */
            count += need_sleep(call->name, call->number & ~(waits[i] - 1));
    return count;
}

static unsigned call_missing(const struct call *call)
{
    unsigned n = call->number;
    if (n == FK_CALL_machine_exit)
        return 0;
    if (!cover->made[n])
        return missing(call->name, "an actor makes it");
    if (call->class < LONG || n == FK_CALL_thread_yield) /* which is over when others run */
        return 0;
    if (n == FK_CALL_cond_wait) /* it waits as mutex_lock */
        return cover->slept_on_cond ? 0 : missing(call->name, "exported while it waits");
    if (n >= FK_IPC_BASE && call->class == STAGED)
        return stages_missing(call);
    return need_sleep(call->name, n);
}

static bool line_taken(const char *line)
{
    for (unsigned i = 0; i < cover->points; i++)
        if (cover->point[i].taken && strcmp(cover->point[i].line, line) == 0)
            return true;
    return false;
}

unsigned cover_missing(void)
{
    unsigned count = 0, made = 0, slept = 0;
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
        count += call_missing(&calls[i]);
    for (unsigned i = 0; i < cover->points; i++)
        if (!line_taken(cover->point[i].line))
            count += missing(cover->point[i].line, "exported at this preemption point");
    for (unsigned i = 0; i < FK_CALL_LIMIT; i++) {
        made += cover->made[i];
        slept += cover->slept[i];
    }
    printf("%u calls made by actors; exported in %u calls, and at %u preemption points\n", made,
           slept, cover->points);
    return count + !cover->points + (cover->points > POINTS_MAX);
}

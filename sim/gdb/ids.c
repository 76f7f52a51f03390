/* sim/gdb/ids.c -- processes and threads: who there is, what they are called, what file they run.
 * All of it is read from the guest's debug block at every question: nothing is kept, so nothing can
 * be stale after the machine has moved, forwards or back.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/gdb/target.h"
#include "sim/mem.h"
#include "sim/object.h"
#include "sim/regs.h"
#include "sim/sym.h"

#define KERNEL_IMAGE "kernel"

static const struct id cpu = {PID_KERNEL, 1};

/* Threads whose space has not got a name yet are not shown: GDB would take it for an inferior of
 * its own before there is a program in it. */
static bool shown(const struct fk_debug_thread *t)
{
    return t->space && t->space < PID_KERNEL && sim_space_of_id(t->space);
}

void target_threads(bool (*fn)(void *ctx, struct id id), void *ctx)
{
    struct sim_object_walk w;
    union sim_object o;
    struct id now = target_running();

    if (!fn(ctx, now) || (now.pid != PID_KERNEL && !fn(ctx, cpu)))
        return;
    for (bool some = sim_object_first(&w, FK_DEBUG_THREAD, &o); some;
         some = sim_object_next(&w, FK_DEBUG_THREAD, &o))
        if (shown(&o.thread) && (now.pid == PID_KERNEL || o.head.id != now.tid) &&
            !fn(ctx, (struct id){o.thread.space, o.head.id}))
            return;
}

static bool find(int64_t tid, union sim_object *o)
{
    return tid > 0 && tid <= UINT32_MAX && sim_object_find(FK_DEBUG_THREAD, (uint32_t)tid, o);
}

bool target_alive(struct id id)
{
    union sim_object o;

    if (id.pid == PID_KERNEL)
        return id.tid == 1;
    return find(id.tid, &o) && shown(&o.thread) && o.thread.space == id.pid;
}

bool target_process(int64_t pid)
{
    return pid == PID_KERNEL || (pid > 0 && pid < PID_KERNEL && sim_space_of_id((uint32_t)pid));
}

struct lowest {
    int64_t pid, tid;
};

static bool take_lowest(void *ctx, struct id id)
{
    struct lowest *l = ctx;

    if (id.pid == l->pid && (l->tid == 0 || id.tid < l->tid))
        l->tid = id.tid;
    return true;
}

struct id target_thread_of(int64_t pid)
{
    struct lowest first = {pid, 0};
    struct id now = target_current();

    if (pid == PID_KERNEL)
        return cpu;
    if (now.pid == pid)
        return now;
    target_threads(take_lowest, &first);
    return (struct id){pid, first.tid};
}

struct id target_current(void)
{
    struct fk_debug_current now;
    struct id none = {PID_KERNEL, 0};

    if (!sim_object_current(&now) || !now.thread || !now.space || now.space >= PID_KERNEL)
        return none;
    return (struct id){now.space, now.thread};
}

struct id target_running(void)
{
    struct id now = target_current();

    return sim_cpl() == 3 && now.tid && !sim_in_guest() ? now : cpu;
}

bool target_on_cpu(struct id id)
{
    struct id now = target_running();

    return id.pid == PID_KERNEL || (id.pid == now.pid && id.tid == now.tid);
}

uint64_t target_cr3(int64_t pid)
{
    unsigned space = pid > 0 && pid < PID_KERNEL ? sim_space_of_id((uint32_t)pid) : 0;

    return space ? sim_space(space)->cr3 & ~0xfffull : SIM_CR3_NOW;
}

/* ---- names ---- */

static void space_text(unsigned space, char *out, size_t max)
{
    const struct sim_space *s = sim_space(space);
    size_t n = 0;

    for (; s && n + 1 < max && n < sizeof s->name && s->name[n]; n++)
        out[n] = s->name[n] <= ' ' || s->name[n] > '~' ? '?' : s->name[n];
    out[n] = 0;
}

static void of_space(uint32_t id, char *out, size_t max)
{
    unsigned space = sim_space_of_id(id);

    if (space)
        space_text(space, out, max);
    else
        snprintf(out, max, id ? "?" : "the kernel");
}

void target_thread_name(struct id id, char *out, size_t max)
{
    unsigned space = id.pid < PID_KERNEL ? sim_space_of_id((uint32_t)id.pid) : 0;
    struct lowest first = {id.pid, 0};
    char name[32];

    if (!space) {
        snprintf(out, max, id.pid == PID_KERNEL ? "L0 cpu" : "thread %d, whose space is gone",
                 (int)id.tid);
        return;
    }
    space_text(space, name, sizeof name);
    target_threads(take_lowest, &first);
    if (id.tid == first.tid)
        snprintf(out, max, "L%u %s main", sim_space(space)->level, name);
    else
        snprintf(out, max, "L%u %s thread %d", sim_space(space)->level, name, (int)id.tid);
}

static void wait_text(const struct fk_debug_thread *t, char *out, size_t max)
{
    char who[32];
    union sim_object o;

    if (t->server) {
        of_space(find(t->server, &o) ? o.thread.space : 0, who, sizeof who);
        snprintf(out, max, "waits for %s (thread %u)", who, t->server);
    } else if (t->wait_kind >= FK_DEBUG_KINDS) {
        snprintf(out, max, "waits for a time, or for ever");
    } else if (sim_object_find((enum fk_debug_kind)t->wait_kind, t->wait_id, &o)) {
        of_space(o.head.owner, who, sizeof who);
        snprintf(out, max, "waits for %s %u of %s", sim_object_kind(t->wait_kind), t->wait_id, who);
    } else {
        snprintf(out, max, "waits for %s %u", sim_object_kind(t->wait_kind), t->wait_id);
    }
}

static const char *const modes[] = {"real", "virtual-8086", "32-bit", "compatibility", "64-bit"};

void target_thread_state(struct id id, char *out, size_t max)
{
    static const char *const states[] = {"running", "ready", "stopped", "waiting", "without time"};
    union sim_object o;

    if (id.pid == PID_KERNEL) {
        snprintf(out, max, "%s mode, privilege %u, instruction %llu", modes[sim_mode()], sim_cpl(),
                 (unsigned long long)sim_icount());
        return;
    }
    if (!find(id.tid, &o))
        snprintf(out, max, "gone");
    else if (o.thread.state == FK_DEBUG_T_WAITING)
        wait_text(&o.thread, out, max);
    else
        snprintf(out, max, "%s",
                 o.thread.state <= FK_DEBUG_T_NOTIME ? states[o.thread.state] : "?");
}

/* ---- programs ---- */

static const char *image_of(int64_t pid)
{
    size_t n;

    if (pid == PID_KERNEL)
        return sim_sym_bytes(KERNEL_IMAGE, &n) ? KERNEL_IMAGE : NULL;
    return pid > 0 ? sim_space_image(sim_space_of_id((uint32_t)pid)) : NULL;
}

bool target_exec_file(int64_t pid, char *out, size_t max)
{
    const char *image = image_of(pid);
    unsigned space = pid < PID_KERNEL ? sim_space_of_id((uint32_t)pid) : 0;

    if (image)
        snprintf(out, max, "/L%u/%s", space ? sim_space(space)->level : 0, image);
    return image != NULL;
}

const void *target_file(const char *path, size_t *n)
{
    const char *slash = strrchr(path, '/');

    *n = 0;
    return slash && path[0] == '/' && path[1] == 'L' ? sim_sym_bytes(slash + 1, n) : NULL;
}

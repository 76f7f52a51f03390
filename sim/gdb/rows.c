/* sim/gdb/rows.c -- see rows.h: the same things that the other monitor commands show to people, a
 * line each, as keys and values. They only look. SPDX-License-Identifier: MIT */
#include "sim/gdb/rows.h"

#include <stdlib.h>
#include <string.h>

#include "sim/chain.h"
#include "sim/event.h"
#include "sim/fault.h"
#include "sim/mem.h"
#include "sim/name.h"
#include "sim/regs.h"
#include "sim/snap.h"

static void add_number(struct text *out, const char *key, int64_t n)
{
    text_printf(out, " %s=%lld", key, (long long)n);
}

static void add_address(struct text *out, const char *key, uint64_t n)
{
    text_printf(out, " %s=0x%llx", key, (unsigned long long)n);
}

static void add_word(struct text *out, const char *key, const char *word)
{
    text_printf(out, " %s=", key);
    for (; *word; word++)
        text_printf(out, *word > ' ' && *word < 127 && *word != '%' ? "%c" : "%%%02X",
                    (unsigned char)*word);
}

static void add_rights(struct text *out, const char *key, bool r, bool w, bool x)
{
    text_printf(out, " %s=%c%c%c", key, r ? 'r' : '-', w ? 'w' : '-', x ? 'x' : '-');
}

static unsigned level_of(int64_t pid)
{
    unsigned index = pid > 0 && pid < PID_KERNEL ? sim_space_of_id((uint32_t)pid) : 0;

    return index ? sim_space(index)->level : 0;
}

static void add_space(struct text *out, const char *key, int64_t pid)
{
    unsigned index = pid > 0 && pid < PID_KERNEL ? sim_space_of_id((uint32_t)pid) : 0;
    char name[64];

    sim_space_name(index ? index : SIM_SPACES, name, sizeof name);
    add_word(out, key, name);
}

/* ---- who and where ---- */

static void rows_where(struct session *s, const char *rest, struct text *out)
{
    struct id now = target_running(), for_whom = target_current();

    (void)rest;
    text_puts(out, "where");
    add_number(out, "icount", (int64_t)sim_icount());
    add_number(out, "pid", now.pid);
    add_number(out, "tid", now.tid);
    add_number(out, "for_pid", for_whom.tid ? for_whom.pid : 0);
    add_number(out, "for_tid", for_whom.tid);
    add_number(out, "mode", sim_mode());
    add_number(out, "privilege", sim_cpl());
    add_number(out, "delivered", sim_interrupted());
    add_number(out, "begun", (int64_t)s->begun);
    text_puts(out, "\n");
}

static void space_row(int64_t pid, int64_t parent, struct text *out)
{
    char program[64];

    text_puts(out, "space");
    add_number(out, "pid", pid);
    add_number(out, "level", level_of(pid));
    add_number(out, "parent", parent);
    add_space(out, "name", pid);
    if (target_exec_file(pid, program, sizeof program))
        add_word(out, "program", program);
    text_puts(out, "\n");
}

static void spaces_below(uint32_t parent, unsigned depth, struct text *out)
{
    for (unsigned i = 1; i < sim_space_count() && depth < 256; i++) {
        const struct sim_space *s = sim_space(i);
        if (!s->live || !s->id || s->parent != parent || s->id == parent)
            continue;
        space_row(s->id, parent ? parent : PID_KERNEL, out);
        spaces_below(s->id, depth + 1, out);
    }
}

static void rows_tree(struct session *s, const char *rest, struct text *out)
{
    (void)s, (void)rest;
    space_row(PID_KERNEL, 0, out);
    spaces_below(0, 1, out);
}

/* ---- threads ---- */

static const char *state_of(const struct fk_debug_thread *t)
{
    static const char *const states[] = {"running", "ready", "stopped", "waiting", "notime"};

    return t->state <= FK_DEBUG_T_NOTIME ? states[t->state] : "unknown";
}

static void add_waiting(const struct fk_debug_thread *t, struct text *out)
{
    bool waits = t->state == FK_DEBUG_T_WAITING;
    const char *call = t->call ? sim_call_name(t->call) : NULL;
    union sim_object on;

    add_word(out, "state", state_of(t));
    add_word(out, "call", call ? call : "none");
    add_word(out, "wait", waits ? sim_object_kind(t->wait_kind) : "none");
    add_number(out, "wait_id", waits ? t->wait_id : 0);
    waits = waits && t->wait_kind < FK_DEBUG_KINDS &&
            sim_object_find((enum fk_debug_kind)t->wait_kind, t->wait_id, &on);
    add_number(out, "wait_pid", waits ? on.head.owner : 0);
    add_number(out, "client", t->client);
    add_number(out, "server", t->server);
    add_address(out, "object", t->head.object);
    add_address(out, "frame", t->frame);
}

static bool thread_row(void *ctx, struct id id)
{
    struct text *out = ctx;
    char name[64];
    union sim_object o;

    text_puts(out, "thread");
    add_number(out, "pid", id.pid);
    add_number(out, "tid", id.tid);
    add_number(out, "level", level_of(id.pid));
    add_space(out, "space", id.pid);
    target_thread_name(id, name, sizeof name);
    add_word(out, "name", name);
    if (id.pid != PID_KERNEL && sim_object_find(FK_DEBUG_THREAD, (uint32_t)id.tid, &o))
        add_waiting(&o.thread, out);
    text_puts(out, "\n");
    return true;
}

static void rows_threads(struct session *s, const char *rest, struct text *out)
{
    (void)s, (void)rest;
    target_threads(thread_row, out);
}

static void chain_row(void *ctx, struct id id)
{
    thread_row(ctx, id);
}

static void rows_chain(struct session *s, const char *rest, struct text *out)
{
    struct id id = target_current();

    (void)s;
    if (*rest)
        id.tid = strtoll(rest, NULL, 10);
    target_chain(id, !*rest, chain_row, out);
}

/* ---- crossings ---- */

static void add_domain(struct text *out, const char *key, unsigned domain)
{
    const struct sim_space *s = sim_space(domain / 2);

    add_number(out, key, domain & 1 && s && s->id ? s->id : PID_KERNEL);
}

static void crossing_row(const struct trace_record *r, struct text *out)
{
    static const char *const kinds[TRACE_KINDS] = {
#define TRACE_EVENT(id, name, crossing, reason, addr, text) [id] = #name,
#include "abi/trace/events.def"
#undef TRACE_EVENT
    };
    const char *name = NULL;

    if (r->kind == TRACE_SYSCALL && sim_debug_block())
        name = sim_call_name(r->reason);
    else if (r->kind == TRACE_EXCEPTION || r->kind == TRACE_INT)
        name = sim_fault_name(r->reason & 0xff);
    text_puts(out, "crossing");
    add_number(out, "icount", (int64_t)r->icount);
    add_word(out, "kind", kinds[r->kind] ? kinds[r->kind] : "NONE");
    add_number(out, "number", r->kind == TRACE_EXCEPTION ? r->reason & 0xff : r->reason);
    add_number(out, "error", r->kind == TRACE_EXCEPTION ? r->reason >> 8 : 0);
    add_word(out, "name", name ? name : "none");
    add_address(out, "address", r->addr);
    add_domain(out, "from", r->from);
    add_domain(out, "to", r->to);
    text_puts(out, "\n");
}

static void rows_left(struct session *s, const char *rest, struct text *out)
{
    struct trace_record r;
    union sim_object o;
    int64_t tid = strtoll(rest, NULL, 10);

    (void)s;
    if (tid <= 0 || tid > UINT32_MAX || !sim_object_find(FK_DEBUG_THREAD, (uint32_t)tid, &o))
        return;
    if (past_find(tid, 0, &r))
        crossing_row(&r, out);
}

static void rows_came(struct session *s, const char *rest, struct text *out)
{
    struct trace_record r;

    (void)s, (void)rest;
    if (past_find(0, 0, &r))
        crossing_row(&r, out);
}

/* ---- memory ---- */

static void add_page(struct text *out, uint64_t cr3, gva va)
{
    struct sim_walk w;
    bool there = sim_walk(cr3, va, &w) == 0;

    add_address(out, "page", there ? w.pa & ~0xfffull : 0);
    add_rights(out, "rights", there, there && w.write, there && w.exec);
}

static void link_row(void *ctx, const struct sim_link *l)
{
    struct text *out = ctx;
    union sim_object port;
    uint64_t keeper = l->linked ? l->region.keeper : 0;
    uint32_t prot = l->mapping.prot, inner = l->linked ? l->region.prot : 0;
    bool known = keeper && sim_object_find(FK_DEBUG_PORT, (uint32_t)keeper, &port);

    text_puts(out, "link");
    add_number(out, "pid", l->space);
    add_number(out, "level", level_of(l->space));
    add_space(out, "space", l->space);
    add_address(out, "address", l->va);
    add_page(out, target_cr3(l->space), l->va);
    add_number(out, "mapping", l->mapping.head.id);
    add_rights(out, "mapping_rights", prot & 1, prot & 2, prot & 4);
    add_number(out, "region", l->linked ? l->region.head.id : 0);
    add_rights(out, "region_rights", inner & 1, inner & 2, inner & 4);
    add_number(out, "keeper", (int64_t)keeper);
    add_number(out, "keeper_pid", known ? port.head.owner : 0);
    text_puts(out, "\n");
}

static void end_row(enum sim_chain end, const struct sim_link *last, gpa pa, struct text *out)
{
    char why[160];

    sim_chain_says(end, last, why, sizeof why);
    text_puts(out, "end");
    add_number(out, "found", end == SIM_CHAIN_MEMORY);
    add_address(out, "address", end == SIM_CHAIN_MEMORY ? pa : last->va);
    add_word(out, "why", why);
    text_puts(out, "\n");
}

static void rows_mem(struct session *s, const char *rest, struct text *out)
{
    char *end_of;
    gva at = strtoull(rest, &end_of, 0);
    int64_t pid = strtoll(end_of, NULL, 10);
    uint32_t space = at >> 63 ? 0 : target_memory_space(pid = pid ? pid : session_general(s).pid);
    struct sim_link last = {.va = at};
    enum sim_chain end = SIM_CHAIN_UNKNOWN;
    struct sim_walk w;
    gpa pa = 0;

    if (space)
        end = sim_chain(space, at, link_row, out, &last, &pa);
    else if (sim_walk(target_cr3(pid), at, &w) == 0) {
        end = SIM_CHAIN_MEMORY;
        pa = w.pa;
    }
    end_row(end, &last, pa, out);
}

/* ---- objects ---- */

static void add_fields(enum fk_debug_kind kind, const union sim_object *o, struct text *out)
{
    switch (kind) {
    case FK_DEBUG_SPACE:
        add_number(out, "level", o->space.level);
        add_space(out, "name", o->head.id);
        add_number(out, "keeper", (int64_t)o->space.keeper);
        return;
    case FK_DEBUG_THREAD:
        add_waiting(&o->thread, out);
        return;
    case FK_DEBUG_REGION:
        add_address(out, "start", o->region.start);
        add_address(out, "size", o->region.size);
        add_rights(out, "rights", o->region.prot & 1, o->region.prot & 2, o->region.prot & 4);
        add_number(out, "keeper", (int64_t)o->region.keeper);
        return;
    case FK_DEBUG_MAPPING:
        add_address(out, "start", o->mapping.start);
        add_address(out, "size", o->mapping.size);
        add_address(out, "offset", o->mapping.offset);
        add_number(out, "region", o->mapping.region);
        return;
    default:
        add_word(out, "link", o->other.link_id ? sim_object_kind(o->other.link_kind) : "none");
        add_number(out, "link_id", o->other.link_id);
    }
}

static void object_rows(enum fk_debug_kind kind, struct text *out)
{
    struct sim_object_walk w;
    union sim_object o;

    for (bool some = sim_object_first(&w, kind, &o); some; some = sim_object_next(&w, kind, &o)) {
        text_puts(out, "object");
        add_word(out, "kind", sim_object_kind(kind));
        add_number(out, "id", o.head.id);
        add_number(out, "pid", o.head.owner ? o.head.owner : PID_KERNEL);
        add_address(out, "address", o.head.user_va);
        if (kind != FK_DEBUG_THREAD)
            add_address(out, "object", o.head.object);
        add_fields(kind, &o, out);
        text_puts(out, "\n");
    }
}

static void rows_objects(struct session *s, const char *rest, struct text *out)
{
    (void)s;
    for (unsigned kind = 0; kind < FK_DEBUG_KINDS; kind++)
        if (!*rest || strcmp(rest, sim_object_kind(kind)) == 0)
            object_rows((enum fk_debug_kind)kind, out);
}

static void rows_checkpoints(struct session *s, const char *rest, struct text *out)
{
    (void)rest;
    for (unsigned i = 0; i < s->checkpoints; i++) {
        text_puts(out, "checkpoint");
        add_number(out, "number", i + 1);
        add_number(out, "icount", (int64_t)s->checkpoint[i]);
        text_puts(out, "\n");
    }
}

/* ---- the list ---- */

static const struct {
    const char *name, *arguments, *text;
    void (*fn)(struct session *s, const char *rest, struct text *out);
} rows[] = {
#define ROWS(name, arguments, text) {#name, arguments, text, rows_##name},
#include "sim/gdb/rows.def"
#undef ROWS
};

enum { ROWS_N = sizeof rows / sizeof *rows };

void rows_run(struct session *s, const char *line, struct text *out)
{
    size_t n = strcspn(line, " ");
    const char *rest = line + n + strspn(line + n, " ");

    for (size_t i = 0; i < ROWS_N; i++)
        if (n == strlen(rows[i].name) && memcmp(line, rows[i].name, n) == 0) {
            rows[i].fn(s, rest, out);
            return;
        }
    for (size_t i = 0; i < ROWS_N; i++)
        text_printf(out, "monitor rows %s %s\n    %s\n", rows[i].name, rows[i].arguments,
                    rows[i].text);
}

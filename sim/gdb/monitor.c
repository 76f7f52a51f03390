/* sim/gdb/monitor.c -- the commands behind GDB's `monitor`: a table of words and what they do.
 * They only look, or arrange what the next resuming does, but for goto and restart, which move the
 * machine at once: GDB then has to be told to forget what it knows (the `nest` commands do it).
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/gdb/rows.h"
#include "sim/object.h"
#include "sim/regs.h"
#include "sim/snap.h"
#include "sim/sym.h"

typedef void command_fn(struct session *s, const char *rest, struct text *out);

/* ---- looking ---- */

static void where(struct session *s, const char *rest, struct text *out)
{
    char name[64], state[128], place[160];
    struct id now = target_running();
    char path[64],
        *image = target_exec_file(now.pid, path, sizeof path) ? strrchr(path, '/') : NULL;

    (void)s, (void)rest;
    target_thread_name(now, name, sizeof name);
    target_thread_state(now, state, sizeof state);
    sim_sym_name(image ? image + 1 : NULL, target_pc(), place, sizeof place);
    text_printf(out, "instruction %llu, %s at %s (%s)\n", (unsigned long long)sim_icount(), name,
                place, state);
}

static void tree_below(uint32_t parent, unsigned depth, struct text *out)
{
    for (unsigned i = 1; i < sim_space_count() && depth < 256; i++) {
        const struct sim_space *s = sim_space(i);
        if (!s->live || !s->id || s->parent != parent || s->id == parent)
            continue;
        text_printf(out, "%*sL%u %.*s (process %u)\n", (int)depth * 2, "", s->level,
                    (int)sizeof s->name, s->name, s->id);
        tree_below(s->id, depth + 1, out);
    }
}

static void tree(struct session *s, const char *rest, struct text *out)
{
    (void)s, (void)rest;
    text_printf(out, "L0 kernel (process %d)\n", PID_KERNEL);
    tree_below(0, 1, out);
}

static bool add_thread(void *ctx, struct id id)
{
    char name[64], state[128];

    target_thread_name(id, name, sizeof name);
    target_thread_state(id, state, sizeof state);
    text_printf(ctx, "%lld.%lld %s: %s\n", (long long)id.pid, (long long)id.tid, name, state);
    return true;
}

static void threads(struct session *s, const char *rest, struct text *out)
{
    (void)s, (void)rest;
    target_threads(add_thread, out);
}

static void registers(struct session *s, const char *rest, struct text *out)
{
    static const enum sim_reg names[] = {
        SIM_REG_cr0,       SIM_REG_cr2,     SIM_REG_cr3,     SIM_REG_cr4,       SIM_REG_cr8,
        SIM_REG_efer,      SIM_REG_fs_base, SIM_REG_gs_base, SIM_REG_k_gs_base, SIM_REG_gdtr_base,
        SIM_REG_idtr_base, SIM_REG_tr,      SIM_REG_dr6,     SIM_REG_dr7,       SIM_REG_xcr0};

    (void)s, (void)rest;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        text_printf(out, "%-10s 0x%llx\n", sim_reg_name(names[i]),
                    (unsigned long long)sim_reg_get(names[i]));
}

static void stops(struct session *s, const char *rest, struct text *out)
{
    (void)s, (void)rest;
    stop_list(out);
    catch_list(out);
    if (!out->n)
        text_puts(out, "none\n");
}

/* Objects of the kernel, a line each: objects [KIND]. */
static void objects_of(enum fk_debug_kind kind, struct text *out)
{
    struct sim_object_walk w;
    union sim_object o;

    for (bool some = sim_object_first(&w, kind, &o); some; some = sim_object_next(&w, kind, &o)) {
        text_printf(out, "%s %u of process %u at 0x%llx", sim_object_kind(kind), o.head.id,
                    o.head.owner, (unsigned long long)o.head.user_va);
        if (kind == FK_DEBUG_REGION)
            text_printf(out, ", 0x%llx + 0x%llx, keeper %llu", (unsigned long long)o.region.start,
                        (unsigned long long)o.region.size, (unsigned long long)o.region.keeper);
        if (kind == FK_DEBUG_MAPPING)
            text_printf(out, ", 0x%llx + 0x%llx of region %u", (unsigned long long)o.mapping.start,
                        (unsigned long long)o.mapping.size, o.mapping.region);
        text_puts(out, "\n");
    }
}

static void objects(struct session *s, const char *rest, struct text *out)
{
    (void)s;
    for (unsigned kind = 0; kind < FK_DEBUG_KINDS; kind++)
        if (!*rest || strcmp(rest, sim_object_kind(kind)) == 0)
            objects_of((enum fk_debug_kind)kind, out);
    if (!out->n)
        text_printf(out, "none%s%.40s\n", *rest ? " of the kind " : "", rest);
}

static void chain_line(void *ctx, struct id id)
{
    add_thread(ctx, id);
}

static void chain(struct session *s, const char *rest, struct text *out)
{
    struct id id = session_general(s);

    if (*rest)
        id.tid = strtoll(rest, NULL, 10);
    else if (id.pid == PID_KERNEL)
        id = target_current();
    target_chain(id, !*rest, chain_line, out);
    if (!out->n)
        text_puts(out, "nobody runs\n");
}

static bool number(const char *text, uint64_t *n)
{
    char *end;

    *n = strtoull(text, &end, 0);
    return *text >= '0' && *text <= '9' && *end == 0;
}

static void memory(struct session *s, const char *rest, struct text *out)
{
    uint64_t at;

    if (number(rest, &at))
        target_memory_chain(session_general(s).pid, at, out);
    else
        text_puts(out, "mem: give an address\n");
}

/* ---- moving ---- */

static void moved(struct session *s, const char *why, struct text *out)
{
    if (why) {
        text_printf(out, "%s\n", why);
        return;
    }
    s->end_told = false;
    s->stop = (struct stop){.kind = STOP_PLAIN, .id = target_running()};
    s->stopped = s->general = s->stop.id;
    where(s, "", out);
}

static void go_to(struct session *s, const char *rest, struct text *out)
{
    uint64_t n, back;

    if (*rest == '-' && number(rest + 1, &back))
        n = back < sim_icount() ? sim_icount() - back : 0;
    else if (*rest == '+' && number(rest + 1, &back))
        n = sim_icount() + back;
    else if (!number(rest, &n)) {
        text_puts(out, "goto: give an instruction count, +N or -N\n");
        return;
    }
    moved(s, resume_goto(n), out);
}

/* For front ends: GDB hears of it as of any stop, and forgets what it knows by itself. */
static void errand(struct session *s, const char *rest, struct text *out)
{
    const char *count = strncmp(rest, "step ", 5) == 0 ? rest + 5 : rest;
    uint64_t n;

    s->errand = NO_ERRAND;
    if (strcmp(rest, "none") == 0)
        return;
    if (!number(count, &n)) {
        text_puts(out, "to: give an instruction count, or none\n");
        return;
    }
    s->errand = count == rest ? ON_CONTINUE : ON_STEP;
    s->errand_icount = n;
}

static void checkpoint(struct session *s, const char *rest, struct text *out)
{
    (void)rest;
    if (s->checkpoints == CHECKPOINTS || sim_snapshot() < 0) {
        text_printf(out, "%s\n",
                    s->checkpoints == CHECKPOINTS ? "there are 256 already" : sim_error());
        return;
    }
    s->checkpoint[s->checkpoints++] = sim_icount();
    text_printf(out, "checkpoint %u at instruction %llu\n", s->checkpoints,
                (unsigned long long)sim_icount());
}

static void checkpoints(struct session *s, const char *rest, struct text *out)
{
    (void)rest;
    for (unsigned i = 0; i < s->checkpoints; i++)
        text_printf(out, "%u at instruction %llu\n", i + 1, (unsigned long long)s->checkpoint[i]);
    if (!s->checkpoints)
        text_puts(out, "no checkpoints: 'monitor checkpoint' makes one\n");
}

static void restart(struct session *s, const char *rest, struct text *out)
{
    uint64_t n;

    if (!number(rest, &n) || n == 0 || n > s->checkpoints) {
        text_puts(out, "restart: give the number of a checkpoint ('monitor checkpoints')\n");
        return;
    }
    moved(s, resume_goto(s->checkpoint[n - 1]), out);
}

/* GDB 13 does not say whose step back it wants; `nest.py` does, by this. */
static void mine(struct session *s, const char *rest, struct text *out)
{
    char *end;
    long long pid = strtoll(rest, &end, 10), tid = *end == '.' ? strtoll(end + 1, &end, 10) : 0;

    s->mine = (struct id){pid, tid};
    if (*end || !target_alive(s->mine))
        text_puts(out, "mine: give PROCESS.THREAD, of a thread that there is\n");
}

/* ---- crossings ---- */

static void catch_words(const char *rest, bool once, struct text *out)
{
    int id = catch_add(rest, once);

    if (id < 0)
        text_printf(out, "%s\n", sim_error());
    else
        text_printf(out, "catch %d%s\n", id, once ? ": continue goes to it" : "");
}

static void catch_always(struct session *s, const char *rest, struct text *out)
{
    (void)s;
    catch_words(rest, false, out);
}

static void catch_once(struct session *s, const char *rest, struct text *out)
{
    (void)s;
    catch_words(rest, true, out);
}

static void uncatch(struct session *s, const char *rest, struct text *out)
{
    (void)s;
    if (!catch_remove(*rest ? atoi(rest) : -1))
        text_puts(out, "there is none\n");
}

/* ---- the table ---- */

static command_fn help;

static void rows(struct session *s, const char *rest, struct text *out)
{
    rows_run(s, rest, out);
}

static const struct {
    const char *name, *arguments, *text;
    command_fn *fn;
} commands[] = {
    {"help", "", "this list", help},
    {"where", "", "the instruction count, and who runs where", where},
    {"tree", "", "the nest", tree},
    {"threads", "", "every thread and what it waits for", threads},
    {"chain", "[TID]",
     "who waits for whom: from whoever began it, or from thread TID, to the one at work", chain},
    {"mem", "ADDRESS", "an address of this process, through mappings and regions to its page",
     memory},
    {"objects", "[KIND]", "the kernel's objects: space thread region mapping port ...", objects},
    {"rows", "[NAME [ARGUMENT]]", "the same for programs; without a name, which there are", rows},
    {"registers", "", "the CPU's system registers", registers},
    {"catch", "[from=S] [to=S] [reason=K] [vector=N] [level=N] | fault",
     "stop at such crossings (S: kernel, L3, pager, L3:pager, a process)", catch_always},
    {"next", "[the same]", "the same for the next time only", catch_once},
    {"uncatch", "[N]", "no more", uncatch},
    {"stops", "", "breakpoints, watchpoints and catches", stops},
    {"goto", "COUNT | +N | -N", "to an instruction count, back or forth", go_to},
    {"to", "COUNT | step COUNT | none",
     "the next continue (either way), or the next step, goes there instead", errand},
    {"mine", "PROCESS.THREAD", "the next step back is this thread's, if nothing else says whose",
     mine},
    {"checkpoint", "", "remember this place", checkpoint},
    {"checkpoints", "", "the places remembered", checkpoints},
    {"restart", "N", "go back to one", restart},
};

enum { COMMANDS = sizeof commands / sizeof *commands };

static void help(struct session *s, const char *rest, struct text *out)
{
    (void)s, (void)rest;
    for (size_t i = 0; i < COMMANDS; i++)
        text_printf(out, "monitor %s %s\n    %s\n", commands[i].name, commands[i].arguments,
                    commands[i].text);
}

void monitor_run(struct session *s, const char *line, struct text *out)
{
    size_t n = strcspn(line, " ");
    const char *rest = line + n + strspn(line + n, " ");

    for (size_t i = 0; i < COMMANDS; i++)
        if (n == strlen(commands[i].name) && memcmp(line, commands[i].name, n) == 0) {
            commands[i].fn(s, rest, out);
            return;
        }
    text_printf(out, "no monitor command '%.*s': monitor help lists them\n", (int)(n < 40 ? n : 40),
                line);
}

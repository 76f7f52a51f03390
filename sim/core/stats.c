/* sim/core/stats.c -- the account of a run, printed and as JSON; the schema is docs/stats.md.
 * Invariant: the charged instructions written here are exactly the rows of sim_charges(); their
 * sum is written beside icount, never adjusted to it.
 * SPDX-License-Identifier: MIT */
#include "sim/core/stats.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fault.h"

enum { TEXT_SPACES = 12 };

static const char *const kind_names[TRACE_KINDS] = {
#define TRACE_EVENT(id, name, crossing, reason, addr, text) [id] = #name,
#include "abi/trace/events.def"
#undef TRACE_EVENT
};

static const bool kind_crosses[TRACE_KINDS] = {
#define TRACE_EVENT(id, name, crossing, reason, addr, text) [id] = crossing,
#include "abi/trace/events.def"
#undef TRACE_EVENT
};

const char *stats_kind_name(enum trace_kind kind)
{
    static char lower[TRACE_KINDS][16];
    const char *name = (unsigned)kind < TRACE_KINDS ? kind_names[kind] : NULL;

    if (!name)
        return NULL;
    for (size_t i = 0; name[i] && i + 1 < sizeof lower[0]; i++)
        lower[kind][i] = (char)tolower((unsigned char)name[i]);
    return lower[kind];
}

struct account {
    struct sim_charge *rows;
    size_t n;
    uint64_t sum;
};

static int account_get(struct account *a)
{
    a->n = sim_charges(NULL, 0);
    a->sum = 0;
    a->rows = calloc(a->n ? a->n : 1, sizeof *a->rows);
    if (!a->rows)
        return sim_fail("out of memory for the statistics");
    a->n = sim_charges(a->rows, a->n);
    for (size_t i = 0; i < a->n; i++)
        a->sum += a->rows[i].instructions;
    return 0;
}

static json_t *integer(uint64_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *address(uint64_t n)
{
    char text[24];

    snprintf(text, sizeof text, "0x%" PRIx64, n);
    return json_string(text);
}

/* Bytes of the UTF-8 character that begins there; 0 = none does. jansson knows which there are. */
static size_t character(const char *text, size_t left)
{
    for (size_t n = 1; n <= left && n <= 4; n++) {
        json_t *value = json_stringn(text, n);
        json_decref(value);
        if (value)
            return n;
    }
    return 0;
}

/* Text of the guest or the user, at most `max` bytes: a byte that is in no UTF-8 character becomes
 * U+FFFD, all others are themselves. */
static json_t *any_string(const char *text, size_t max)
{
    static const char lost[] = "\xef\xbf\xbd";
    size_t left = strnlen(text, max), used = 0;
    char *clean = malloc(left * 3 + 1);
    json_t *value;

    while (clean && left) {
        size_t n = character(text, left);
        memcpy(clean + used, n ? text : lost, n ? n : 3);
        used += n ? n : 3;
        text += n ? n : 1;
        left -= n ? n : 1;
    }
    value = clean ? json_stringn_nocheck(clean, used) : NULL;
    free(clean);
    return value;
}

static json_t *user_string(const char *text)
{
    return text ? any_string(text, SIZE_MAX) : json_null();
}

static json_t *config_json(const struct sim_config *c)
{
    json_t *o = json_object();

    json_object_set_new(o, "kernel", user_string(c->kernel));
    json_object_set_new(o, "initrd", user_string(c->initrd));
    json_object_set_new(o, "append", user_string(c->append));
    json_object_set_new(o, "pc", json_boolean(c->pc));
    json_object_set_new(o, "disk", user_string(c->disk));
    json_object_set_new(o, "cdrom", user_string(c->cdrom));
    json_object_set_new(o, "mem_mib", integer(sim_mem_bytes() >> 20));
    json_object_set_new(o, "cpu", user_string(c->cpu));
    json_object_set_new(o, "ips", integer(c->ips));
    json_object_set_new(o, "jitter", c->jitter ? integer(c->jitter_seed) : json_null());
    return o;
}

/* What a triple fault is made of; null when the run ended otherwise. */
static json_t *faults_json(const struct stats_run *run)
{
    struct sim_fault f[SIM_FAULTS];
    size_t n = sim_faults(f);
    json_t *list;

    if (strcmp(run->stop, sim_stop_name(SIM_STOP_TRIPLE)) != 0)
        return json_null();
    list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *o = json_object();
        json_object_set_new(o, "vector", integer(f[i].vector));
        json_object_set_new(o, "error", integer(f[i].error));
        json_object_set_new(o, "address", address(f[i].addr));
        json_object_set_new(o, "rip", address(f[i].rip));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *stop_json(const struct stats_run *run)
{
    bool exited = strcmp(run->stop, "exit") == 0;
    json_t *o = json_object();

    json_object_set_new(o, "reason", json_string(run->stop));
    json_object_set_new(o, "text", user_string(run->stop_text));
    json_object_set_new(o, "guest_code", exited ? json_integer(sim_exit_code()) : json_null());
    json_object_set_new(o, "faults", faults_json(run));
    json_object_set_new(o, "exit_status", json_integer(run->exit_status));
    return o;
}

static json_t *events_json(void)
{
    json_t *o = json_object(), *by_kind = json_object();
    uint64_t total = 0, crossings = 0;

    for (unsigned k = 0; k < TRACE_KINDS; k++) {
        uint64_t n;
        if (!kind_names[k])
            continue;
        n = sim_event_count((enum trace_kind)k);
        total += n;
        crossings += kind_crosses[k] ? n : 0;
        json_object_set_new(by_kind, stats_kind_name((enum trace_kind)k), integer(n));
    }
    json_object_set_new(o, "total", integer(total));
    json_object_set_new(o, "crossings", integer(crossings));
    json_object_set_new(o, "by_kind", by_kind);
    return o;
}

static json_t *space_json(unsigned index, const struct sim_space *s)
{
    json_t *o = json_object();

    json_object_set_new(o, "index", integer(index));
    json_object_set_new(o, "name", any_string(s->name, sizeof s->name));
    json_object_set_new(o, "cr3", address(s->cr3));
    json_object_set_new(o, "id", integer(s->id));
    json_object_set_new(o, "parent", integer(s->parent));
    json_object_set_new(o, "level", integer(s->level));
    json_object_set_new(o, "live", json_boolean(s->live));
    return o;
}

static json_t *spaces_json(void)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < sim_space_count(); i++) {
        const struct sim_space *s = sim_space(i);
        if (s)
            json_array_append_new(list, space_json(i, s));
    }
    return list;
}

static json_t *charge_json(const struct sim_charge *row)
{
    json_t *o = json_object();

    json_object_set_new(o, "space", integer(row->domain / 2u));
    json_object_set_new(o, "user", json_boolean(row->domain & 1));
    json_object_set_new(o, "behalf", integer(row->behalf));
    json_object_set_new(o, "instructions", integer(row->instructions));
    json_object_set_new(o, "entries", integer(row->entries));
    return o;
}

static json_t *charges_json(const struct account *a)
{
    json_t *o = json_object(), *rows = json_array();

    for (size_t i = 0; i < a->n; i++)
        json_array_append_new(rows, charge_json(&a->rows[i]));
    json_object_set_new(o, "sum", integer(a->sum));
    json_object_set_new(o, "rows", rows);
    return o;
}

static json_t *digest_json(const struct sim_digest *d)
{
    json_t *o;

    if (!d)
        return json_null();
    o = json_object();
    json_object_set_new(o, "whole", json_string(d->whole));
    json_object_set_new(o, "state", json_string(d->state));
    json_object_set_new(o, "events", json_string(d->events));
    return o;
}

static double mips(const struct stats_run *run)
{
    return run->seconds > 0 ? (double)(sim_icount() - run->start_icount) / run->seconds / 1e6 : 0;
}

static json_t *host_json(const struct stats_run *run)
{
    json_t *o = json_object();

    json_object_set_new(o, "seconds", json_real(run->seconds));
    json_object_set_new(o, "mips", json_real(mips(run)));
    return o;
}

int stats_json(FILE *to, const struct stats_run *run)
{
    struct account account;
    json_t *o;
    int error;

    if (account_get(&account) != 0)
        return -1;
    o = json_object();
    json_object_set_new(o, "schema", json_string("flatfish-stats"));
    json_object_set_new(o, "version", json_integer(STATS_VERSION));
    json_object_set_new(o, "flatfish", json_string(run->command_version));
    json_object_set_new(o, "config", config_json(run->config));
    json_object_set_new(o, "stop", stop_json(run));
    json_object_set_new(o, "start_icount", integer(run->start_icount));
    json_object_set_new(o, "icount", integer(sim_icount()));
    json_object_set_new(o, "ticks", integer(sim_ticks()));
    json_object_set_new(o, "host", host_json(run));
    json_object_set_new(o, "events", events_json());
    json_object_set_new(o, "spaces", spaces_json());
    json_object_set_new(o, "charges", charges_json(&account));
    json_object_set_new(o, "digest", digest_json(run->digest));
    json_object_set_new(o, "trace", user_string(run->trace_dir));
    free(account.rows);
    error = json_dumpf(o, to, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    json_decref(o);
    if (error || fputc('\n', to) == EOF)
        return sim_fail("cannot write the statistics");
    return 0;
}

/* 1234567 -> "1,234,567". */
static const char *grouped(uint64_t n, char out[32])
{
    char plain[24];
    int digits = snprintf(plain, sizeof plain, "%" PRIu64, n), at = 0;

    for (int i = 0; i < digits; i++) {
        if (i && (digits - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = plain[i];
    }
    out[at] = 0;
    return out;
}

/* "syscall 5  sysret 5" for the kinds that cross, or for those that do not. */
static void text_kinds(FILE *to, bool crosses)
{
    char number[32];

    for (unsigned k = 0; k < TRACE_KINDS; k++) {
        uint64_t n = kind_names[k] ? sim_event_count((enum trace_kind)k) : 0;
        if (n && kind_crosses[k] == crosses)
            fprintf(to, "  %s %s", stats_kind_name((enum trace_kind)k), grouped(n, number));
    }
    fputc('\n', to);
}

static void text_crossings(FILE *to)
{
    uint64_t crossings = 0, others = 0;
    char number[32];

    for (unsigned k = 0; k < TRACE_KINDS; k++) {
        uint64_t n = kind_names[k] ? sim_event_count((enum trace_kind)k) : 0;
        crossings += kind_crosses[k] ? n : 0;
        others += kind_crosses[k] ? 0 : n;
    }
    fprintf(to, "  crossings %s", grouped(crossings, number));
    text_kinds(to, true);
    if (others) {
        fprintf(to, "  other events %s", grouped(others, number));
        text_kinds(to, false);
    }
}

struct space_sum {
    unsigned index;
    uint64_t in[2]; /* kernel, user */
};

static int by_sum(const void *a, const void *b)
{
    const struct space_sum *x = a, *y = b;
    uint64_t n = x->in[0] + x->in[1], m = y->in[0] + y->in[1];

    if (n != m)
        return n > m ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static void text_row(FILE *to, const char *name, const uint64_t in[2], uint64_t total)
{
    char kernel[32], user[32];
    double part = total ? 100.0 * (double)(in[0] + in[1]) / (double)total : 0;

    fprintf(to, "  %-24.24s %20s %20s %5.1f %%\n", name, grouped(in[0], kernel),
            grouped(in[1], user), part);
}

static void text_space(FILE *to, const struct space_sum *sum, uint64_t total)
{
    const struct sim_space *s = sim_space(sum->index);
    char name[sizeof s->name + 1] = "?";

    for (size_t i = 0; s && i < sizeof s->name; i++) {
        name[i] = !s->name[i] || isprint((unsigned char)s->name[i]) ? s->name[i] : '?';
        if (!name[i])
            break;
    }
    text_row(to, name, sum->in, total);
}

/* Which row of the text shows it: what the kernel does on page tables of its own is one row. */
static unsigned row_of(unsigned index)
{
    const struct sim_space *s = sim_space(index);

    return !s || strcmp(s->name, SIM_KERNEL_START) == 0 ? 0 : index;
}

/* Gathers charges by space; spaces that the table does not know are left to index 0's row. */
static size_t sums_get(const struct account *a, struct space_sum *sums)
{
    size_t used = 0;

    for (size_t i = 0; i < SIM_SPACES; i++)
        sums[i] = (struct space_sum){.index = (unsigned)i};
    for (size_t i = 0; i < a->n; i++) {
        unsigned space = a->rows[i].domain / 2u;
        sums[row_of(space)].in[a->rows[i].domain & 1] += a->rows[i].instructions;
    }
    qsort(sums, SIM_SPACES, sizeof *sums, by_sum);
    while (used < SIM_SPACES && sums[used].in[0] + sums[used].in[1])
        used++;
    return used;
}

static int text_account(FILE *to, const struct account *a)
{
    struct space_sum *sums = malloc(SIM_SPACES * sizeof *sums);
    uint64_t rest[2] = {0, 0};
    char name[40];
    size_t used;

    if (!sums)
        return sim_fail("out of memory for the statistics");
    used = sums_get(a, sums);
    fprintf(to, "  %-24s %20s %20s %7s\n", "instructions in space", "kernel", "user", "share");
    for (size_t i = 0; i < used; i++) {
        if (i < TEXT_SPACES)
            text_space(to, &sums[i], a->sum);
        rest[0] += i < TEXT_SPACES ? 0 : sums[i].in[0];
        rest[1] += i < TEXT_SPACES ? 0 : sums[i].in[1];
    }
    if (used > TEXT_SPACES) {
        snprintf(name, sizeof name, "(%zu more)", used - TEXT_SPACES);
        text_row(to, name, rest, a->sum);
    }
    free(sums);
    return 0;
}

int stats_text(FILE *to, const struct stats_run *run)
{
    struct account account;
    char number[32];
    int result;

    if (account_get(&account) != 0)
        return -1;
    fprintf(to, "  instructions %s in %.3f s, %.1f MIPS\n",
            grouped(sim_icount() - run->start_icount, number), run->seconds, mips(run));
    text_crossings(to);
    result = text_account(to, &account);
    free(account.rows);
    return result;
}

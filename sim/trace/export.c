/* sim/trace/export.c -- a trace as lines of text, CSV, folded stacks or Chrome's JSON (Perfetto).
 * Names in a trace are printable ASCII (the reader sees to it), so quoting is all they need.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>

#include "sim/trace/tally.h"
#include "sim/trace/report.h"

/* ---- text ---- */

static void text_line(FILE *to, const struct trace_reader *t, const struct trace_record *r)
{
    char from[WALK_NAME], into[WALK_NAME], behalf[WALK_NAME], reason[WALK_NAME];
    const char *label =
        r->kind == TRACE_MARK || r->kind == TRACE_MARK2 ? trace_label(t, r->reason) : NULL;

    fprintf(to, "%14" PRIu64 "  %-26s ", r->icount, walk_reason(r, reason));
    if (trace_kind_crosses(r->kind))
        fprintf(to, "%s -> %s", walk_domain(t, r->from, from), walk_domain(t, r->to, into));
    else
        fputs(walk_domain(t, r->to, into), to);
    if (r->behalf != r->to >> 1)
        fprintf(to, " for %s", walk_space(t, r->behalf, behalf));
    if (r->thread)
        fprintf(to, " thread %" PRIu32, r->thread);
    if (r->kind == TRACE_MARK || r->kind == TRACE_MARK2)
        fprintf(to, " \"%s\" %" PRIu64 "\n", label ? label : "?", r->addr);
    else if (r->kind == TRACE_SPACE)
        fprintf(to, " is %s, cr3 0x%" PRIx64 "\n", walk_space(t, r->reason, reason), r->addr);
    else
        fprintf(to, " at 0x%" PRIx64 "\n", r->addr);
}

bool trace_text(FILE *to, struct trace_reader *t, const struct trace_pick *pick)
{
    struct trace_record r;
    struct walk w;

    walk_begin(&w, t, pick);
    while (walk_next(&w, &r) && !ferror(to))
        if (walk_picks(&w, r.kind))
            text_line(to, t, &r);
    return true;
}

/* ---- CSV (RFC 4180, lines end with LF) ---- */

static void csv_name(FILE *to, const char *name)
{
    fputs(",\"", to);
    for (; *name; name++) {
        if (*name == '"')
            fputc('"', to);
        fputc(*name, to);
    }
    fputc('"', to);
}

static void csv_line(FILE *to, const struct trace_reader *t, const struct trace_record *r)
{
    const struct trace_extra *x = trace_read_extra(t);
    char name[WALK_NAME];

    fprintf(to, "%" PRIu64 ",%s,%u,%s,%u,%s,%u,%" PRIu32 ",%" PRIu32 ",0x%" PRIx64, r->icount,
            trace_kind_name(r->kind), r->from >> 1, r->from & 1 ? "user" : "kernel", r->to >> 1,
            r->to & 1 ? "user" : "kernel", r->behalf, r->thread, r->reason, r->addr);
    csv_name(to, walk_space(t, r->from >> 1, name));
    csv_name(to, walk_space(t, r->to >> 1, name));
    csv_name(to, walk_space(t, r->behalf, name));
    csv_name(to, x->text);
    fputc('\n', to);
}

bool trace_csv(FILE *to, struct trace_reader *t, const struct trace_pick *pick)
{
    struct trace_record r;
    struct walk w;

    fputs("icount,event,from,from_mode,to,to_mode,behalf,thread,reason,addr,from_name,to_name,"
          "behalf_name,text\n",
          to);
    walk_begin(&w, t, pick);
    while (walk_next(&w, &r) && !ferror(to))
        if (walk_picks(&w, r.kind))
            csv_line(to, t, &r);
    return true;
}

/* ---- folded stacks: "space;user;syscall 4 COUNT", instructions as the weight ---- */

/* Which of the stacks a span belongs to: where, and why control came. */
static uint64_t fold_key(const struct trace_record *by)
{
    return (uint64_t)by->to << 48 | (uint64_t)by->kind << 32 | by->reason;
}

static void fold_name(FILE *to, const struct trace_reader *t, unsigned index)
{
    char room[WALK_NAME];
    const char *name = walk_space(t, index, room);

    for (const char *c = name; *c; c++)
        fputc(*c == ';' ? ':' : *c, to);
    for (unsigned i = 0; i < trace_spaces(t); i++) /* two spaces of one name stay apart */
        if (i != index && trace_space(t, i) && !strcmp(trace_space(t, i)->text, name)) {
            fprintf(to, "#%u", index);
            break;
        }
}

static void fold_line(FILE *to, const struct trace_reader *t, const struct tally_row *row)
{
    struct trace_record by = {
        .to = row->key >> 48, .kind = row->key >> 32 & 0xffff, .reason = row->key};
    char reason[WALK_NAME];

    if (row->sum == 0)
        return;
    fold_name(to, t, by.to >> 1);
    fprintf(to, ";%s;%s %" PRIu64 "\n", by.to & 1 ? "user" : "kernel", walk_reason(&by, reason),
            row->sum);
}

bool trace_folded(FILE *to, struct trace_reader *t, const struct trace_pick *pick)
{
    struct tally stacks = {.row = NULL};
    struct trace_record r;
    struct walk w;
    bool good;
    size_t n;

    walk_begin(&w, t, pick);
    while (walk_next(&w, &r))
        if (w.crossed && walk_picks(&w, w.done.by.kind))
            tally_add(&stacks, fold_key(&w.done.by), 1, w.done.end - w.done.begin);
    if (w.known && walk_picks(&w, w.done.by.kind))
        tally_add(&stacks, fold_key(&w.done.by), 1, w.done.end - w.done.begin);
    n = tally_sort(&stacks);
    for (size_t i = 0; i < n; i++)
        fold_line(to, t, &stacks.row[i]);
    good = !stacks.no_memory;
    tally_free(&stacks);
    return good;
}

/* ---- Chrome's JSON: a process a space, a track a privilege, a slice a span ----
 * Time is in microseconds there; one instruction is shown as one nanosecond. Process and thread
 * numbers start at 1, since 0 means "idle" to the viewers, and no two tracks share a number. */

struct json {
    FILE *to;
    const struct trace_reader *t;
    const char *comma;
    struct trace_record mark; /* waits for its MARK2 */
    bool space_named[1 << 16];
};

static void json_text(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', to);
        fputc(*text, to);
    }
    fputc('"', to);
}

static void json_open(struct json *j, const char *phase, unsigned domain)
{
    fprintf(j->to, "%s{\"ph\":\"%s\",\"pid\":%u,\"tid\":%u", j->comma, phase, (domain >> 1) + 1,
            domain + 2);
    j->comma = ",\n";
}

static void json_time(struct json *j, const char *key, uint64_t icount)
{
    fprintf(j->to, ",\"%s\":%" PRIu64 ".%03u", key, icount / 1000, (unsigned)(icount % 1000));
}

static void json_track(struct json *j, unsigned domain)
{
    json_open(j, "M", domain);
    fprintf(j->to, ",\"name\":\"thread_name\",\"args\":{\"name\":\"%s\"}}",
            domain & 1 ? "user" : "kernel");
}

/* Names a space's tracks before the first slice on them. */
static void json_space(struct json *j, unsigned domain)
{
    unsigned index = domain >> 1;
    const struct trace_extra *x = trace_space(j->t, index);
    char name[WALK_NAME], whole[WALK_NAME + 32];

    if (j->space_named[index])
        return;
    j->space_named[index] = true;
    snprintf(whole, sizeof whole, x && x->id ? "%s (level %" PRIu32 ")" : "%s",
             walk_space(j->t, index, name), x ? x->level : 0);
    json_open(j, "M", domain);
    fputs(",\"name\":\"process_name\",\"args\":{\"name\":", j->to);
    json_text(j->to, whole);
    fputs("}}", j->to);
    json_open(j, "M", domain);
    fprintf(j->to, ",\"name\":\"process_sort_index\",\"args\":{\"sort_index\":%" PRIu32 "}}",
            x && x->id ? x->level : 0);
    json_track(j, domain & ~1u);
    json_track(j, domain | 1);
}

static void json_slice(struct json *j, const struct trace_span *s)
{
    char reason[WALK_NAME], from[WALK_NAME], behalf[WALK_NAME];

    if (s->end == s->begin)
        return;
    json_space(j, s->by.to);
    json_open(j, "X", s->by.to);
    json_time(j, "ts", s->begin);
    json_time(j, "dur", s->end - s->begin);
    fputs(",\"name\":", j->to);
    json_text(j->to, walk_reason(&s->by, reason));
    fputs(",\"args\":{\"for\":", j->to);
    json_text(j->to, walk_space(j->t, s->by.behalf, behalf));
    if (s->by.kind) {
        fputs(",\"from\":", j->to);
        json_text(j->to, walk_domain(j->t, s->by.from, from));
        fprintf(j->to, ",\"thread\":%" PRIu32 ",\"addr\":\"0x%" PRIx64 "\"", s->by.thread,
                s->by.addr);
    }
    fputs("}}", j->to);
}

static void json_region(struct json *j, const struct trace_record *r)
{
    json_space(j, r->to);
    json_open(j, r->kind == TRACE_BEGIN ? "b" : "e", r->to);
    json_time(j, "ts", r->icount);
    fprintf(j->to, ",\"cat\":\"region\",\"id\":%" PRIu32 ",\"name\":\"region %" PRIu32 "\"}",
            r->reason, r->reason);
}

static void json_instant(struct json *j, const struct trace_record *r, const char *name,
                         const char *scope)
{
    json_space(j, r->to);
    json_open(j, "i", r->to);
    json_time(j, "ts", r->icount);
    fprintf(j->to, ",\"s\":\"%s\",\"name\":", scope);
    json_text(j->to, name);
}

/* JSON's readers take numbers as doubles: what does not fit is given as text. */
static void json_integer(struct json *j, const char *key, uint64_t n)
{
    if (n < 1ull << 53)
        fprintf(j->to, "\"%s\":%" PRIu64, key, n);
    else
        fprintf(j->to, "\"%s\":\"0x%" PRIx64 "\"", key, n);
}

/* A marker is two events; both integers go into one instant. */
static void json_mark(struct json *j, const struct trace_record *second)
{
    const char *label;

    if (!j->mark.kind)
        return;
    label = trace_label(j->t, j->mark.reason);
    json_instant(j, &j->mark, label ? label : "mark", "g");
    fputs(",\"args\":{", j->to);
    json_integer(j, "a", j->mark.addr);
    if (second) {
        fputc(',', j->to);
        json_integer(j, "b", second->addr);
    }
    fputs("}}", j->to);
    j->mark.kind = 0;
}

static void json_event(struct json *j, const struct trace_record *r)
{
    char reason[WALK_NAME];

    json_mark(j, r->kind == TRACE_MARK2 ? r : NULL);
    switch (r->kind) {
    case TRACE_MARK:
        j->mark = *r;
        break;
    case TRACE_MARK2:
        break;
    case TRACE_BEGIN:
    case TRACE_END:
        json_region(j, r);
        break;
    default:
        json_instant(j, r, walk_reason(r, reason), r->kind == TRACE_EXIT ? "g" : "t");
        fputc('}', j->to);
    }
}

bool trace_perfetto(FILE *to, struct trace_reader *t, const struct trace_pick *pick)
{
    struct json *j = calloc(1, sizeof *j);
    struct trace_record r;
    struct walk w;

    if (!j)
        return false;
    j->to = to;
    j->t = t;
    j->comma = "";
    fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n", to);
    walk_begin(&w, t, pick);
    while (walk_next(&w, &r) && !ferror(to)) {
        if (w.crossed && walk_picks(&w, w.done.by.kind))
            json_slice(j, &w.done);
        else if (!w.crossed && walk_picks(&w, r.kind))
            json_event(j, &r);
    }
    json_mark(j, NULL);
    if (w.known && walk_picks(&w, w.done.by.kind))
        json_slice(j, &w.done);
    fputs("\n]}\n", to);
    free(j);
    return true;
}

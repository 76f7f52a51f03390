/* sim/gdb/catch.c -- stops at crossings: from whom, to whom, why. Nothing is listened to, and
 * nothing paid, while there is no catch or the machine runs for nobody.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"
#include "sim/gdb/target.h"
#include "sim/name.h"
#include "sim/regs.h"

enum { CATCHES = 64, WORD = 48 };

static struct catch
{
    int id; /* 0 = free */
    bool once;
    struct whom {
        char text[WORD]; /* as it was given; empty = anybody */
        bool kernel;     /* in kernel mode */
        struct sim_space_word space;
    } from, to;
    uint64_t kinds;
    int vector, level, thread; /* -1 = any; a thread: in user mode again */
}
catches[CATCHES];

static int last_id, listening = -1;
static struct stop *found;
static bool live;
static uint64_t home;    /* from where the way back began, */
static bool home_behind; /* behind the delivery of an interrupt */

static const struct kind {
    const char *name;
    bool crosses;
} kinds[TRACE_KINDS] = {
#define TRACE_EVENT(id, name, crossing, reason, addr, text) [id] = {#name, crossing},
#include "abi/trace/events.def"
#undef TRACE_EVENT
};

/* ---- whom a word means ---- */

static bool is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == 0;
}

/* Spaces are looked for at each event: a catch may wait for one that is still to come. */
static void whom_set(struct whom *w, const char *text)
{
    snprintf(w->text, sizeof w->text, "%s", text);
    w->kernel = strcmp(text, "kernel") == 0 || strcmp(text, "L0") == 0;
    sim_space_word(text, &w->space);
}

static bool means(const struct whom *w, unsigned domain)
{
    bool user = domain & 1;

    if (!*w->text || w->kernel)
        return !*w->text || !user;
    return (user || !sim_debug_block()) && sim_space_meant(&w->space, domain / 2);
}

static unsigned level_of(unsigned domain)
{
    const struct sim_space *s = sim_space(domain / 2);

    return s && domain & 1 ? s->level : 0;
}

/* ---- events ---- */

static bool meets(const struct catch *c, const struct trace_record *r)
{
    if (!c->id || !(c->kinds >> r->kind & 1) || !means(&c->from, r->from) || !means(&c->to, r->to))
        return false;
    if (c->vector >= 0 && (r->reason & 0xff) != (unsigned)c->vector)
        return false;
    if (c->thread >= 0 && (!(r->to & 1) || target_current().tid != c->thread))
        return false;
    return c->level < 0 || level_of(r->from) == (unsigned)c->level ||
           level_of(r->to) == (unsigned)c->level;
}

static void domain_text(unsigned domain, char *out, size_t max)
{
    const struct sim_space *s = sim_space(domain / 2);

    if (!(domain & 1) && sim_debug_block())
        snprintf(out, max, "kernel");
    else
        snprintf(out, max, "L%u %.*s%s", s ? s->level : 0, s ? (int)sizeof s->name : 1,
                 s ? s->name : "?", domain & 1 ? "" : "/kernel");
}

static void describe(const struct trace_record *r, char *out, size_t max)
{
    char from[48], to[48];

    domain_text(r->from, from, sizeof from);
    domain_text(r->to, to, sizeof to);
    if (r->kind == TRACE_EXCEPTION)
        snprintf(out, max, "exception %u from %s to %s, address 0x%llx", r->reason & 0xff, from, to,
                 (unsigned long long)r->addr);
    else
        snprintf(out, max, "%s %u from %s to %s", kinds[r->kind].name, r->reason, from, to);
}

/* The way back is from behind a crossing, if the machine stands there, to the one before it. */
static bool is_here(const struct trace_record *r)
{
    return r->icount >= home && !(home_behind && r->icount == home && r->kind != TRACE_INTERRUPT);
}

static void on_event(void *ctx, const struct trace_record *r)
{
    (void)ctx;
    if (!found || (live ? found->kind != STOP_PLAIN : is_here(r)))
        return;
    for (unsigned i = 0; i < CATCHES; i++) {
        if (!meets(&catches[i], r))
            continue;
        *found = (struct stop){
            .kind = STOP_CATCH, .how = r->kind == TRACE_INTERRUPT, .icount = r->icount};
        describe(r, found->text, sizeof found->text);
        if (!live)
            return;
        if (catches[i].once)
            catches[i].id = 0;
        sim_stop_request();
        return;
    }
}

void catch_from_here(void)
{
    home = sim_icount();
    home_behind = sim_interrupted();
}

void catch_arm(struct stop *to, bool first)
{
    uint64_t all = 0;

    for (unsigned i = 0; to && i < CATCHES; i++)
        all |= catches[i].id ? catches[i].kinds : 0;
    if (listening >= 0)
        sim_unlisten(listening);
    listening = all ? sim_listen(all, on_event, NULL) : -1;
    found = to;
    live = first;
}

/* ---- the list ---- */

/* Loading CR3 by itself is not control passing to somebody. */
static uint64_t kinds_crossing(void)
{
    uint64_t all = 0;

    for (unsigned k = 0; k < TRACE_KINDS; k++)
        all |= kinds[k].crosses && k != TRACE_CR3 ? 1ull << k : 0;
    return all;
}

static int kind_set(struct catch *c, const char *name)
{
    for (unsigned k = 0; k < TRACE_KINDS; k++)
        if (kinds[k].name && strcasecmp(kinds[k].name, name) == 0) {
            c->kinds = 1ull << k;
            return 0;
        }
    return sim_fail(
        "no kind of crossing '%.40s': syscall, sysret, exception, interrupt, iret, cr3, "
        "int, vmenter, vmexit ...",
        name);
}

static int number_set(int *to, const char *text, const char *what)
{
    if (!is_number(text) || strlen(text) > 6)
        return sim_fail("%s: '%.40s' is no number", what, text);
    *to = atoi(text);
    return 0;
}

static int word_set(struct catch *c, const char *word)
{
    const char *value = strchr(word, '=');
    size_t n = value ? (size_t)(value - word) : strlen(word);

    if (!value && (strcmp(word, "any") == 0 || strcmp(word, "crossing") == 0))
        return 0;
    if (!value && strcmp(word, "fault") == 0)
        return kind_set(c, "exception");
    if (!value)
        return kind_set(c, word);
    value++;
    if (strlen(value) >= WORD)
        return sim_fail("'%.20s...' is too long", word);
    if (n == 4 && memcmp(word, "from", n) == 0)
        return whom_set(&c->from, value), 0;
    if (n == 2 && memcmp(word, "to", n) == 0)
        return whom_set(&c->to, value), 0;
    if (n == 6 && memcmp(word, "reason", n) == 0)
        return kind_set(c, value);
    if (n == 6 && memcmp(word, "vector", n) == 0)
        return number_set(&c->vector, value, "vector");
    if (n == 5 && memcmp(word, "level", n) == 0)
        return number_set(&c->level, value, "level");
    if (n == 6 && memcmp(word, "thread", n) == 0)
        return number_set(&c->thread, value, "thread");
    return sim_fail("'%.40s' is not understood: from=SPACE to=SPACE reason=KIND vector=N level=N "
                    "thread=N, fault or any",
                    word);
}

int catch_add(const char *words, bool once)
{
    struct catch c = {
        .once = once, .vector = -1, .level = -1, .thread = -1, .kinds = kinds_crossing()};
    char copy[256], *rest, *word;

    if (strlen(words) >= sizeof copy)
        return sim_fail("that is longer than %zu characters", sizeof copy - 1);
    strcpy(copy, words);
    for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        if (word_set(&c, word) != 0)
            return -1;
    for (unsigned i = 0; i < CATCHES; i++)
        if (!catches[i].id) {
            c.id = ++last_id;
            catches[i] = c;
            return c.id;
        }
    return sim_fail("there are %d catches already: monitor uncatch removes them", CATCHES);
}

bool catch_remove(int id)
{
    bool any = false;

    for (unsigned i = 0; i < CATCHES; i++)
        if (catches[i].id && (id < 0 || catches[i].id == id)) {
            catches[i].id = 0;
            any = true;
        }
    return any;
}

void catch_list(struct text *to)
{
    for (unsigned i = 0; i < CATCHES; i++) {
        const struct catch *c = &catches[i];
        if (!c->id)
            continue;
        text_printf(to, "catch %d:%s", c->id, c->once ? " once" : "");
        for (unsigned k = 0; c->kinds != kinds_crossing() && k < TRACE_KINDS; k++)
            if (c->kinds >> k & 1)
                text_printf(to, " %s", kinds[k].name);
        text_printf(to, "%s%s%s%s", *c->from.text ? " from=" : "", c->from.text,
                    *c->to.text ? " to=" : "", c->to.text);
        if (c->vector >= 0)
            text_printf(to, " vector=%d", c->vector);
        if (c->level >= 0)
            text_printf(to, " level=%d", c->level);
        if (c->thread >= 0)
            text_printf(to, " thread=%d", c->thread);
        text_puts(to, "\n");
    }
}

/* sim/core/event.c -- the account of who runs: domains, charges, events, sinks and listeners.
 *
 * Every crossing ends one stretch of instructions and begins another. Crossings are appended to a
 * batch (cross.h); when it is taken, each stretch is charged to the row (domain, on whose behalf)
 * that was in force, kinds are counted, and sinks get the records. Invariant, whenever nothing
 * waits in the batch: the sum of all rows plus the open stretch equals the instruction count. The
 * account is machine state (it goes back in time); sinks, listeners and how many events were
 * already delivered are the tool's. With nobody interested nothing is recorded, and the one row
 * there is holds everything.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "sim/core/cross.h"
#include "sim/core/event.h"
#include "sim/core/machine.h"
#include "sim/core/shim.h"

#define DOMAINS     (SIM_SPACES * 2)
#define ROWS        32768 /* more pairs than that share row 0's behalf: see row_make() */
#define HASH        16384 /* power of two, twice the spaces */
#define LABELS      1024
#define LABEL_BYTES 64
#define SINKS       8
#define LISTENERS   32

struct account {
    uint64_t since;    /* icount at which the open stretch began */
    uint64_t progress; /* icount of the last sign of life */
    uint64_t seq;      /* events so far */
    uint64_t count[TRACE_KINDS];
    uint64_t cr3; /* key of the space in force */
    uint32_t spaces, rows, labels;
    struct sim_charge *row; /* of the open stretch */
    struct sim_charge *row_of[DOMAINS];
    struct sim_charge row_table[ROWS];
    uint16_t space_hash[HASH];   /* space index, 0 = empty */
    uint32_t row_hash[ROWS * 2]; /* row number + 1 */
    struct sim_space space_table[SIM_SPACES];
    char label[LABELS][LABEL_BYTES];
};

static struct account *acct MACHINE_STATE = NULL;
struct cross_now cross_now MACHINE_STATE = {0, 0, 0, 0, false};

/* The tool's side. */
static struct sim_sink sinks[SINKS];
static unsigned sink_count;
static struct {
    uint64_t kinds;
    sim_listen_fn *fn;
    void *ctx;
} listeners[LISTENERS];
static bool accounted;     /* sim_account() */
static uint64_t delivered; /* events that sinks have had, or that were before their time */
static struct trace_record own_batch[SIM_BATCH];
static struct trace_record *batch = own_batch; /* or memory of a sink that has some to lend */
struct trace_record *cross_next = own_batch, *cross_end = own_batch + SIM_BATCH;
uint64_t cross_heard;

int event_open(void)
{
    acct = bxs_calloc(1, sizeof *acct);
    if (!acct)
        return sim_fail("no memory for the account of events");
    acct->spaces = acct->labels = 1;
    snprintf(acct->space_table[0].name, sizeof acct->space_table[0].name, "before paging");
    acct->space_table[0].live = true;
    acct->rows = 1;
    acct->row = acct->row_of[0] = &acct->row_table[0];
    return 0;
}

/* ---- charging ---- */

static uint32_t mix(uint64_t key)
{
    return (uint32_t)((key * 0x9e3779b97f4a7c15ull) >> 40);
}

static struct sim_charge *row_make(unsigned domain, unsigned behalf, uint32_t *slot)
{
    if (acct->rows == ROWS)
        return &acct->row_table[0]; /* full: nothing is lost, but who it was is */
    struct sim_charge *row = &acct->row_table[acct->rows++];
    row->domain = (uint16_t)domain;
    row->behalf = (uint16_t)behalf;
    *slot = acct->rows;
    return row;
}

static struct sim_charge *row_find(unsigned domain, unsigned behalf)
{
    if (domain == 0 && behalf == 0)
        return &acct->row_table[0];
    for (uint32_t h = mix((uint64_t)domain << 16 | behalf);; h++) {
        uint32_t *slot = &acct->row_hash[h % (ROWS * 2)];
        if (*slot == 0)
            return row_make(domain, behalf, slot);
        struct sim_charge *row = &acct->row_table[*slot - 1];
        if (row->domain == domain && row->behalf == behalf)
            return row;
    }
}

/* ---- taking a batch ---- */

static void settle(uint64_t at)
{
    acct->row->instructions += at - acct->since;
    acct->since = at;
}

static void charge(const struct trace_record *r, const struct trace_record *end)
{
    for (; r < end; r++) {
        acct->count[r->kind]++;
        settle(r->icount);
        struct sim_charge *row = acct->row_of[r->to];
        if (__builtin_expect(!row || row->behalf != r->behalf, 0))
            row = acct->row_of[r->to] = row_find(r->to, r->behalf);
        row->entries += r->from != r->to;
        acct->row = row;
    }
}

static void choose_batch(void)
{
    batch = own_batch;
    for (unsigned i = 0; i < sink_count && batch == own_batch; i++)
        if (sinks[i].room)
            batch = sinks[i].room(sinks[i].ctx);
    cross_next = batch;
    cross_end = batch + SIM_BATCH;
}

/* Sinks get what they have not had before, as the machine sees it or as they do: a replay repeats
 * events. */
static void deliver(const struct trace_record *r, size_t n, uint64_t seq)
{
    uint64_t skip = delivered > seq ? delivered - seq : 0;
    if (skip < n)
        delivered = seq + n;
    for (unsigned i = 0; i < sink_count; i++) {
        uint64_t had = sinks[i].goes_back ? 0 : skip;
        if (had < n)
            sinks[i].take(sinks[i].ctx, r + had, n - had);
    }
}

void cross_flush(void)
{
    struct trace_record *first = batch;
    size_t n = (size_t)(cross_next - batch);
    uint64_t seq = acct->seq;
    if (n == 0)
        return;
    acct->seq += n;
    acct->progress = first[n - 1].icount;
    if (accounted)
        charge(first, first + n);
    cross_next = batch; /* a sink may look at the account, and so come here again */
    if (sink_count)
        deliver(first, n, seq);
    choose_batch();
}

void sim_event_flush(void)
{
    if (acct)
        cross_flush();
}

void cross_listen(const struct trace_record *r)
{
    struct trace_record copy = *r;
    if (machine_replaying())
        return;
    for (unsigned i = 0; i < LISTENERS; i++)
        if (listeners[i].kinds >> copy.kind & 1)
            listeners[i].fn(listeners[i].ctx, &copy);
}

/* ---- what the engine tells ---- */

void up_cr3(uint64_t at, uint64_t cr3, bool guest, bool user, unsigned kind, uint32_t reason,
            uint64_t addr)
{
    uint64_t key = bxs_paging() ? (cr3 & ~0xfffull) | guest : 0;
    unsigned before = cross_now.space;
    if (key != acct->cr3) {
        acct->cr3 = key;
        cross_now.space = event_space_of(key, true, at);
    }
    if (kind == 0) { /* paging went on or off: an event only when that changed the space */
        if (cross_now.space == before)
            return;
        kind = TRACE_CR3;
        addr = cr3;
    }
    cross(kind, at, reason, addr, user);
}

void event_note(unsigned kind, uint64_t at, uint32_t reason, uint64_t addr)
{
    struct trace_record *r = cross_next;
    if (!bxs_events)
        return;
    *r = (struct trace_record){at,
                               addr,
                               reason,
                               (uint16_t)kind,
                               cross_now.domain,
                               cross_now.domain,
                               cross_now.behalf,
                               cross_now.thread};
    cross_next++;
    if (cross_heard >> kind & 1)
        cross_listen(r);
    if (cross_next == cross_end)
        cross_flush();
}

void up_note(unsigned kind, uint64_t at, uint32_t reason, uint64_t addr)
{
    event_note(kind, at, reason, addr);
}

void event_diverge(void)
{
    if (delivered > acct->seq)
        delivered = acct->seq;
}

uint64_t event_progress(void)
{
    return acct->progress;
}

void event_alive(uint64_t at)
{
    acct->progress = at;
}

void event_spaces_changed(uint64_t at)
{
    cross_now.space = event_space_of(acct->cr3, true, at);
}

void event_set_behalf(unsigned space, uint32_t thread)
{
    cross_now.behalf = (uint16_t)space;
    cross_now.thread = thread;
}

/* ---- spaces ---- */

void event_space_unnamed(struct sim_space *s)
{
    snprintf(s->name, sizeof s->name, s->cr3 & 1 ? "guest:%llx" : "cr3:%llx",
             (unsigned long long)(s->cr3 & ~1ull));
}

static unsigned space_make(uint64_t key, uint16_t *slot, uint64_t at)
{
    if (acct->spaces == SIM_SPACES)
        return 0;
    unsigned index = acct->spaces++;
    struct sim_space *s = &acct->space_table[index];
    s->cr3 = key;
    s->live = true;
    event_space_unnamed(s);
    *slot = (uint16_t)index;
    event_note(TRACE_SPACE, at, index, key);
    return index;
}

/* Index 0 when `cr3` is 0, unknown and not to be made, or the table is full. A root whose space has
 * died and that is used again gets a new index; the hash then points at the new one. */
unsigned event_space_of(uint64_t cr3, bool make, uint64_t at)
{
    if (cr3 == 0)
        return 0;
    for (uint32_t h = mix(cr3);; h++) {
        uint16_t *slot = &acct->space_hash[h % HASH];
        if (*slot == 0)
            return make ? space_make(cr3, slot, at) : 0;
        struct sim_space *s = &acct->space_table[*slot];
        if (s->cr3 != cr3)
            continue;
        return s->live || !make ? *slot : space_make(cr3, slot, at);
    }
}

struct sim_space *event_space(unsigned index)
{
    return &acct->space_table[index];
}

unsigned sim_space_count(void)
{
    return acct ? acct->spaces : 0;
}

const struct sim_space *sim_space(unsigned index)
{
    return index < sim_space_count() ? &acct->space_table[index] : NULL;
}

unsigned sim_domain_now(void)
{
    return cross_now.domain;
}

unsigned sim_behalf_now(uint32_t *thread)
{
    *thread = cross_now.thread;
    return cross_now.behalf;
}

/* ---- labels ---- */

unsigned event_label(const char *text)
{
    for (unsigned i = 1; i < acct->labels; i++)
        if (strncmp(acct->label[i], text, LABEL_BYTES - 1) == 0)
            return i;
    if (acct->labels == LABELS)
        return 0;
    snprintf(acct->label[acct->labels], LABEL_BYTES, "%s", text);
    return acct->labels++;
}

const char *sim_label(unsigned id)
{
    return acct && id > 0 && id < acct->labels ? acct->label[id] : NULL;
}

/* ---- what tools ask ---- */

size_t sim_charges(struct sim_charge *rows, size_t max)
{
    if (!acct)
        return 0;
    cross_flush();
    settle(bxs_icount());
    size_t n = 0;
    for (uint32_t i = 0; i < acct->rows; i++) {
        if (!acct->row_table[i].instructions && !acct->row_table[i].entries)
            continue;
        if (n < max)
            rows[n] = acct->row_table[i];
        n++;
    }
    return n;
}

uint64_t sim_event_count(enum trace_kind kind)
{
    sim_event_flush();
    return acct && kind < TRACE_KINDS ? acct->count[kind] : 0;
}

/* Somebody begins to look: who runs must be true again, and what ran unseen stays in row 0. */
static void begin(void)
{
    if (!acct)
        return;
    settle(bxs_icount());
    acct->cr3 = bxs_paging() ? (bxs_reg_get(SIM_REG_cr3) & ~0xfffull) | bxs_in_guest() : 0;
    cross_now.space = event_space_of(acct->cr3, true, acct->since);
    cross_now.domain = (uint16_t)(cross_now.space * 2 + (bxs_cpl() == 3));
    cross_now.behalf = (uint16_t)cross_now.space;
    acct->row = row_find(cross_now.domain, cross_now.behalf);
}

static void rearm(void)
{
    bool was = bxs_events;
    cross_heard = 0;
    for (unsigned i = 0; i < LISTENERS; i++)
        cross_heard |= listeners[i].kinds;
    bxs_events = accounted || sink_count || cross_heard;
    if (bxs_events && !was)
        begin();
    choose_batch();
}

void sim_account(bool on)
{
    sim_event_flush();
    if (on && !accounted && bxs_events)
        begin(); /* others have looked, but nobody has charged */
    accounted = on;
    rearm();
}

int sim_sink_add(const struct sim_sink *sink)
{
    if (sink_count == SINKS)
        return sim_fail("too many event sinks: at most %d", SINKS);
    sim_event_flush();
    if (sink_count == 0 && acct && acct->seq > delivered)
        delivered = acct->seq; /* what was before anybody looked is not told */
    sinks[sink_count++] = *sink;
    choose_batch();
    rearm();
    return 0;
}

void sim_sink_remove(void *ctx)
{
    sim_event_flush();
    for (unsigned i = 0; i < sink_count; i++)
        if (sinks[i].ctx == ctx)
            sinks[i--] = sinks[--sink_count];
    choose_batch();
    rearm();
}

int sim_listen(uint64_t kinds, sim_listen_fn *fn, void *ctx)
{
    for (int i = 0; i < LISTENERS; i++) {
        if (listeners[i].kinds)
            continue;
        listeners[i].fn = fn;
        listeners[i].ctx = ctx;
        listeners[i].kinds = kinds;
        rearm();
        return i;
    }
    return sim_fail("too many listeners: at most %d", LISTENERS);
}

void sim_unlisten(int id)
{
    if (id >= 0 && id < LISTENERS)
        listeners[id].kinds = 0;
    rearm();
}

/* gui/model.c -- who there is, and exact sums: whole buckets from the index, the rest from events.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "gui/model.h"

enum { SPACES = 65536 };

/* ---- lanes ---- */

/* `sub` is the thread of a lane that runs, the kind of one that counts. */
static size_t lane_slot(const struct model *m, unsigned what, unsigned to, unsigned behalf,
                        uint32_t sub)
{
    uint64_t h = ((uint64_t)sub << 32 | to << 16 | behalf) * 0x9e3779b97f4a7c15ull + what;
    size_t at = h >> 20 & (m->lane_hashed - 1);

    for (; m->lane_hash[at]; at = (at + 1) & (m->lane_hashed - 1)) {
        const struct index_lane *l = index_lane(m->index, m->lane_hash[at] - 1);
        if (l->what == what && l->to == to && l->behalf == behalf &&
            (what == INDEX_RUN ? l->thread : l->id) == sub)
            break;
    }
    return at;
}

static bool lanes_hash(struct model *m)
{
    for (m->lane_hashed = 256; m->lane_hashed < index_lanes(m->index) * 2;)
        m->lane_hashed *= 2;
    m->lane_hash = calloc(m->lane_hashed, sizeof *m->lane_hash);
    for (unsigned i = 0; m->lane_hash && i < index_lanes(m->index); i++) {
        const struct index_lane *l = index_lane(m->index, i);
        if (l->what == INDEX_RUN)
            m->lane_hash[lane_slot(m, l->what, l->to, l->behalf, l->thread)] = i + 1;
        if (l->what == INDEX_KIND)
            m->lane_hash[lane_slot(m, l->what, l->to, l->behalf, l->id)] = i + 1;
    }
    return m->lane_hash != NULL;
}

uint32_t model_lane(const struct model *m, const struct trace_record *by)
{
    uint32_t at = m->lane_hash[lane_slot(m, INDEX_RUN, by->to, by->behalf, by->thread)];

    if (!at)
        at = m->lane_hash[lane_slot(m, INDEX_RUN, by->to, by->behalf, INDEX_ANY)];
    if (!at)
        at = m->lane_hash[lane_slot(m, INDEX_RUN, by->to & 1, 0, INDEX_ANY)];
    return at ? at - 1 : UINT32_MAX;
}

/* ---- entities ---- */

static const struct trace_extra *known(const struct model *m, unsigned space)
{
    for (size_t i = 0; i < index_spaces(m->index); i++)
        if (index_space(m->index, i)->index == space)
            return &index_space(m->index, i)->known;
    return NULL;
}

/* The page tables of a kernel that has no space yet. */
static bool is_kernel(const struct trace_extra *x)
{
    return x && x->id == 0 && strcmp(x->text, "kernel start") == 0;
}

static void entity_make(struct model_entity *e, const struct trace_extra *x, unsigned space)
{
    *e = (struct model_entity){.space = space};
    if (x) {
        e->id = x->id;
        e->level = x->id ? x->level : 0;
    }
    if (x && x->text[0])
        snprintf(e->name, sizeof e->name, "%.64s", x->text);
    else
        snprintf(e->name, sizeof e->name, "space %u", space);
    if (e->level)
        snprintf(e->label, sizeof e->label, "L%u %.80s", e->level, e->name);
    else
        snprintf(e->label, sizeof e->label, "%.80s", e->name);
}

static int by_level(const void *left, const void *right)
{
    const struct model_entity *a = left, *b = right;

    if (a->level != b->level)
        return a->level < b->level ? -1 : 1;
    return a->space < b->space ? -1 : a->space > b->space;
}

static void parents_find(struct model *m)
{
    m->entity[0].parent = -1;
    for (unsigned i = 1; i < m->entities; i++) {
        const struct trace_extra *x = known(m, m->entity[i].space);
        for (unsigned p = 1; x && x->id && p < i; p++)
            if (m->entity[p].id && m->entity[p].id == x->parent &&
                m->entity[p].level < m->entity[i].level)
                m->entity[i].parent = p;
    }
}

static void lived(struct model_entity *e, const struct index_lane *l)
{
    e->first = l->first < e->first ? l->first : e->first;
    e->last = l->last > e->last ? l->last : e->last;
}

static void lives_find(struct model *m)
{
    for (unsigned i = 0; i < index_lanes(m->index); i++) {
        const struct index_lane *l = index_lane(m->index, i);
        if (l->what != INDEX_RUN)
            continue;
        lived(&m->entity[m->of_space[l->behalf]], l);
        lived(&m->entity[model_charged(m, l->to, l->behalf)], l);
    }
}

/* Every space that ran, or that something ran for. */
static bool entities_find(struct model *m)
{
    bool *seen = calloc(SPACES, sizeof *seen);
    unsigned n = 1;

    m->of_space = calloc(SPACES, sizeof *m->of_space);
    if (!seen || !m->of_space) {
        free(seen);
        return false;
    }
    for (unsigned i = 0; i < index_lanes(m->index); i++) {
        const struct index_lane *l = index_lane(m->index, i);
        if (l->what == INDEX_RUN)
            seen[l->to >> 1] = seen[l->behalf] = true;
    }
    for (unsigned i = 0; i < SPACES; i++)
        n += seen[i];
    m->entity = calloc(n, sizeof *m->entity);
    m->entities = 1;
    for (unsigned i = 0; m->entity && i < SPACES; i++) {
        const struct trace_extra *x = seen[i] ? known(m, i) : NULL;
        if (seen[i] && !is_kernel(x))
            entity_make(&m->entity[m->entities++], x, i);
    }
    free(seen);
    if (!m->entity)
        return false;
    snprintf(m->entity[0].name, MODEL_LABEL, "kernel");
    snprintf(m->entity[0].label, MODEL_LABEL, "L0 kernel");
    qsort(m->entity + 1, m->entities - 1, sizeof *m->entity, by_level);
    for (unsigned i = 0; i < m->entities; i++)
        m->entity[i].first = UINT64_MAX;
    for (unsigned i = 1; i < m->entities; i++) {
        m->of_space[m->entity[i].space] = i;
        m->entity[i].shade = m->entity[i].level                        ? m->entity[i].level
                             : m->entity[i].space == INDEX_UNSEEN >> 1 ? 0
                                                                       : i;
    }
    parents_find(m);
    lives_find(m);
    return true;
}

unsigned model_entity(const struct model *m, unsigned domain)
{
    return m->of_space[domain >> 1 & (SPACES - 1)];
}

unsigned model_charged(const struct model *m, unsigned to, unsigned behalf)
{
    return to & 1 ? model_entity(m, to) : m->of_space[behalf & (SPACES - 1)];
}

/* ---- open and close ---- */

struct model *model_new(struct trace_reader *t, struct index *x, const struct index_live *live)
{
    static unsigned long models;
    struct model *m = calloc(1, sizeof *m);

    if (!m) {
        index_close(x);
        trace_read_close(t);
        return NULL;
    }
    m->reader = t;
    m->index = x;
    m->live = live;
    m->number = ++models;
    m->start = index_start(x);
    m->end = index_end(x);
    m->sums = calloc(index_lanes(x) + 1, sizeof *m->sums);
    if (m->end > MODEL_END_MAX || !m->sums || !lanes_hash(m) || !entities_find(m)) {
        model_close(m);
        return NULL;
    }
    return m;
}

struct model *model_open(const char *dir, index_tell *tell, void *ctx, char *err, size_t max)
{
    struct trace_reader *t = trace_read_open(dir, err, max);
    struct index *x = t ? index_open(t, dir, tell, ctx, err, max) : NULL;
    struct model *m = x ? model_new(t, x, NULL) : NULL;

    if (t && !x)
        trace_read_close(t);
    if (x && !m)
        snprintf(err, max, "no memory, or its instruction counts make no sense");
    return m;
}

void model_close(struct model *m)
{
    if (!m)
        return;
    index_close(m->index);
    trace_read_close(m->reader);
    free(m->entity);
    free(m->of_space);
    free(m->sums);
    free(m->lane_hash);
    free(m);
}

const char *model_damage(const struct model *m)
{
    return index_damage(m->index);
}

/* ---- events ---- */

/* The last packet that begins at or before `icount`. */
static size_t packet_at(const struct model *m, uint64_t icount)
{
    size_t low = 0, high = index_points(m->index);

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (trace_packet(m->reader, middle) && trace_packet(m->reader, middle)->begin <= icount)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static bool visit_span(const struct model_visit *v, const struct trace_span *whole, uint64_t from,
                       uint64_t to)
{
    struct trace_span part = *whole;

    part.begin = whole->begin > from ? whole->begin : from;
    part.end = whole->end < to ? whole->end : to;
    if (!v->span || part.begin > part.end || (part.begin == part.end && whole->begin < from))
        return true;
    return v->span(v->ctx, &part, whole->begin);
}

void model_visit(struct model *m, uint64_t from, uint64_t to, const struct model_visit *v)
{
    size_t n = packet_at(m, from);
    const struct index_point *p = index_point(m->index, n);
    struct trace_record r;
    struct walk w;

    if (!p)
        return;
    walk_resume(&w, m->reader, n, &p->now);
    while (walk_next(&w, &r)) {
        if (w.crossed && w.done.end >= from && !visit_span(v, &w.done, from, to))
            return;
        if (r.icount >= to)
            break;
        if (!w.crossed && r.icount >= from && v->event && !v->event(v->ctx, &r))
            return;
    }
    if (w.now.begin >= to && w.crossed)
        return; /* the crossing that ended the last span of the range */
    w.now.end = m->end > w.now.begin ? m->end : w.now.begin;
    visit_span(v, &w.now, from, to);
}

unsigned model_region(const struct model *m, uint32_t id)
{
    unsigned n = 0;

    for (unsigned i = 0; i < index_lanes(m->index); i++) {
        const struct index_lane *l = index_lane(m->index, i);
        if (l->what != INDEX_REGION)
            continue;
        if (l->id == id || l->id == INDEX_ANY)
            break;
        n++;
    }
    return n < INDEX_REGIONS ? n : INDEX_REGIONS - 1;
}

void model_regions(struct model *m, uint64_t icount, uint16_t open[INDEX_REGIONS])
{
    size_t n = packet_at(m, icount);
    const struct index_point *p = index_point(m->index, n);
    struct trace_record r;

    memset(open, 0, INDEX_REGIONS * sizeof *open);
    if (!p)
        return;
    memcpy(open, p->open, sizeof p->open);
    trace_read_packets(m->reader, n, SIZE_MAX);
    while (trace_read_next(m->reader, &r) && r.icount < icount) {
        uint16_t *region;
        if (r.kind != TRACE_BEGIN && r.kind != TRACE_END)
            continue;
        region = &open[model_region(m, r.reason)];
        if (r.kind == TRACE_BEGIN && *region < UINT16_MAX)
            ++*region;
        else if (r.kind == TRACE_END && *region)
            --*region;
    }
}

/* ---- sums ---- */

struct adding {
    struct model *m;
    uint64_t to;
};

/* What gaps say of [from, to); the rest is nobody's. */
static uint64_t add_shares(struct model *m, uint64_t from, uint64_t to)
{
    uint64_t left = to - from;

    for (size_t i = 0; i < m->live->gaps; i++) {
        const struct index_gap *g = &m->live->gap[i];
        uint64_t a = g->from > from ? g->from : from, b = g->to < to ? g->to : to;
        for (size_t n = 0; a < b && n < g->shares; n++) {
            const struct index_share *s = &g->share[n];
            struct trace_record by = {.to = s->domain, .behalf = s->behalf, .thread = INDEX_ANY};
            uint32_t lane = model_lane(m, &by);
            if (lane == UINT32_MAX)
                continue;
            m->sums[lane].instructions += index_part(g, s->instructions, a, b);
            m->sums[lane].entries += index_part(g, s->entries, a, b);
        }
        left -= a < b ? b - a : 0;
    }
    return left;
}

static bool add_span(void *ctx, const struct trace_span *span, uint64_t begun)
{
    struct adding *a = ctx;
    uint32_t lane = model_lane(a->m, &span->by);
    uint64_t length = span->end - span->begin;

    if (a->m->live && span->by.to == INDEX_UNSEEN)
        length = add_shares(a->m, span->begin, span->end);
    if (lane == UINT32_MAX)
        return true;
    a->m->sums[lane].instructions += length;
    if (!span->by.kind || begun != span->begin || begun >= a->to)
        return true;
    a->m->sums[lane].entries++;
    lane =
        a->m->lane_hash[lane_slot(a->m, INDEX_KIND, span->by.to, span->by.behalf, span->by.kind)];
    if (lane)
        a->m->sums[lane - 1].entries++;
    return true;
}

static void add_events(struct model *m, uint64_t from, uint64_t to)
{
    struct adding a = {m, to};
    struct model_visit v = {.span = add_span, .ctx = &a};

    model_visit(m, from, to, &v);
}

/* Of the buckets that begin at `at`, the largest that ends by `to`; false when none does. */
static bool bucket_fit(const struct model *m, uint64_t at, uint64_t to, unsigned *shift)
{
    unsigned top = index_shift(m->index, UINT64_MAX);
    unsigned base = index_base(m->index);

    if (at & ((1ull << base) - 1) || to - at < 1ull << base)
        return false;
    for (*shift = base; *shift < top && !(at >> *shift & 1) && to - at >= 2ull << *shift;)
        ++*shift;
    return true;
}

static void add_bucket(struct model *m, unsigned shift, uint64_t k)
{
    size_t n;
    const struct index_cell *c = index_bucket(m->index, shift, k, &n);

    for (size_t i = 0; i < n; i++) {
        m->sums[c[i].lane].instructions += c[i].instructions;
        m->sums[c[i].lane].entries += c[i].entries;
    }
}

const struct index_cell *model_sums(struct model *m, uint64_t from, uint64_t to)
{
    unsigned base = index_base(m->index), shift;

    for (unsigned i = 0; i < index_lanes(m->index); i++)
        m->sums[i] = (struct index_cell){.lane = i};
    to = to <= m->end ? to : m->end + 1; /* a crossing at the very end counts too */
    for (uint64_t at = from > m->start ? from : m->start, next; at < to; at = next) {
        next = at + (1ull << base) - (at & ((1ull << base) - 1));
        if (bucket_fit(m, at, to, &shift)) {
            add_bucket(m, shift, at >> shift);
            next = at + (1ull << shift);
        } else {
            next = next < to && next > at ? next : to;
            add_events(m, at, next);
        }
    }
    return m->sums;
}

static void lane_cost(const struct model *m, const struct index_lane *l,
                      const struct index_cell *sum, struct model_cost *cost)
{
    unsigned charged = model_charged(m, l->to, l->behalf), behalf = m->of_space[l->behalf];
    struct model_cost *c = &cost[charged];

    c->entries += sum->entries;
    if (!(l->to & 1)) {
        c->kernel += sum->instructions;
    } else if (behalf == charged) {
        c->own += sum->instructions;
    } else {
        c->others += sum->instructions;
        cost[behalf].served += sum->instructions;
    }
}

/* Nobody waits in the kernel, nor where nobody knows who ran. */
static uint64_t waiting(const struct model *m, unsigned e, const struct model_cost *c,
                        uint64_t from, uint64_t to)
{
    const struct model_entity *entity = &m->entity[e];
    uint64_t busy = c->own + c->others + c->kernel + c->served;

    from = from > entity->first ? from : entity->first;
    to = to < entity->last ? to : entity->last;
    if (e == 0 || entity->space == INDEX_UNSEEN >> 1 || from >= to || to - from <= busy)
        return 0;
    return to - from - busy;
}

void model_costs(struct model *m, uint64_t from, uint64_t to, struct model_cost *cost)
{
    const struct index_cell *sums = model_sums(m, from, to);

    memset(cost, 0, m->entities * sizeof *cost);
    for (unsigned i = 0; i < index_lanes(m->index); i++)
        if (index_lane(m->index, i)->what == INDEX_RUN)
            lane_cost(m, index_lane(m->index, i), &sums[i], cost);
    for (unsigned e = 0; e < m->entities; e++)
        cost[e].waiting = waiting(m, e, &cost[e], from, to);
}

/* Lanes that run have instructions, those that count have crossings. */
static double lane_cycles(const struct index_lane *l, const struct index_cell *sum,
                          const struct price *price)
{
    if (l->what == INDEX_RUN)
        return (double)sum->instructions * price->instruction;
    return l->what == INDEX_KIND && l->id < TRACE_KINDS ? sum->entries * price->event[l->id] : 0;
}

void model_cycles(struct model *m, uint64_t from, uint64_t to, const struct price *price,
                  struct model_cycles *cycles)
{
    const struct index_cell *sums = model_sums(m, from, to);

    memset(cycles, 0, m->entities * sizeof *cycles);
    for (unsigned i = 0; i < index_lanes(m->index); i++) {
        const struct index_lane *l = index_lane(m->index, i);
        struct model_cycles *c = &cycles[model_charged(m, l->to, l->behalf)];
        double n = lane_cycles(l, &sums[i], price);
        if (!(l->to & 1)) {
            c->kernel += n;
        } else if (m->of_space[l->behalf] == model_entity(m, l->to)) {
            c->own += n;
        } else {
            c->others += n;
            cycles[m->of_space[l->behalf]].served += n;
        }
    }
}

/* ---- words ---- */

/* The kernel's calls by number, for a trace of our kernel: one that gave its spaces ids. */
static const char *call_name(const struct model *m, uint32_t number)
{
    static const char *const names[] = {
#define FK_CALL(number, name, args, class, params, contract) [number] = #name,
#define FK_IPC_CALL(mask, name, class, contract)             [0x200 + mask] = #name,
#include "abi/fk/syscalls.def"
    };

    if (m->entities < 2 || !m->entity[m->entities - 1].id)
        return NULL;
    return number < sizeof names / sizeof *names ? names[number] : NULL;
}

static void reason_exception(const struct trace_record *by, char text[MODEL_LABEL])
{
    unsigned vector = by->reason & 0xff, error = by->reason >> 8;

    if (vector == 14)
        snprintf(text, MODEL_LABEL, "page fault 0x%" PRIx64 "%s", by->addr,
                 error & 16  ? " fetch"
                 : error & 2 ? " write"
                             : " read");
    else
        snprintf(text, MODEL_LABEL, "exception %u", vector);
}

void model_reason(const struct model *m, const struct trace_record *by, char text[MODEL_LABEL])
{
    const char *call = by->kind == TRACE_SYSCALL ? call_name(m, by->reason) : NULL;

    if (m->live && (by->to == INDEX_UNSEEN || by->from == INDEX_UNSEEN))
        snprintf(text, MODEL_LABEL, by->to == INDEX_UNSEEN ? "not watched" : "watched again");
    else if (call)
        snprintf(text, MODEL_LABEL, "%s", call);
    else if (by->kind == TRACE_EXCEPTION)
        reason_exception(by, text);
    else if (by->kind == TRACE_CR3)
        snprintf(text, MODEL_LABEL, "switch");
    else
        walk_reason(by, text);
}

const char *model_mark(const struct model *m, uint32_t id, char text[MODEL_LABEL])
{
    for (size_t i = 0; i < index_labels(m->index); i++)
        if (index_label(m->index, i)->id == id)
            return index_label(m->index, i)->text;
    snprintf(text, MODEL_LABEL, "mark %" PRIu32, id);
    return text;
}

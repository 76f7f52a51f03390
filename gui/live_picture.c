/* gui/live_picture.c -- a model of what is known of a machine that runs.
 * The stretches are packed as a trace would be, each gap between them one stay in INDEX_UNSEEN, and
 * given to the reader that all traces go through. Of a gap it is known who ran how long: between
 * two accounts, their difference less what the events in between show. It is made anew whenever
 * something has come; what is kept is bounded, so that this takes a moment whatever the length of
 * the run. SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gui/live.h"

enum { PACKET = 256 << 10, SHARES = 2048, HASH = 4096, META_LINE = 256 };

/* ---- the events, packed ---- */

struct pack {
    uint8_t *bytes;
    size_t n, room, packet; /* packet: where the open one begins; n = none is open */
    uint64_t events, in_packet, last, seq;
    bool bad;
};

static void packet_end(struct pack *p)
{
    uint8_t *at = p->bytes + p->packet;
    size_t n = p->n - p->packet;

    if (!n)
        return;
    codec_store(at + TRACE_AT_END, p->last, 8);
    codec_store(at + TRACE_AT_CONTENT, n * 8, 8);
    codec_store(at + TRACE_AT_SIZE, n * 8, 8);
    codec_store(at + TRACE_AT_SUM, codec_packet_sum(at, n), 8);
    p->packet = p->n;
}

static bool packet_room(struct pack *p)
{
    size_t need = p->n + TRACE_PACKET_HEAD + TRACE_EVENT_MAX + CODEC_SLACK;
    size_t room = p->room ? p->room * 2 : PACKET;
    uint8_t *more;

    if (need <= p->room)
        return true;
    more = realloc(p->bytes, room);
    p->bad |= !more;
    if (!more)
        return false;
    p->bytes = more;
    p->room = room;
    return true;
}

static void packet_begin(struct pack *p, uint64_t icount)
{
    uint8_t *at = p->bytes + p->n;

    memset(at, 0, TRACE_PACKET_HEAD);
    codec_store(at + TRACE_AT_MAGIC, TRACE_MAGIC, 4);
    codec_store(at + TRACE_AT_BEFORE, p->events, 8);
    codec_store(at + TRACE_AT_BEGIN, icount, 8);
    codec_store(at + TRACE_AT_SEQ, p->seq++, 8);
    p->n += TRACE_PACKET_HEAD;
    p->last = icount;
}

static void put(struct pack *p, const struct trace_record *r)
{
    if (p->n - p->packet > PACKET)
        packet_end(p);
    if (!packet_room(p))
        return;
    if (p->n == p->packet)
        packet_begin(p, r->icount);
    p->n = (size_t)(codec_put(p->bytes + p->n, r, p->last) - p->bytes);
    p->last = r->icount;
    p->events++;
}

static void put_crossing(struct pack *p, uint64_t at, uint16_t from, uint16_t to, uint16_t behalf,
                         uint32_t thread)
{
    struct trace_record r = {.icount = at,
                             .kind = TRACE_FARCALL,
                             .from = from,
                             .to = to,
                             .behalf = behalf,
                             .thread = thread};

    put(p, &r);
}

static void put_stretch(struct pack *p, const struct live_stretch *s, uint16_t *domain)
{
    if (*domain == INDEX_UNSEEN)
        put_crossing(p, s->from, INDEX_UNSEEN, s->domain, s->behalf, s->thread);
    *domain = s->domain;
    for (size_t i = 0; i < s->n; i++) {
        put(p, &s->record[i]);
        if (trace_kind_crosses(s->record[i].kind))
            *domain = s->record[i].to;
    }
}

static void pack_all(struct pack *p, const struct live *l, uint64_t end)
{
    bool first = l->stretches && l->stretch[0].from == l->start;
    uint16_t domain = first ? l->stretch[0].domain : INDEX_UNSEEN;
    uint64_t known = l->start;

    put_crossing(p, l->start, domain, domain, first ? l->stretch[0].behalf : INDEX_UNSEEN >> 1, 0);
    for (size_t i = 0; i < l->stretches; i++) {
        const struct live_stretch *s = &l->stretch[i];
        if (s->from > known && domain != INDEX_UNSEEN) {
            put_crossing(p, known, domain, INDEX_UNSEEN, INDEX_UNSEEN >> 1, 0);
            domain = INDEX_UNSEEN;
        }
        put_stretch(p, s, &domain);
        known = s->to;
    }
    if (known < end && domain != INDEX_UNSEEN)
        put_crossing(p, known, domain, INDEX_UNSEEN, INDEX_UNSEEN >> 1, 0);
    packet_end(p);
}

/* ---- the names, as metadata ---- */

static char *metadata(const struct live *l, size_t *n)
{
    size_t room = (l->spaces + l->labels + 8) * (size_t)META_LINE * 2;
    char *text = malloc(room), *at = text, *stop = text + room;

    if (!text)
        return NULL;
    at += snprintf(at, stop - at,
                   "/* CTF 1.8 */\nenv {\n    tracer_name = \"flatfish\";\n    format = %d;\n"
                   "    " META_OPEN ";\n    start = %" PRIu64 ";\n"
                   "    space_%u_name = \"not watched\";\n    space_%u_cr3 = \"0x0\";\n",
                   TRACE_FORMAT, l->start, INDEX_UNSEEN >> 1, INDEX_UNSEEN >> 1);
    for (unsigned i = 0; i < l->spaces; i++) {
        const struct trace_extra *x = &l->space[i];
        char name[TRACE_NAME_MAX];
        if (x->cr3 == UINT64_MAX)
            continue;
        snprintf(name, sizeof name, "%s", x->text);
        for (char *c = name; *c; c++)
            *c = *c == '"' || *c == '\\' ? '?' : *c;
        at += snprintf(at, stop - at,
                       "    space_%u_cr3 = \"0x%" PRIx64 "\";\n    space_%u_name = \"%s\";\n"
                       "    space_%u_tree = \"id %u parent %u level %u live %u\";\n",
                       i, x->cr3, i, name, i, x->id, x->parent, x->level, x->live);
    }
    for (unsigned i = 0; i < l->labels; i++) {
        char label[TRACE_NAME_MAX];
        snprintf(label, sizeof label, "%s", l->label[i]);
        for (char *c = label; *c; c++)
            *c = *c == '"' || *c == '\\' ? '?' : *c;
        if (*label)
            at += snprintf(at, stop - at, "    label_%u = \"%s\";\n", i, label);
    }
    at += snprintf(at, stop - at, "};\n");
    at += snprintf(at, stop - at, CODEC_TEXT_END, codec_text_sum(text, (size_t)(at - text)));
    *n = (size_t)(at - text);
    return text;
}

/* ---- the gaps ---- */

struct gaps {
    const struct live *l;
    struct live_picture *p;
    size_t gaps, gap_room, shares, share_room;
    bool bad;
    struct index_share row[SHARES]; /* of the time between two accounts */
    size_t rows;
    uint16_t hash[HASH]; /* row + 1 */
};

static struct index_share *row_of(struct gaps *g, unsigned domain, unsigned behalf, bool add)
{
    size_t h = (domain * 31u + behalf * 17u) % HASH;

    for (; g->hash[h]; h = (h + 1) % HASH) {
        struct index_share *s = &g->row[g->hash[h] - 1];
        if (s->domain == domain && s->behalf == behalf)
            return s;
    }
    if (!add || g->rows == SHARES)
        return NULL;
    g->row[g->rows] = (struct index_share){.domain = (uint16_t)domain, .behalf = (uint16_t)behalf};
    g->hash[h] = (uint16_t)++g->rows;
    return &g->row[g->rows - 1];
}

static void less(uint64_t *n, uint64_t by)
{
    *n -= by < *n ? by : *n;
}

/* What ran between the two accounts. */
static void rows_between(struct gaps *g, const struct live_sums *a, const struct live_sums *b)
{
    g->rows = 0;
    memset(g->hash, 0, sizeof g->hash);
    for (size_t i = 0; i < b->rows; i++) {
        struct index_share *s = row_of(g, b->row[i].domain, b->row[i].behalf, true);
        if (s) {
            s->instructions = b->row[i].instructions;
            s->entries = b->row[i].entries;
        }
    }
    for (size_t i = 0; a && i < a->rows; i++) {
        struct index_share *s = row_of(g, a->row[i].domain, a->row[i].behalf, false);
        if (s) {
            less(&s->instructions, a->row[i].instructions);
            less(&s->entries, a->row[i].entries);
        }
    }
}

/* Less what the events of a stretch show, between `from` and `to`; returns how much of the time
 * that is. */
static uint64_t rows_less(struct gaps *g, const struct live_stretch *s, uint64_t from, uint64_t to)
{
    unsigned domain = s->domain, behalf = s->behalf;
    uint64_t at = s->from > from ? s->from : from, begin = at;
    struct index_share *row = row_of(g, domain, behalf, false);

    to = s->to < to ? s->to : to;
    for (size_t i = 0; i < s->n && s->record[i].icount <= to; i++) {
        const struct trace_record *r = &s->record[i];
        if (row && r->icount > at)
            less(&row->instructions, r->icount - at);
        row = row_of(g, r->to, r->behalf, false);
        if (row && r->icount >= from)
            less(&row->entries, r->from != r->to);
        at = r->icount > at ? r->icount : at;
    }
    if (row && to > at)
        less(&row->instructions, to - at);
    return to > begin ? to - begin : 0;
}

/* The account and the events may disagree on whom a few instructions belong to; together they are
 * the time that no event covers, whatever came. */
static void rows_settle(struct gaps *g, uint64_t whole)
{
    uint64_t sum = 0, part;
    struct index_share *most = &g->row[0];

    for (size_t i = 0; i < g->rows; i++) { /* what makes no sense is not to wrap around */
        part = g->row[i].instructions < whole - sum ? g->row[i].instructions : whole - sum;
        g->row[i].instructions = part;
        sum += part;
        if (part > most->instructions)
            most = &g->row[i];
    }
    if (g->rows)
        most->instructions += whole - sum;
}

static void *grown(struct gaps *g, void *p, size_t n, size_t *room, size_t size)
{
    size_t more = *room ? *room : 256;
    void *q;

    while (more < n)
        more *= 2;
    if (more == *room)
        return p;
    q = realloc(p, more * size);
    g->bad |= !q;
    if (!q)
        return p;
    *room = more;
    return q;
}

static void gap_add(struct gaps *g, uint64_t from, uint64_t to, uint64_t before, uint64_t whole)
{
    if (from >= to)
        return;
    g->p->gap = grown(g, g->p->gap, g->gaps + 1, &g->gap_room, sizeof *g->p->gap);
    if (!g->bad) /* the shares may still move: their place is a number until all are there */
        g->p->gap[g->gaps++] = (struct index_gap){
            from, to, before, whole, (const struct index_share *)g->shares, g->rows};
}

/* The parts of [from, to) that no stretch covers. `whole` 0: only how long they are in all. */
static uint64_t uncovered(struct gaps *g, uint64_t from, uint64_t to, uint64_t whole)
{
    uint64_t at = from, sum = 0;

    for (size_t i = 0; i <= g->l->stretches && at < to; i++) {
        bool end = i == g->l->stretches;
        uint64_t next = end ? to : g->l->stretch[i].from;
        next = next < to ? next : to;
        if (next > at && whole)
            gap_add(g, at, next, sum, whole);
        sum += next > at ? next - at : 0;
        if (!end && g->l->stretch[i].to > at)
            at = g->l->stretch[i].to;
    }
    return sum;
}

static void gaps_between(struct gaps *g, const struct live_sums *a, const struct live_sums *b)
{
    uint64_t from = a ? a->icount : g->l->start, to = b->icount;
    uint64_t whole = from < to ? uncovered(g, from, to, 0) : 0;

    if (!whole)
        return;
    rows_between(g, a, b);
    if (!g->rows)
        return;
    for (size_t i = 0; i < g->l->stretches; i++)
        if (g->l->stretch[i].from < to && g->l->stretch[i].to > from)
            rows_less(g, &g->l->stretch[i], from, to);
    rows_settle(g, whole);
    g->p->share = grown(g, g->p->share, g->shares + g->rows, &g->share_room, sizeof *g->p->share);
    if (g->bad)
        return;
    memcpy(g->p->share + g->shares, g->row, g->rows * sizeof *g->row);
    uncovered(g, from, to, whole);
    g->shares += g->rows;
}

/* Before the first account nothing is known, but of a run from power-on that it began with none. */
static bool gaps_find(struct live_picture *p, const struct live *l)
{
    struct gaps *g = calloc(1, sizeof *g);
    bool good;

    if (!g)
        return false;
    g->l = l;
    g->p = p;
    if (l->sums_n && l->start == 0)
        gaps_between(g, NULL, &l->sums[0]);
    for (size_t i = 1; i < l->sums_n; i++)
        gaps_between(g, &l->sums[i - 1], &l->sums[i]);
    for (size_t i = 0; i < g->gaps; i++)
        p->gap[i].share = p->share + (size_t)p->gap[i].share;
    p->live.gap = p->gap;
    p->live.gaps = g->gaps;
    good = !g->bad;
    free(g);
    return good;
}

/* ---- all together ---- */

static struct model *make(struct live_picture *p, const struct live *l)
{
    struct pack pack = {.bytes = NULL};
    struct trace_reader *t = NULL;
    struct index *x = NULL;
    char err[256];
    size_t n = 0;
    char *meta = metadata(l, &n);

    pack_all(&pack, l, p->live.end);
    p->events = pack.bytes;
    if (meta && !pack.bad && gaps_find(p, l))
        t = trace_read_memory(meta, n, pack.bytes, pack.n, err, sizeof err);
    free(meta);
    if (t)
        x = index_live(t, &p->live, err, sizeof err);
    if (t && !x)
        trace_read_close(t);
    return x ? model_new(t, x, &p->live) : NULL;
}

struct live_picture *live_picture(const struct live *l)
{
    struct live_picture *p = calloc(1, sizeof *p);
    uint64_t end = l->state.furthest;

    if (l->stretches && l->stretch[l->stretches - 1].to > end)
        end = l->stretch[l->stretches - 1].to;
    if (l->sums_n && l->sums[l->sums_n - 1].icount > end) /* came before the state that says so */
        end = l->sums[l->sums_n - 1].icount;
    if (end <= l->start) /* it has not begun */
        end = l->start + 1;
    if (!p || !l->greeted) {
        free(p);
        return NULL;
    }
    p->live = (struct index_live){.start = l->start, .end = end};
    p->model = make(p, l);
    if (p->model)
        return p;
    live_picture_close(p);
    return NULL;
}

void live_picture_close(struct live_picture *p)
{
    if (!p)
        return;
    model_close(p->model);
    free(p->events);
    free(p->gap);
    free(p->share);
    free(p);
}

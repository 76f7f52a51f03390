/* gui/index_build.c -- one pass over a trace, all scales at once.
 * Time only goes forward. Every stretch of it is added to the bucket of the smallest scale that is
 * open; a bucket that is full is written and added to the one above it. Memory: one open bucket a
 * scale and two pages a scale, whatever the length of the trace. What a lane is, and how many there
 * can be, is decided here and nowhere else. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gui/index_file.h"

enum { EVENTS_A_BUCKET = 64, BUCKETS_MIN = 4096, LEVELS_MAX = 64 };
enum { FORGET = 64 /* packets that are kept in memory once they are read */ };

/* Items that become pages as they come. */
struct stream {
    uint8_t *page;
    size_t used; /* bytes of it */
    uint64_t *offset;
    size_t pages, room;
    uint64_t items;
};

/* A scale: its open bucket, by lane. */
struct scale {
    struct stream heads, cells;
    struct index_cell *cell;
    uint32_t *slot; /* lane -> its cell + 1, 0 = none */
    size_t used, room, slots;
    uint64_t first, bucket;
};

struct build {
    int fd;
    uint64_t size; /* of the file so far */
    struct scale scale[LEVELS_MAX];
    unsigned scales, base;
    struct index_lane *lane;
    uint32_t *hash; /* open addressing: lane + 1 */
    size_t lanes, room, hashed;
    unsigned regions, labels;
    uint32_t region[INDEX_REGIONS]; /* their lanes */
    uint32_t running;
    bool known, bad; /* bad: errno says why */
    uint64_t start, now;
    struct index_point point; /* the state that goes with `now` */
    struct index_point *points;
    size_t packets;
    const struct index_live *live; /* or NULL */
    size_t gap;                    /* of these, the first that does not lie behind `now` */
};

static void *grown(struct build *b, void *p, size_t items, size_t size)
{
    void *q = realloc(p, items * size);

    if (!q)
        b->bad = true;
    return q;
}

/* ---- the file ---- */

static uint64_t put(struct build *b, const void *bytes, size_t n)
{
    static const uint8_t zero[8];
    uint64_t at = b->size;
    size_t pad = -n & 7;

    if (b->bad || (n && pwrite(b->fd, bytes, n, at) != (ssize_t)n) ||
        (pad && pwrite(b->fd, zero, pad, at + n) != (ssize_t)pad))
        b->bad = true;
    b->size += n + pad;
    return at;
}

static void stream_flush(struct build *b, struct stream *s)
{
    if (s->pages == s->room) {
        uint64_t *more = grown(b, s->offset, s->room ? s->room * 2 : 16, sizeof *more);
        if (!more)
            return;
        s->offset = more;
        s->room = s->room ? s->room * 2 : 16;
    }
    s->offset[s->pages++] = put(b, s->page, s->used);
    s->used = 0;
}

static void stream_put(struct build *b, struct stream *s, const void *item, size_t size)
{
    if (!s->page && !(s->page = grown(b, NULL, INDEX_PAGE, 1)))
        return;
    memcpy(s->page + s->used, item, size);
    s->used += size;
    s->items++;
    if (s->used == INDEX_PAGE)
        stream_flush(b, s);
}

/* ---- lanes ---- */

static uint64_t lane_hash(const struct index_lane *l)
{
    uint64_t h = (uint64_t)l->what << 62 ^ (uint64_t)l->id << 40 ^ (uint64_t)l->thread << 20 ^
                 (uint64_t)l->to << 8 ^ l->behalf;

    h *= 0x9e3779b97f4a7c15ull;
    return h ^ h >> 29;
}

static bool lane_same(const struct index_lane *a, const struct index_lane *b)
{
    return a->what == b->what && a->id == b->id && a->thread == b->thread && a->to == b->to &&
           a->behalf == b->behalf;
}

static bool lane_rehash(struct build *b)
{
    size_t size = b->hashed ? b->hashed * 2 : 1024;
    uint32_t *hash = calloc(size, sizeof *hash);

    if (!hash) {
        b->bad = true;
        return false;
    }
    for (size_t i = 0; i < b->lanes; i++) {
        size_t at = lane_hash(&b->lane[i]) & (size - 1);
        while (hash[at])
            at = (at + 1) & (size - 1);
        hash[at] = i + 1;
    }
    free(b->hash);
    b->hash = hash;
    b->hashed = size;
    return true;
}

static uint32_t lane_add(struct build *b, const struct index_lane *l, size_t at)
{
    if (b->lanes == b->room) {
        size_t room = b->room ? b->room * 2 : 64;
        struct index_lane *more = grown(b, b->lane, room, sizeof *more);
        if (!more)
            return 0;
        b->lane = more;
        b->room = room;
    }
    b->lane[b->lanes] = *l;
    b->lane[b->lanes].first = b->lane[b->lanes].last = b->now;
    b->hash[at] = ++b->lanes;
    return b->lanes - 1;
}

/* The lane of that kind; `fresh` tells whether it is new. UINT32_MAX: not there, and not added. */
static uint32_t lane_find(struct build *b, const struct index_lane *l, bool add)
{
    size_t at;

    if (b->lanes * 2 >= b->hashed && !lane_rehash(b))
        return 0;
    for (at = lane_hash(l) & (b->hashed - 1); b->hash[at]; at = (at + 1) & (b->hashed - 1))
        if (lane_same(&b->lane[b->hash[at] - 1], l))
            return b->hash[at] - 1;
    return add ? lane_add(b, l, at) : UINT32_MAX;
}

/* Far more threads than anybody can look at share a lane; far more spaces still, share another. */
static uint32_t lane_run(struct build *b, const struct trace_record *by)
{
    struct index_lane l = {
        .what = INDEX_RUN, .to = by->to, .behalf = by->behalf, .thread = by->thread};
    uint32_t found = lane_find(b, &l, b->lanes < INDEX_LANES);

    if (found != UINT32_MAX)
        return found;
    l.thread = INDEX_ANY;
    found = lane_find(b, &l, b->lanes < INDEX_LANES_MAX - INDEX_REGIONS - INDEX_LABELS - 8);
    if (found != UINT32_MAX)
        return found;
    l.to &= 1;
    l.behalf = 0;
    return lane_find(b, &l, true);
}

/* Crossings by kind are what cost models price; with far too many lanes they are not counted. */
static uint32_t lane_kind(struct build *b, const struct trace_record *r)
{
    struct index_lane l = {.what = INDEX_KIND, .id = r->kind, .to = r->to, .behalf = r->behalf};

    return lane_find(b, &l, b->lanes < INDEX_LANES);
}

/* A region or a label of markers; `most` of them are told apart. */
static uint32_t lane_named(struct build *b, unsigned what, uint32_t id, unsigned *n, unsigned most)
{
    struct index_lane l = {.what = what, .id = id};
    uint32_t found = lane_find(b, &l, false);

    if (found != UINT32_MAX)
        return found;
    if (*n + 1 >= most)
        l.id = INDEX_ANY;
    if (l.id != INDEX_ANY || lane_find(b, &l, false) == UINT32_MAX)
        ++*n;
    return lane_find(b, &l, true);
}

/* ---- buckets ---- */

static struct index_cell *cell_of(struct build *b, struct scale *s, uint32_t lane)
{
    if (lane >= s->slots) {
        size_t slots = (lane + 1) * 2;
        uint32_t *more = grown(b, s->slot, slots, sizeof *more);
        if (!more)
            return NULL;
        memset(more + s->slots, 0, (slots - s->slots) * sizeof *more);
        s->slot = more;
        s->slots = slots;
    }
    if (s->slot[lane])
        return &s->cell[s->slot[lane] - 1];
    if (s->used == s->room) {
        size_t room = s->room ? s->room * 2 : 16;
        struct index_cell *more = grown(b, s->cell, room, sizeof *more);
        if (!more)
            return NULL;
        s->cell = more;
        s->room = room;
    }
    s->cell[s->used] = (struct index_cell){.lane = lane};
    s->slot[lane] = ++s->used;
    return &s->cell[s->used - 1];
}

static void add(struct build *b, unsigned scale, uint32_t lane, uint64_t instructions,
                uint32_t entries)
{
    struct index_cell *c = b->bad ? NULL : cell_of(b, &b->scale[scale], lane);

    if (!c)
        return;
    c->instructions += instructions;
    c->entries += entries;
}

/* Writes the open bucket of a scale, and adds it to the next scale's. */
static void bucket_close(struct build *b, unsigned n)
{
    struct scale *s = &b->scale[n];
    uint32_t head = s->cells.items;

    stream_put(b, &s->heads, &head, sizeof head);
    for (size_t i = 0; i < s->used && !b->bad; i++) {
        stream_put(b, &s->cells, &s->cell[i], sizeof s->cell[i]);
        if (n + 1 < b->scales)
            add(b, n + 1, s->cell[i].lane, s->cell[i].instructions, s->cell[i].entries);
        s->slot[s->cell[i].lane] = 0;
    }
    s->used = 0;
    s->bucket++;
    if (!(s->bucket & 1) && n + 1 < b->scales)
        bucket_close(b, n + 1);
}

static uint32_t lane_share(struct build *b, const struct index_share *s)
{
    struct trace_record by = {.to = s->domain, .behalf = s->behalf, .thread = INDEX_ANY};

    return lane_run(b, &by);
}

/* Instructions of [now, now + instructions) that a gap has the shares of; what no gap covers is
 * nobody's. */
static uint64_t add_shares(struct build *b, uint64_t instructions)
{
    uint64_t end = b->now + instructions, known = 0;

    while (b->gap < b->live->gaps && b->live->gap[b->gap].to <= b->now)
        b->gap++;
    for (size_t i = b->gap; i < b->live->gaps && b->live->gap[i].from < end && !b->bad; i++) {
        const struct index_gap *g = &b->live->gap[i];
        uint64_t from = g->from > b->now ? g->from : b->now, to = g->to < end ? g->to : end;
        for (size_t n = 0; n < g->shares && !b->bad; n++) {
            uint32_t lane = lane_share(b, &g->share[n]);
            uint64_t part = index_part(g, g->share[n].instructions, from, to);
            uint64_t entries = index_part(g, g->share[n].entries, from, to);
            add(b, 0, lane, part, entries < UINT32_MAX ? (uint32_t)entries : UINT32_MAX);
            b->lane[lane].instructions += part;
            b->lane[lane].entries += entries;
            b->lane[lane].last = part ? to : b->lane[lane].last;
        }
        known += to - from;
    }
    return instructions - known;
}

static void add_running(struct build *b, uint64_t instructions)
{
    uint64_t length = instructions;

    if (b->live && b->lane[b->running].to == INDEX_UNSEEN)
        instructions = add_shares(b, instructions);
    if (!b->bad && instructions) {
        add(b, 0, b->running, instructions, 0);
        b->lane[b->running].instructions += instructions;
    }
    b->lane[b->running].last = b->now + length;
}

static void add_stretch(struct build *b, uint64_t instructions)
{
    add_running(b, instructions);
    for (unsigned i = 0; i < b->regions; i++) {
        if (b->point.open[i]) {
            add(b, 0, b->region[i], instructions, 0);
            b->lane[b->region[i]].instructions += instructions;
        }
    }
}

/* Time goes on to `icount`, with nothing changed until there. */
static void advance(struct build *b, uint64_t icount)
{
    while (b->now < icount && !b->bad) {
        uint64_t left = ((b->scale[0].bucket + 1) << b->base) - b->now;
        uint64_t step = icount - b->now < left ? icount - b->now : left;

        add_stretch(b, step);
        b->now += step;
        if (step == left)
            bucket_close(b, 0);
    }
}

static void count_entry(struct build *b, uint32_t lane)
{
    add(b, 0, lane, 0, 1);
    if (!b->bad)
        b->lane[lane].entries++;
}

/* ---- events ---- */

static void region_event(struct build *b, const struct trace_record *r)
{
    unsigned before = b->regions, n = 0;
    uint32_t lane = lane_named(b, INDEX_REGION, r->reason, &b->regions, INDEX_REGIONS);

    if (b->regions > before)
        b->region[before] = lane;
    while (n < b->regions && b->region[n] != lane)
        n++;
    if (n == b->regions)
        return;
    if (r->kind == TRACE_BEGIN && b->point.open[n] < UINT16_MAX) {
        b->point.open[n]++;
        count_entry(b, lane);
    } else if (r->kind == TRACE_END && b->point.open[n]) {
        b->point.open[n]--;
    }
}

/* Before the first event nobody knows who runs; it says where control came from. */
static void first_event(struct build *b, const struct trace_record *r)
{
    struct trace_record by = {.to = r->from, .behalf = r->from >> 1};

    b->known = true;
    b->running = lane_run(b, &by);
}

static void event(struct build *b, const struct walk *w, const struct trace_record *r)
{
    uint32_t kind;

    if (!b->known)
        first_event(b, r);
    advance(b, r->icount);
    if (w->crossed) {
        b->running = lane_run(b, r);
        count_entry(b, b->running);
        if ((kind = lane_kind(b, r)) != UINT32_MAX)
            count_entry(b, kind);
    } else if (r->kind == TRACE_BEGIN || r->kind == TRACE_END) {
        region_event(b, r);
    } else if (r->kind == TRACE_MARK) {
        count_entry(b, lane_named(b, INDEX_MARK, r->reason, &b->labels, INDEX_LABELS));
    }
}

/* The scales for this length of time: no more buckets than a part of the events. Both are what the
 * files really hold, whatever their headers say. */
static void choose_scales(struct build *b, const struct trace_facts *f, uint64_t last)
{
    uint64_t events = f->events < f->bytes / 11 ? f->events : f->bytes / 11;
    uint64_t most = events / EVENTS_A_BUCKET > BUCKETS_MIN ? events / EVENTS_A_BUCKET : BUCKETS_MIN;

    while (b->base < 63 && (last >> b->base) - (b->start >> b->base) >= most)
        b->base++;
    for (b->scales = 1; b->base + b->scales < 64 && b->scales < LEVELS_MAX; b->scales++)
        if (last >> (b->base + b->scales - 1) == b->start >> (b->base + b->scales - 1))
            break;
    for (unsigned i = 0; i < b->scales; i++)
        b->scale[i].first = b->scale[i].bucket = b->start >> (b->base + i);
}

/* Packet by packet, with the state before each. */
static void walk_all(struct build *b, struct trace_reader *t, index_tell *tell, void *ctx)
{
    struct trace_pick pick = {.to = UINT64_MAX, .kinds = UINT64_MAX, .progress = tell, .ctx = ctx};
    struct trace_record r;
    struct walk w;

    walk_begin(&w, t, &pick);
    w.now.begin = b->start;
    for (size_t n = 0; n < trace_facts(t)->packets && !b->bad; n++) {
        const struct trace_packet *p = trace_packet(t, n);
        b->point.now = w.now;
        b->points[n] = b->point;
        b->packets = n + 1;
        trace_read_packets(t, n, n + 1);
        while (!b->bad && walk_next(&w, &r))
            event(b, &w, &r);
        if (trace_read_offset(t) < p->offset + p->used)
            break; /* damaged there */
        if (n % FORGET == FORGET - 1)
            trace_read_forget(t, n + 1);
    }
}

/* ---- the end ---- */

static void finish_scales(struct build *b)
{
    for (unsigned i = 0; i < b->scales; i++) {
        struct scale *s = &b->scale[i];
        uint32_t head;
        if (s->used)
            bucket_close(b, i);
        head = s->cells.items;
        stream_put(b, &s->heads, &head, sizeof head);
        if (s->heads.used)
            stream_flush(b, &s->heads);
        if (s->cells.used)
            stream_flush(b, &s->cells);
    }
}

static struct index_section put_table(struct build *b, const void *items, size_t n, size_t size)
{
    return (struct index_section){.offset = put(b, items, n * size), .count = n};
}

static struct index_section put_scales(struct build *b)
{
    struct index_level level[LEVELS_MAX] = {0};

    for (unsigned i = 0; i < b->scales; i++) {
        struct scale *s = &b->scale[i];
        level[i].first = s->first;
        level[i].buckets = s->heads.items - 1;
        level[i].cells = s->cells.items;
        level[i].head_page = put_table(b, s->heads.offset, s->heads.pages, sizeof(uint64_t));
        level[i].cell_page = put_table(b, s->cells.offset, s->cells.pages, sizeof(uint64_t));
    }
    return put_table(b, level, b->scales, sizeof *level);
}

static struct index_section put_spaces(struct build *b, const struct trace_reader *t)
{
    struct index_section s = {.offset = b->size};

    for (unsigned i = 0; i < trace_spaces(t); i++) {
        struct index_space space;
        if (!trace_space(t, i))
            continue;
        memset(&space, 0, sizeof space); /* padding too: the same trace, the same bytes */
        space.index = i;
        memcpy(&space.known, trace_space(t, i), sizeof space.known);
        put(b, &space, sizeof space);
        s.count++;
    }
    return s;
}

static struct index_section put_labels(struct build *b, const struct trace_reader *t)
{
    struct index_section s = {.offset = b->size};

    for (size_t i = 0; i < b->lanes; i++) {
        struct index_label label = {.id = b->lane[i].id};
        const char *text = trace_label(t, label.id);
        if (b->lane[i].what != INDEX_MARK || !text)
            continue;
        snprintf(label.text, sizeof label.text, "%s", text);
        put(b, &label, sizeof label);
        s.count++;
    }
    return s;
}

static void put_header(struct build *b, struct trace_reader *t,
                       const uint8_t identity[INDEX_DIGEST])
{
    struct index_header h = {.magic = INDEX_MAGIC, .version = INDEX_VERSION, .start = b->start};

    h.end = b->now;
    h.base = b->base;
    memcpy(h.trace, identity, INDEX_DIGEST);
    if (trace_damage(t))
        snprintf(h.damage, sizeof h.damage, "%s", trace_damage(t));
    h.section[INDEX_LEVEL_TABLE] = put_scales(b);
    h.section[INDEX_LANE_TABLE] = put_table(b, b->lane, b->lanes, sizeof *b->lane);
    h.section[INDEX_POINT_TABLE] = put_table(b, b->points, b->packets, sizeof *b->points);
    h.section[INDEX_SPACE_TABLE] = put_spaces(b, t);
    h.section[INDEX_LABEL_TABLE] = put_labels(b, t);
    h.size = b->size;
    for (int i = 0; i < 2 && !b->bad; i++) /* the digest is that of a file with a header */
        if ((i == 1 && !index_digest(b->fd, h.size, h.content)) ||
            pwrite(b->fd, &h, sizeof h, 0) != sizeof h)
            b->bad = true;
}

static void build_free(struct build *b)
{
    for (unsigned i = 0; i < LEVELS_MAX; i++) {
        struct scale *s = &b->scale[i];
        free(s->heads.page);
        free(s->heads.offset);
        free(s->cells.page);
        free(s->cells.offset);
        free(s->cell);
        free(s->slot);
    }
    free(b->lane);
    free(b->hash);
    free(b->points);
    free(b);
}

static uint64_t start_of(const struct trace_facts *f)
{
    uint64_t start = f->dropped ? f->first : f->start;

    return start < f->first ? start : f->first;
}

bool index_build(struct trace_reader *t, int fd, const uint8_t identity[INDEX_DIGEST],
                 const struct index_live *live, index_tell *tell, void *ctx, char *err, size_t max)
{
    const struct trace_facts *f = trace_facts(t);
    struct build *b = calloc(1, sizeof *b);
    uint64_t last;
    bool good;

    errno = ENOMEM;
    if (!b || !(b->points = calloc(f->packets + 1, sizeof *b->points))) {
        snprintf(err, max, "no memory for the index");
        free(b);
        return false;
    }
    b->fd = fd;
    b->size = sizeof(struct index_header);
    b->live = live;
    b->start = b->now = live ? live->start : start_of(f);
    last = live ? live->end : f->last;
    choose_scales(b, f, last > b->start ? last : b->start);
    walk_all(b, t, tell, ctx);
    if (live && b->known)
        advance(b, live->end);
    finish_scales(b);
    put_header(b, t, identity);
    good = !b->bad;
    if (!good)
        snprintf(err, max, "the index cannot be made: %s", strerror(errno));
    build_free(b);
    return good;
}

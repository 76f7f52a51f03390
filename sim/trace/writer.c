/* sim/trace/writer.c -- packs events into packets and hands packets to the store.
 * One packet at a time is being filled, in a buffer that is used again. In ring mode nothing is
 * packed before the end; then what the ring holds goes the same way as a whole run's events.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "trace/codec.h"
#include "sim/trace/ring.h"
#include "sim/trace/store.h"
#include "sim/trace/writer.h"

_Static_assert(TRACE_KINDS <= 32, "a word of 32 bits holds a bit for every kind");

#define PACKET_DEFAULT (256u << 10) /* stays in the L2 cache until it is written */
#define PACKET_LEAST   4096u
#define PACKET_MOST    (16u << 20)
#define MARGIN         (TRACE_EVENT_MAX + CODEC_SLACK)

struct packet {
    uint64_t begin, last; /* icount of its first and last event */
    uint64_t events;      /* in it */
    uint64_t before;      /* events in the packets before it */
    size_t used;          /* bytes, header included */
    uint8_t bytes[];
};

struct trace_writer {
    struct store store;
    struct trace_options o;
    struct trace_meta meta;
    struct ring ring; /* ring mode only */
    struct packet *now;
    uint64_t last;           /* icount of the newest event packed */
    uint64_t stored;         /* events that are in the file */
    uint64_t seen;           /* events before the packet `now` */
    uint64_t seq;            /* number of the packet `now` */
    uint64_t flushed, named; /* when events and metadata were last written, milliseconds */
    bool fresh;              /* `now` is not in the file yet */
    bool names_changed;      /* the metadata is behind */
    bool failed;
    char *dir, *about;
};

static char error_text[512];

const char *trace_error(void)
{
    return error_text;
}

static bool is_full(int error)
{
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

static int fail(struct trace_writer *w, const char *what)
{
    int error = errno;
    const char *advice = !is_full(error)  ? ""
                         : error == EFBIG ? "; raise the file size limit (ulimit -f)"
                         : w->o.last      ? "; make room, or keep fewer events"
                                          : "; make room, or keep only the end with --trace-last N";

    if (w->failed)
        return -1;
    w->failed = true;
    if (is_full(error) && !w->o.last)
        store_patch(&w->store, META_OPEN, META_FULL);
    if (w->o.last && w->stored)
        snprintf(error_text, sizeof error_text,
                 "trace %s: %s: %s; only the newest %llu events are kept%s", w->dir, what,
                 strerror(error), (unsigned long long)w->stored, advice);
    else if (w->o.last)
        snprintf(error_text, sizeof error_text, "trace %s: %s: %s; no events were written%s",
                 w->dir, what, strerror(error), advice);
    else
        snprintf(error_text, sizeof error_text,
                 "trace %s: %s: %s; it ends after %llu events and is whole up to there%s", w->dir,
                 what, strerror(error), (unsigned long long)w->stored, advice);
    if (w->o.failed)
        w->o.failed(w->o.failed_ctx, error_text);
    return -1;
}

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

static void packet_reset(struct packet *p, uint64_t icount, uint64_t before)
{
    p->begin = p->last = icount;
    p->events = 0;
    p->before = before;
    p->used = TRACE_PACKET_HEAD;
}

static struct packet *packet_new(const struct trace_writer *w)
{
    struct packet *p = malloc(sizeof *p + w->o.packet + CODEC_SLACK);

    if (p)
        packet_reset(p, 0, 0);
    return p;
}

/* Everything but packet_size, which the store sets; the sum, which is of all that, last. */
static void packet_head(const struct trace_writer *w, struct packet *p, uint64_t seq)
{
    memset(p->bytes, 0, TRACE_PACKET_HEAD);
    codec_store(p->bytes + TRACE_AT_MAGIC, TRACE_MAGIC, 4);
    memcpy(p->bytes + TRACE_AT_UUID, w->meta.uuid, 16);
    codec_store(p->bytes + TRACE_AT_BEFORE, p->before, 8);
    codec_store(p->bytes + TRACE_AT_BEGIN, p->begin, 8);
    codec_store(p->bytes + TRACE_AT_END, p->last, 8);
    codec_store(p->bytes + TRACE_AT_CONTENT, p->used * 8, 8);
    codec_store(p->bytes + TRACE_AT_DISCARDED, w->meta.discarded, 8);
    codec_store(p->bytes + TRACE_AT_SEQ, seq, 8);
    codec_store(p->bytes + TRACE_AT_SUM, codec_packet_sum(p->bytes, p->used), 8);
}

static int write_metadata(struct trace_writer *w)
{
    size_t n;
    char *text = meta_text(&w->meta, &n);
    int bad = text ? store_metadata(&w->store, text, n) : -1;

    free(text);
    w->names_changed = false;
    w->named = now_ms();
    return bad;
}

/* Brings the packet in work, as it is, into the file. */
static int put_packet(struct trace_writer *w)
{
    struct packet *p = w->now;

    packet_head(w, p, w->seq);
    if (w->o.last)
        return store_append(&w->store, p->bytes, p->used);
    if (w->fresh)
        return store_add(&w->store, p->bytes, p->used, w->o.packet, w->o.packet);
    return store_grow(&w->store, p->bytes, p->used);
}

/* Cuts a packet to the whole events within its first `fits` bytes. */
static void packet_cut(struct packet *p, size_t fits)
{
    struct trace_record r;
    struct trace_extra x;
    size_t at = TRACE_PACKET_HEAD, size;
    uint64_t n = 0, last = p->begin;

    while (at < fits && n < p->events &&
           codec_get(p->bytes + at, fits - at, last, &r, &x, &size) == CODEC_OK) {
        at += size;
        last = r.icount;
        n++;
    }
    p->last = last;
    p->used = at;
    p->events = n;
}

/* put_packet() failed: what is on the disk of it becomes part of the trace all the same. */
static void keep_what_fits(struct trace_writer *w)
{
    struct packet *p = w->now;
    size_t has = w->fresh ? TRACE_PACKET_HEAD : w->store.used;

    packet_cut(p, w->store.fits);
    if (w->o.last || p->used <= has)
        return;
    packet_head(w, p, w->seq);
    if (store_keep(&w->store, p->bytes, p->used, w->fresh ? w->o.packet : 0) == 0)
        w->stored = p->before + p->events;
}

static int commit_failed(struct trace_writer *w)
{
    int error = errno;

    if (w->o.last)
        return -1; /* write_ring() tries again with fewer */
    keep_what_fits(w);
    errno = error;
    return fail(w, "cannot write events");
}

static int commit(struct trace_writer *w)
{
    struct packet *p = w->now;

    w->flushed = now_ms();
    if (!w->o.last && !w->fresh && w->store.used == p->used && !w->names_changed)
        return 0; /* nothing is new */
    if (put_packet(w))
        return commit_failed(w);
    w->fresh = false;
    w->stored = p->before + p->events;
    if (!w->o.last && w->names_changed && w->flushed - w->named >= 1000 && write_metadata(w))
        return fail(w, "cannot write metadata");
    return 0;
}

/* The packet in work is full and more events wait. */
static int turn_page(struct trace_writer *w)
{
    if (commit(w))
        return -1;
    w->seen += w->now->events;
    w->fresh = true;
    w->seq++;
    packet_reset(w->now, w->last, w->seen);
    return 0;
}

static void look_up(struct trace_writer *w, const struct trace_record *r, struct trace_extra *x)
{
    const struct trace_lookup *l = &w->o.lookup;
    const char *label;

    memset(x, 0, sizeof *x);
    w->names_changed = true;
    if (r->kind == TRACE_SPACE && l->space)
        l->space(l->ctx, r->reason, x);
    if (r->kind != TRACE_SPACE && l->label && (label = l->label(l->ctx, r->reason)))
        strncpy(x->text, label, sizeof x->text - 1);
}

/* Events that are not short, have a name, or are not fit to be stored. Returns the new end. */
static uint8_t *put_special(struct trace_writer *w, uint8_t *at, const struct trace_record *r)
{
    struct trace_extra x;

    if (r->kind == 0 || r->kind >= TRACE_KINDS || r->icount < w->last) {
        w->meta.discarded++;
        w->now->events--; /* pack() counts it */
        return at;
    }
    if (codec_kind_has_name(r->kind)) {
        look_up(w, r, &x);
        if (x.text[0])
            at = codec_put_named(at, r, w->last, &x);
        else
            at = codec_put(at, r, w->last);
    } else {
        at = codec_put(at, r, w->last);
    }
    w->last = r->icount;
    return at;
}

#define BIT(kind) (1u << (kind))
#define PLAIN     ((BIT(TRACE_KINDS) - 2) & ~(BIT(TRACE_SPACE) | BIT(TRACE_MARK) | BIT(TRACE_MARK2)))

/* Packs events until the batch or the packet ends; returns how many were taken. */
static size_t pack(struct trace_writer *w, const struct trace_record *r, size_t n)
{
    struct packet *p = w->now;
    uint8_t *at = p->bytes + p->used, *limit = p->bytes + w->o.packet - MARGIN;
    const struct trace_record *start = r, *end = r + n;
    uint64_t last = w->last;

    for (; r < end && at <= limit; r++) {
        if (__builtin_expect(r->kind < TRACE_KINDS && PLAIN >> r->kind & 1, 1) &&
            __builtin_expect(codec_is_short(r, last), 1)) {
            at = codec_put_short(at, r);
            last = r->icount;
            continue;
        }
        w->last = last;
        at = put_special(w, at, r);
        last = w->last;
    }
    w->last = p->last = last;
    p->events += r - start;
    p->used = at - p->bytes;
    return r - start;
}

static int pack_all(struct trace_writer *w, const struct trace_record *r, size_t n)
{
    while (n) {
        size_t done;
        if (w->now->events == 0) /* a packet's first event sets its begin */
            w->now->begin = r->icount > w->last ? r->icount : w->last;
        done = pack(w, r, n);
        r += done;
        n -= done;
        if (n && turn_page(w))
            return -1;
    }
    return 0;
}

void trace_take(void *writer, const struct trace_record *r, size_t n)
{
    struct trace_writer *w = writer;

    if (w->o.last) {
        ring_take(&w->ring, r, n);
        return;
    }
    if (!w->failed && pack_all(w, r, n) == 0 && now_ms() - w->flushed >= 1000)
        trace_flush(w);
}

static struct trace_record *lend_room(void *writer)
{
    struct trace_writer *w = writer;

    return ring_room(&w->ring);
}

int trace_flush(struct trace_writer *w)
{
    if (w->failed)
        return -1;
    return w->o.last ? 0 : commit(w);
}

static void start_over(struct trace_writer *w)
{
    packet_reset(w->now, 0, 0);
    w->last = w->stored = w->seen = w->seq = w->meta.discarded = 0;
}

/* The newest n events of the ring become the file. On failure there is none. */
static int put_ring(struct trace_writer *w, const struct ring_part part[2], size_t n)
{
    size_t skip = part[0].n + part[1].n - n;

    start_over(w);
    w->meta.dropped = w->ring.seen - n;
    if (store_hidden(&w->store))
        return -1;
    for (int i = 0; i < 2; i++) {
        size_t gone = skip < part[i].n ? skip : part[i].n;
        if (pack_all(w, part[i].r + gone, part[i].n - gone))
            return -1;
        skip -= gone;
    }
    return commit(w) || store_publish(&w->store) ? -1 : 0;
}

/* Where not all have room, half as many may. */
static int write_ring(struct trace_writer *w)
{
    struct ring_part part[2];
    size_t all = ring_parts(&w->ring, part), n = all;
    int error = 0;

    while (put_ring(w, part, n) || (n < all && write_metadata(w))) {
        error = errno;
        w->stored = 0;
        if (!is_full(error) || n == 0)
            break;
        w->meta.full = true;
        n /= 2;
    }
    errno = error;
    return error ? fail(w, "cannot write events") : 0;
}

static void writer_free(struct trace_writer *w)
{
    ring_close(&w->ring);
    free(w->now);
    store_close(&w->store);
    free(w->dir);
    free(w->about);
    free(w);
}

int trace_close(struct trace_writer *w)
{
    bool bad;

    if (!w)
        return 0;
    if (!w->failed)
        w->o.last ? write_ring(w) : commit(w);
    if (!w->o.last && store_end(&w->store))
        fail(w, "cannot end the file");
    w->meta.closed = !w->failed;
    w->meta.events = w->stored;
    w->meta.bytes = w->store.end;
    w->meta.end = w->last;
    if (!w->failed && write_metadata(w))
        fail(w, "cannot write metadata");
    bad = w->failed;
    writer_free(w);
    return bad ? -1 : 0;
}

uint64_t trace_stored(const struct trace_writer *w)
{
    return w->o.last ? w->ring.seen : w->seen + w->now->events;
}

struct sim_sink trace_sink(struct trace_writer *w)
{
    return (struct sim_sink){.take = trace_take, .ctx = w, .room = w->o.last ? lend_room : NULL};
}

static struct trace_writer *refuse(struct trace_writer *w, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(error_text, sizeof error_text, format, args);
    va_end(args);
    if (w)
        writer_free(w);
    return NULL;
}

static uint32_t choose_packet(const struct trace_options *o)
{
    if (!o->packet)
        return PACKET_DEFAULT;
    if (o->packet < PACKET_LEAST)
        return PACKET_LEAST;
    return o->packet > PACKET_MOST ? PACKET_MOST : o->packet & ~7u;
}

static bool ring_too_large(uint64_t last)
{
    uint64_t memory = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);

    return last > memory / 2 / sizeof(struct trace_record);
}

static struct trace_writer *writer_new(const struct trace_options *o)
{
    struct trace_writer *w = calloc(1, sizeof *w);

    if (!w)
        return NULL;
    w->store.dir = w->store.fd = -1;
    w->o = *o;
    w->o.packet = choose_packet(o);
    w->dir = strdup(o->dir);
    w->about = strdup(o->about ? o->about : "");
    w->now = packet_new(w);
    if (!w->dir || !w->about || !w->now || (o->last && ring_open(&w->ring, o->last))) {
        writer_free(w);
        return NULL;
    }
    w->meta = (struct trace_meta){.lookup = &w->o.lookup,
                                  .about = w->about,
                                  .start = o->start,
                                  .ips = o->ips,
                                  .ring = o->last};
    meta_uuid(&w->meta);
    return w;
}

static struct trace_writer *no_folder(struct trace_writer *w, const char *dir, int error)
{
    char *copy = strdup(dir);
    bool parent = !copy || access(dirname(copy), F_OK) == 0;

    free(copy);
    return refuse(w, "trace %s: %s; %s", dir, strerror(error),
                  parent ? "name a folder that can be made and written"
                         : "make the folder that it shall be in first (mkdir -p)");
}

/* The first files: metadata, and to disk an empty first packet that commit() will let grow. */
static int begin_files(struct trace_writer *w)
{
    if (write_metadata(w))
        return -1;
    w->flushed = now_ms();
    packet_head(w, w->now, 0);
    return w->o.last ? 0 : store_begin(&w->store, w->now->bytes, w->now->used);
}

struct trace_writer *trace_open(const struct trace_options *o)
{
    struct trace_writer *w;
    const char *why;

    if (!o->dir || !*o->dir)
        return refuse(NULL, "trace: the name of the directory is empty");
    if (ring_too_large(o->last))
        return refuse(NULL,
                      "trace: a ring of %llu events does not fit in half of this machine's "
                      "memory; ask for fewer, or trace to disk",
                      (unsigned long long)o->last);
    w = writer_new(o);
    if (!w)
        return refuse(NULL, "trace %s: no memory", o->dir);
    if (store_open(&w->store, o->dir, o->force, &why))
        return why ? refuse(w, "trace %s: %s", o->dir, why) : no_folder(w, o->dir, errno);
    if (begin_files(w)) {
        int error = errno;
        store_undo(&w->store, o->dir);
        return refuse(w, "trace %s: cannot write: %s; make room, or name another folder", o->dir,
                      strerror(error));
    }
    return w;
}

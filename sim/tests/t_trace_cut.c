/* Property: a trace cut at any byte gives back exactly the events that lie before the cut; one with
 * any byte changed, in either file, is never taken for whole, never crashes or hangs the reader,
 * nor makes time run backwards; an events file that belongs to another trace is told from its own.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/trace_make.h"

enum { N = 500, PACKET = 4096 };
static struct trace_record all[N];
static uint64_t ends[N]; /* offset of each event's last byte + 1 */
static char *metadata;
static uint8_t *events;
static size_t metadata_size, events_size;

static void *load(const char *dir, const char *name, size_t *n)
{
    char path[1024];
    struct stat st;
    void *bytes;
    int fd;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) || !(bytes = malloc(st.st_size)) ||
        read(fd, bytes, st.st_size) != st.st_size)
        exit(99);
    close(fd);
    *n = st.st_size;
    return bytes;
}

static void make(void)
{
    const char *dir = make_dir("cut");
    struct trace_options o = {.dir = dir, .packet = PACKET, .lookup = make_lookup};
    struct trace_writer *w = trace_open(&o);
    uint64_t icount = 0;

    for (unsigned i = 0; i < N; i++)
        all[i] = i % 3 ? make_any(&icount) : make_ordinary(&icount, i);
    if (!w)
        exit(99);
    trace_take(w, all, N);
    CHECK(trace_close(w) == 0);
    metadata = load(dir, "metadata", &metadata_size);
    events = load(dir, "events", &events_size);
    make_dir("cut");
}

static void find_ends(void)
{
    char err[256];
    struct trace_reader *t =
        trace_read_memory(metadata, metadata_size, events, events_size, err, sizeof err);
    struct trace_record r;
    size_t i = 0;

    for (; t && i < N && trace_read_next(t, &r); i++)
        ends[i] = trace_read_offset(t);
    CHECK(i == N && ends[N - 1] == events_size);
    trace_read_close(t);
}

static void cut_events(size_t cut)
{
    uint8_t *copy = malloc(cut + 1); /* of its own size, so that a reader's overrun is seen */
    char err[256];
    struct trace_reader *t;
    struct trace_record r;
    size_t i = 0, want = 0;

    memcpy(copy, events, cut);
    while (want < N && ends[want] <= cut)
        want++;
    t = trace_read_memory(metadata, metadata_size, copy, cut, err, sizeof err);
    CHECK(t != NULL);
    for (; t && trace_read_next(t, &r); i++)
        CHECK(i < want && make_same(&r, &all[i]));
    CHECK(i == want);
    CHECK(!t || cut == events_size || trace_damage(t));
    trace_read_close(t);
    free(copy);
}

/* The file was extended, and its writer killed before it said so: all is there, and a remark. */
static void empty_tail(void)
{
    uint8_t *copy = calloc(1, events_size + 8192);
    char err[256];
    struct trace_reader *t;
    struct trace_record r;
    size_t i = 0;

    memcpy(copy, events, events_size);
    t = trace_read_memory(metadata, metadata_size, copy, events_size + 8192, err, sizeof err);
    for (; t && trace_read_next(t, &r); i++)
        CHECK(i < N && make_same(&r, &all[i]));
    CHECK(i == N && t && strstr(trace_damage(t), "an empty stretch follows"));
    trace_read_close(t);
    free(copy);
}

static bool whole; /* what was read last was taken for whole */

static size_t read_any(const void *meta, size_t n, const void *bytes, size_t m)
{
    char err[256] = "";
    struct trace_reader *t = trace_read_memory(meta, n, bytes, m, err, sizeof err);
    struct trace_record r;
    uint64_t last = 0;
    size_t i = 0;

    CHECK(t || err[0]);
    for (; t && trace_read_next(t, &r); i++) {
        CHECK(r.icount >= last && r.kind > 0 && r.kind < TRACE_KINDS);
        last = r.icount;
    }
    whole = t && trace_facts(t)->state == TRACE_CLOSED && !trace_damage(t);
    if (t)
        trace_read_seek(t, last / 2);
    trace_read_close(t);
    return i;
}

/* Between a packet's last event and the next packet nobody reads. */
static bool says_nothing(size_t byte)
{
    const uint8_t *packet = events + byte / PACKET * PACKET;

    return byte % PACKET >= codec_word(packet + TRACE_AT_CONTENT, 8) / 8;
}

static void change_bytes(void)
{
    for (size_t i = 0; i < events_size; i++) {
        bool padding = says_nothing(i);
        uint8_t old = events[i];
        events[i] ^= 1 << (make_random() & 7);
        CHECK(read_any(metadata, metadata_size, events, events_size) <= events_size / 11);
        CHECK(whole == padding);
        events[i] = i % 2 ? 0xff : 0;
        CHECK(read_any(metadata, metadata_size, events, events_size) <= events_size / 11);
        CHECK(whole == (padding || events[i] == old));
        events[i] = old;
    }
    CHECK(read_any(metadata, metadata_size, events, events_size) == N && whole);
}

static void change_metadata(void)
{
    for (size_t i = 0; i < metadata_size; i++) {
        read_any(metadata, i, events, events_size);
        CHECK(!whole);
    }
    for (size_t i = 0; i < metadata_size; i++) {
        char old = metadata[i];
        metadata[i] = "\"\n;0_\377\\9"[make_random() & 7];
        read_any(metadata, metadata_size, events, events_size);
        CHECK(metadata[i] == old || !whole);
        metadata[i] = old ^ 1 << (make_random() & 7);
        read_any(metadata, metadata_size, events, events_size);
        CHECK(!whole);
        metadata[i] = old;
    }
    CHECK(read_any(metadata, metadata_size, events, events_size) == N && whole);
}

/* The same set-up, so the same uuid, but other events; another set-up; no events at all. */
static void foreign(void)
{
    static const struct {
        const char *about;
        size_t n;
        uint64_t longer;
    } others[] = {{NULL, N, 1}, {NULL, N - 1, 0}, {"another", N, 0}, {NULL, 0, 0}};
    size_t n;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const char *dir = make_dir("foreign");
        struct trace_options o = {
            .dir = dir, .packet = PACKET, .about = others[i].about, .lookup = make_lookup};
        struct trace_writer *w = trace_open(&o);
        void *bytes;

        all[N - 1].icount += others[i].longer;
        trace_take(w, all, others[i].n);
        all[N - 1].icount -= others[i].longer;
        CHECK(trace_close(w) == 0);
        bytes = load(dir, "events", &n);
        read_any(metadata, metadata_size, bytes, n);
        CHECK(!whole);
        free(bytes);
    }
    make_dir("foreign");
    read_any(metadata, metadata_size, "", 0);
    CHECK(!whole);
}

int main(void)
{
    make();
    find_ends();
    for (size_t cut = 0; cut <= events_size; cut++)
        cut_events(cut);
    empty_tail();
    change_bytes();
    change_metadata();
    foreign();
    free(events);
    free(metadata);
    make_end();
    return check_report("t_trace_cut");
}

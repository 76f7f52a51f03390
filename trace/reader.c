/* trace/reader.c -- opens, indexes and walks a trace.
 * Opening reads the metadata (reader_meta.c) and one header a packet; a packet is summed and
 * decoded only when its events are asked for. The index holds packets that passed every check; the
 * first one that does not ends the trace, with a reason. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/reader_own.h"

enum { HELD = 64 << 20 /* bytes of the file in memory, about */, LOOKED_AT = 512 /* packets */ };

#define METADATA_MAX (64u << 20)
/* The fuzzer is to get past the sums. */
#ifdef FUZZING
#define UNSUMMED true
#else
#define UNSUMMED false
#endif
#define BEFORE "all events before that were read"

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

const char *trace_kind_name(unsigned kind)
{
    static char lower[TRACE_KINDS][16];

    if (kind >= TRACE_KINDS || !kind_names[kind])
        return NULL;
    for (size_t i = 0; i < sizeof *lower - 1 && kind_names[kind][i]; i++)
        lower[kind][i] = tolower((unsigned char)kind_names[kind][i]);
    return lower[kind];
}

unsigned trace_kind_find(const char *name, size_t n)
{
    for (unsigned k = 1; k < TRACE_KINDS; k++)
        if (kind_names[k] && strlen(kind_names[k]) == n && !strncasecmp(kind_names[k], name, n))
            return k;
    return 0;
}

bool trace_kind_crosses(unsigned kind)
{
    return kind < TRACE_KINDS && kind_crosses[kind];
}

/* ---- the index of packets ---- */

/* What is wrong with the header at `p`, or NULL. */
static const char *packet_check(const struct trace_reader *t, const uint8_t *p)
{
    uint64_t content = codec_word(p + TRACE_AT_CONTENT, 8), size = codec_word(p + TRACE_AT_SIZE, 8);
    const struct trace_packet *before = t->packets ? &t->packet[t->packets - 1] : NULL;

    if (codec_word(p, 4) != TRACE_MAGIC)
        return codec_word(p, 8) ? "no packet begins there" : "an empty stretch follows";
    if (memcmp(p + TRACE_AT_UUID, t->has_uuid ? t->uuid : t->file + TRACE_AT_UUID, 16))
        return "the packet belongs to another trace";
    if (codec_word(p + TRACE_AT_STREAM, 4))
        return "the packet belongs to an unknown stream";
    if (content % 8 || size % 8 || content / 8 < TRACE_PACKET_HEAD || size < content ||
        content / 8 > UINT32_MAX)
        return "the packet's sizes make no sense";
    if (codec_word(p + TRACE_AT_END, 8) < codec_word(p + TRACE_AT_BEGIN, 8))
        return "the packet ends before it begins";
    if (before && codec_word(p + TRACE_AT_BEGIN, 8) < before->end)
        return "the packet begins before the one before it ends";
    return NULL;
}

static struct trace_packet *packet_room(struct trace_reader *t)
{
    if (t->packets == t->room) {
        size_t room = t->room ? t->room * 2 : 64;
        struct trace_packet *grown = realloc(t->packet, room * sizeof *grown);
        if (!grown) {
            t->no_memory = true;
            return NULL;
        }
        t->packet = grown;
        t->room = room;
    }
    return &t->packet[t->packets];
}

/* Adds the packet at `offset`; returns its size in the file, 0 = nothing more can be read. */
static uint64_t index_packet(struct trace_reader *t, uint64_t offset)
{
    const uint8_t *p = t->file + offset;
    uint64_t left = t->size - offset, content, size;
    const char *wrong;
    struct trace_packet *k;

    wrong = left < TRACE_PACKET_HEAD ? "a packet's header is cut" : packet_check(t, p);
    if (wrong) {
        reader_say(t->damage, sizeof t->damage, "at byte %" PRIu64 " of events: %s; " BEFORE,
                   offset, wrong);
        return 0;
    }
    if (!(k = packet_room(t)))
        return 0;
    content = codec_word(p + TRACE_AT_CONTENT, 8) / 8;
    size = codec_word(p + TRACE_AT_SIZE, 8) / 8;
    *k = (struct trace_packet){.offset = offset,
                               .before = codec_word(p + TRACE_AT_BEFORE, 8),
                               .begin = codec_word(p + TRACE_AT_BEGIN, 8),
                               .end = codec_word(p + TRACE_AT_END, 8),
                               .head = TRACE_PACKET_HEAD,
                               .used = content < left ? content : left};
    t->packets++;
    if (size > left)
        reader_say(t->damage, sizeof t->damage,
                   "at byte %" PRIu64 " of events: the file ends inside a packet; " BEFORE,
                   t->size);
    return size > left ? left : size;
}

static int index_packets(struct trace_reader *t)
{
    uint64_t offset = 0, size;
    size_t any = 0;

    while (offset < t->size && (size = index_packet(t, offset))) {
        offset += size;
        if (t->packets % LOOKED_AT == 0) /* each cost a page at least */
            trace_read_forget(t, SIZE_MAX);
    }
    t->facts.bytes = offset;
    t->facts.packets = t->end = t->packets;
    for (size_t i = 0; i < t->packets; i++) {
        if (t->packet[i].used == t->packet[i].head)
            continue;
        t->facts.last = t->packet[i].end;
        if (!any++)
            t->facts.first = t->packet[i].begin;
    }
    return t->no_memory ? -1 : 0;
}

/* The headers count all events but those of the last packet; what the writer said at the end shows
 * whether whole packets are missing there, or another trace's are here. */
static void count_events(struct trace_reader *t)
{
    uint64_t said = t->facts.events, n = 0;
    struct trace_record r;

    if (t->packets)
        n = t->packet[t->packets - 1].before;
    trace_read_packets(t, t->packets ? t->packets - 1 : 0, SIZE_MAX);
    while (trace_read_next(t, &r))
        n++;
    t->facts.events = n;
    if (t->broken[0] && !t->damage[0])
        memcpy(t->damage, t->broken, sizeof t->damage);
    t->broken[0] = 0;
    if (t->facts.state != TRACE_CLOSED || t->damage[0] || t->unsound)
        return;
    if (n != said)
        reader_say(t->damage, sizeof t->damage,
                   "%" PRIu64 " events were written, %" PRIu64 " are there: the file was cut", said,
                   n);
    else if (t->bytes != t->size || (n && t->end_icount != t->facts.last))
        reader_say(t->damage, sizeof t->damage, "its file `events` is another trace's");
}

/* A ring writes its events when the run ends; everybody else has them from the beginning. */
static void check_presence(struct trace_reader *t)
{
    if (t->size == 0 && (t->facts.state == TRACE_CLOSED || !t->ring) && !t->unsound)
        reader_say(t->damage, sizeof t->damage,
                   "its file `events` is missing or empty: moved away, or the run was killed as it "
                   "began");
}

/* ---- open and close ---- */

static struct trace_reader *give_up(struct trace_reader *t, char *err, size_t max, const char *why)
{
    if (why)
        reader_say(err, max, "%s", why);
    trace_read_close(t);
    return NULL;
}

static struct trace_reader *reader_new(const char *metadata, size_t n, const uint8_t *events,
                                       size_t m, bool mapped, char *err, size_t max)
{
    struct trace_reader *t = calloc(1, sizeof *t);

    if (!t) {
        reader_say(err, max, "no memory");
        if (mapped)
            munmap((void *)events, m);
        return NULL;
    }
    t->file = events;
    t->size = m;
    t->mapped = mapped;
    if (reader_metadata(t, metadata, n, err, max))
        return give_up(t, err, max, NULL);
    if (index_packets(t))
        return give_up(t, err, max, "no memory for the index");
    check_presence(t);
    count_events(t);
    trace_read_packets(t, 0, SIZE_MAX);
    return t;
}

struct trace_reader *trace_read_memory(const void *metadata, size_t n, const void *events, size_t m,
                                       char *err, size_t max)
{
    char *text = malloc(n + 1);
    struct trace_reader *t;

    if (!text) {
        reader_say(err, max, "no memory");
        return NULL;
    }
    memcpy(text, metadata, n);
    text[n] = 0;
    t = reader_new(text, n, events, m, false, err, max);
    free(text);
    return t;
}

/* Opens a plain file; a pipe must not make us wait. -1 with errno, which is 0 when it is none. */
static int open_plain(const char *dir, const char *name, struct stat *st)
{
    char path[4096];
    int fd;

    if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, name) >= sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || (fstat(fd, st) == 0 && S_ISREG(st->st_mode)))
        return fd;
    close(fd);
    errno = 0;
    return -1;
}

/* The whole metadata file, with a NUL; NULL and a line in `err`. */
static char *load_metadata(const char *dir, size_t *n, char *err, size_t max)
{
    char *text = NULL;
    struct stat st;
    FILE *f;
    int fd;

    if (stat(dir, &st) || !S_ISDIR(st.st_mode)) {
        reader_say(err, max,
                   errno == ENOENT ? "no such directory; make a trace with flatfish run --trace DIR"
                                   : "not a directory that can be read; name the one given to "
                                     "--trace");
        return NULL;
    }
    fd = open_plain(dir, TRACE_METADATA, &st);
    f = fd < 0 || st.st_size > METADATA_MAX ? NULL : fdopen(fd, "rb");
    if (!f) {
        reader_say(err, max, "%s",
                   errno == EACCES ? "its metadata may not be read"
                                   : "not a trace: it holds no file `metadata`");
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    text = calloc(1, (size_t)st.st_size + 1);
    *n = text ? fread(text, 1, (size_t)st.st_size, f) : 0;
    fclose(f);
    if (!text)
        reader_say(err, max, "no memory");
    return text;
}

/* Maps the events file. One that is not there, or empty, gives *size = 0: a trace with no events.
 */
static const uint8_t *map_events(const char *dir, size_t *size, char *err, size_t max)
{
    static const uint8_t nothing[1];
    struct stat st;
    void *map;
    int fd = open_plain(dir, TRACE_EVENTS, &st);

    *size = 0;
    if (fd < 0 && errno == ENOENT)
        return nothing;
    if (fd < 0) {
        reader_say(err, max, "cannot read its file `events`: %s",
                   errno ? strerror(errno) : "it is no file");
        return NULL;
    }
    *size = (size_t)st.st_size;
    map = *size ? mmap(NULL, *size, PROT_READ, MAP_SHARED, fd, 0) : (void *)nothing;
    if (map == MAP_FAILED)
        reader_say(err, max, "cannot map its file `events`: %s", strerror(errno));
    close(fd);
    return map == MAP_FAILED ? NULL : map;
}

struct trace_reader *trace_read_open(const char *dir, char *err, size_t max)
{
    struct trace_reader *t;
    const uint8_t *events;
    size_t n, m;
    char *text;

    errno = 0;
    text = load_metadata(dir, &n, err, max);
    if (!text)
        return NULL;
    events = map_events(dir, &m, err, max);
    t = events ? reader_new(text, n, events, m, m != 0, err, max) : NULL;
    free(text);
    return t;
}

void trace_read_close(struct trace_reader *t)
{
    if (!t)
        return;
    if (t->mapped)
        munmap((void *)t->file, t->size);
    reader_names_free(t);
    free(t->packet);
    free(t);
}

const struct trace_facts *trace_facts(const struct trace_reader *t)
{
    return &t->facts;
}

const struct trace_packet *trace_packet(const struct trace_reader *t, size_t n)
{
    return n < t->packets ? &t->packet[n] : NULL;
}

/* ---- reading ---- */

void trace_read_forget(struct trace_reader *t, size_t n)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t end = n < t->packets ? t->packet[n].offset : t->size;

    if (t->mapped && end >= page)
        madvise((void *)t->file, end / page * page, MADV_DONTNEED);
}

/* However much is read, only so much of the file is held in memory: it can be read again. */
static void touch(struct trace_reader *t)
{
    t->touched += t->at < t->packets ? t->packet[t->at].used : 0;
    if (t->touched < HELD)
        return;
    trace_read_forget(t, SIZE_MAX);
    t->touched = 0;
}

void trace_read_packets(struct trace_reader *t, size_t n, size_t end)
{
    t->end = end < t->packets ? end : t->packets;
    t->at = n < t->end ? n : t->end;
    t->pos = TRACE_PACKET_HEAD;
    t->last = t->at < t->packets ? t->packet[t->at].begin : 0;
    touch(t);
    t->extra.text[0] = 0;
}

/* The content of the packet to be read is what was written. One that was cut is known by that, and
 * one that has grown since the file was opened has another sum. */
static bool packet_sound(struct trace_reader *t)
{
    struct trace_packet *k = &t->packet[t->at];
    const uint8_t *p = t->file + k->offset;

    if (!k->summed && !UNSUMMED)
        k->wrong = codec_packet_sum(p, k->used) != codec_word(p + TRACE_AT_SUM, 8) &&
                   codec_word(p + TRACE_AT_CONTENT, 8) / 8 == k->used;
    k->summed = true;
    return !k->wrong;
}

static bool break_off(struct trace_reader *t, enum codec_result why)
{
    const struct trace_packet *k = &t->packet[t->at];

    t->end = t->at; /* stays at the end from now on */
    if (why == CODEC_CUT && t->at == t->packets - 1 && t->damage[0])
        return false; /* the file ends here: said already */
    reader_say(t->broken, sizeof t->broken, "at byte %" PRIu64 " of events: %s; " BEFORE,
               k->offset + t->pos,
               why == CODEC_OK         ? "the packet's sum is wrong: its bytes were changed"
               : why == CODEC_CUT      ? "the last event is cut"
               : why == CODEC_BAD_KIND ? "an event of unknown kind (made by a newer Flatfish?)"
               : why == CODEC_BAD_TIME ? "an event's time is outside its packet's"
                                       : "a name does not end");
    return false;
}

bool trace_read_next(struct trace_reader *t, struct trace_record *r)
{
    const struct trace_packet *k;
    enum codec_result result;
    size_t size;

    if (t->at >= t->end)
        return false;
    k = &t->packet[t->at];
    if (!k->summed && !packet_sound(t))
        return break_off(t, CODEC_OK);
    while (t->pos >= k->used) {
        if (++t->at >= t->end)
            return false;
        k = &t->packet[t->at];
        t->pos = TRACE_PACKET_HEAD;
        t->last = k->begin;
        touch(t);
        if (!packet_sound(t))
            return break_off(t, CODEC_OK);
    }
    result =
        codec_get(t->file + k->offset + t->pos, k->used - t->pos, t->last, r, &t->extra, &size);
    if (result == CODEC_OK && r->icount > k->end)
        result = CODEC_BAD_TIME;
    if (result != CODEC_OK)
        return break_off(t, result);
    t->pos += size;
    t->last = r->icount;
    if (__builtin_expect(t->extra.text[0] != 0, 0))
        reader_learn(t, r);
    return true;
}

void trace_read_seek(struct trace_reader *t, uint64_t icount)
{
    size_t low = 0, high = t->packets;
    struct trace_record r;
    struct {
        size_t at;
        uint32_t pos;
        uint64_t last;
    } here;

    while (low < high) { /* the first packet that ends at or after icount */
        size_t middle = low + (high - low) / 2;
        if (t->packet[middle].end < icount)
            low = middle + 1;
        else
            high = middle;
    }
    trace_read_packets(t, low, SIZE_MAX);
    do {
        here.at = t->at;
        here.pos = t->pos;
        here.last = t->last;
        if (!trace_read_next(t, &r))
            return;
    } while (r.icount < icount);
    t->at = here.at;
    t->pos = here.pos;
    t->last = here.last;
}

uint64_t trace_read_offset(const struct trace_reader *t)
{
    return t->at < t->packets ? t->packet[t->at].offset + t->pos : t->facts.bytes;
}

const struct trace_extra *trace_read_extra(const struct trace_reader *t)
{
    return &t->extra;
}

const char *trace_damage(const struct trace_reader *t)
{
    if (t->broken[0])
        return t->broken;
    if (t->damage[0])
        return t->damage;
    return t->unsound
               ? "its metadata is cut or damaged: names may be wrong, or events missing; make "
                 "the trace again"
               : NULL;
}

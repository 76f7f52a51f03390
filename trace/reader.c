/* trace/reader.c -- opens, indexes and walks a trace.
 * Opening reads the metadata line by line (we wrote it) and one header a packet; a packet is
 * decoded only when its events are asked for. The index holds packets that passed every check; the
 * first one that does not ends the trace, with a reason. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/reader.h"

#define SPACES_MAX   32768 /* the format's 15 bits */
#define LABELS_MAX   65536
#define METADATA_MAX (64u << 20)

struct trace_reader {
    struct trace_facts facts;
    const uint8_t *file;
    uint64_t size;
    bool mapped;
    struct trace_packet *packet;
    size_t packets, room;
    struct trace_extra *space; /* by index; cr3 = UINT64_MAX: unknown */
    unsigned spaces;
    char **label;
    uint32_t labels;
    size_t at, end; /* packet being read, and where to stop */
    uint32_t pos;   /* in it: offset of the next event */
    uint64_t last;  /* icount of the event before */
    struct trace_extra extra;
    char damage[256]; /* met while indexing */
    char broken[256]; /* met while decoding: nearer, so it is the one to tell */
    bool no_memory;
};

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

static void say(char *where, size_t max, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(where, max, format, args);
    va_end(args);
}

/* ---- names ---- */

static struct trace_extra *space_slot(struct trace_reader *t, unsigned index)
{
    if (index >= SPACES_MAX)
        return NULL;
    if (index >= t->spaces) {
        unsigned room = index + 1 > t->spaces * 2 ? index + 1 : t->spaces * 2;
        struct trace_extra *grown = realloc(t->space, room * sizeof *grown);
        if (!grown)
            return NULL;
        for (unsigned i = t->spaces; i < room; i++)
            grown[i] = (struct trace_extra){.cr3 = UINT64_MAX};
        t->space = grown;
        t->spaces = room;
    }
    return &t->space[index];
}

static void set_label(struct trace_reader *t, uint32_t id, const char *text)
{
    if (id >= LABELS_MAX)
        return;
    if (id >= t->labels) {
        uint32_t room = id + 1 > t->labels * 2 ? id + 1 : t->labels * 2;
        char **grown = realloc(t->label, room * sizeof *grown);
        if (!grown)
            return;
        memset(grown + t->labels, 0, (room - t->labels) * sizeof *grown);
        t->label = grown;
        t->labels = room;
    }
    if (t->label[id] && !strcmp(t->label[id], text))
        return;
    free(t->label[id]);
    t->label[id] = strdup(text);
}

const struct trace_extra *trace_space(const struct trace_reader *t, unsigned index)
{
    return index < t->spaces && t->space[index].cr3 != UINT64_MAX ? &t->space[index] : NULL;
}

unsigned trace_spaces(const struct trace_reader *t)
{
    return t->spaces;
}

const char *trace_label(const struct trace_reader *t, uint32_t id)
{
    return id < t->labels ? t->label[id] : NULL;
}

/* An event that carries names teaches them to whoever reads on; but the metadata of a closed trace
 * has the last word, since it was written last. */
static void learn(struct trace_reader *t, const struct trace_record *r)
{
    bool closed = t->facts.state == TRACE_CLOSED;
    struct trace_extra *slot;

    if (r->kind == TRACE_SPACE) {
        slot = closed && trace_space(t, r->reason) ? NULL : space_slot(t, r->reason);
        if (slot)
            *slot = t->extra;
    } else if (!closed || !trace_label(t, r->reason)) {
        set_label(t, r->reason, t->extra.text);
    }
}

/* ---- metadata ---- */

/* The text between the quotes of `key = "text";`, its escapes undone. */
static bool quoted(const char *p, const char *end, char *out, size_t max)
{
    size_t n = 0;

    if (p >= end || *p++ != '"')
        return false;
    for (; p < end && *p != '"'; p++) {
        if (*p == '\\' && ++p == end)
            return false;
        if (n + 1 < max)
            out[n++] = *p >= ' ' && *p <= '~' ? *p : '?';
    }
    out[n] = 0;
    return p < end;
}

/* Numbers of the env block end with ';'. strtoull stops there: the text is NUL-terminated. */
static uint64_t number(const char *p)
{
    return strtoull(p, NULL, 0);
}

static void meta_space(struct trace_reader *t, const char *key, const char *value, const char *end)
{
    char *rest, text[128];
    unsigned long index = strtoul(key, &rest, 10);
    struct trace_extra *x;

    if (rest == key || *rest != '_' || index >= SPACES_MAX ||
        !quoted(value, end, text, sizeof text))
        return;
    x = space_slot(t, index);
    if (!x)
        return;
    if (!strncmp(rest, "_cr3 ", 5))
        x->cr3 = number(text);
    else if (!strncmp(rest, "_name ", 6))
        snprintf(x->text, sizeof x->text, "%.63s", text);
    else if (!strncmp(rest, "_tree ", 6)) {
        unsigned live = 0;
        sscanf(text, "id %" SCNu32 " parent %" SCNu32 " level %" SCNu32 " live %u", &x->id,
               &x->parent, &x->level, &live);
        x->live = live != 0;
    }
}

static void meta_label(struct trace_reader *t, const char *key, const char *value, const char *end)
{
    char *rest, text[TRACE_NAME_MAX];
    unsigned long id = strtoul(key, &rest, 10);

    if (rest != key && *rest == ' ' && quoted(value, end, text, sizeof text))
        set_label(t, id, text);
}

static void meta_line(struct trace_reader *t, const char *p, const char *end)
{
    const char *value = memmem(p, end - p, " = ", 3);
    char state[16];

    while (p < end && *p == ' ')
        p++;
    if (!value || value < p)
        return;
    value += 3;
    if (!strncmp(p, "space_", 6))
        meta_space(t, p + 6, value, end);
    else if (!strncmp(p, "label_", 6))
        meta_label(t, p + 6, value, end);
    else if (!strncmp(p, "about ", 6))
        quoted(value, end, t->facts.about, sizeof t->facts.about);
    else if (!strncmp(p, "state ", 6) && quoted(value, end, state, sizeof state))
        t->facts.state = !strcmp(state, "closed") ? TRACE_CLOSED
                         : !strcmp(state, "full") ? TRACE_FULL
                                                  : TRACE_OPEN;
    else if (!strncmp(p, "events ", 7))
        t->facts.events = number(value);
    else if (!strncmp(p, "dropped ", 8))
        t->facts.dropped = number(value);
    else if (!strncmp(p, "discarded ", 10))
        t->facts.discarded = number(value);
    else if (!strncmp(p, "start ", 6))
        t->facts.start = number(value);
    else if (!strncmp(p, "ips ", 4))
        t->facts.ips = number(value);
}

/* `text` ends with a NUL. 0, or -1 with a line in `err`. */
static int read_metadata(struct trace_reader *t, const char *text, size_t n, char *err, size_t max)
{
    const char *env = NULL, *format, *stop;

    if (n >= 10 && !strncmp(text, "/* CTF 1.8", 10) && strstr(text, "tracer_name = \"flatfish\""))
        env = strstr(text, "\nenv {\n");
    if (!env) {
        say(err, max, "its metadata was not written by Flatfish; babeltrace2 may read it");
        return -1;
    }
    stop = strstr(env, "\n};");
    format = strstr(env, "\n    format = ");
    if (!stop || !format || format > stop) {
        say(err, max, "its metadata is cut or damaged");
        return -1;
    }
    if (number(format + 14) != TRACE_FORMAT) {
        say(err, max,
            "it has trace format %" PRIu64 ", this program reads format %d: use the "
            "Flatfish that wrote it",
            number(format + 14), TRACE_FORMAT);
        return -1;
    }
    for (const char *p = env + 7, *eol; p < stop; p = eol + 1) {
        eol = memchr(p, '\n', stop + 1 - p);
        meta_line(t, p, eol);
    }
    return 0;
}

/* ---- the index of packets ---- */

/* What is wrong with the header at `p`, or NULL. */
static const char *packet_check(const struct trace_reader *t, const uint8_t *p)
{
    uint64_t content = codec_word(p + TRACE_AT_CONTENT, 8), size = codec_word(p + TRACE_AT_SIZE, 8);
    const struct trace_packet *before = t->packets ? &t->packet[t->packets - 1] : NULL;

    if (codec_word(p, 4) != TRACE_MAGIC)
        return codec_word(p, 8) ? "no packet begins there" : "an empty stretch follows";
    if (memcmp(p + TRACE_AT_UUID, t->file + TRACE_AT_UUID, 16))
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
        say(t->damage, sizeof t->damage, "at byte %" PRIu64 " of events: %s", offset, wrong);
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
        say(t->damage, sizeof t->damage,
            "at byte %" PRIu64 " of events: the file ends inside a packet", t->size);
    return size > left ? left : size;
}

static int index_packets(struct trace_reader *t)
{
    uint64_t offset = 0, size;
    size_t any = 0;

    while (offset < t->size && (size = index_packet(t, offset)))
        offset += size;
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
 * whether whole packets are missing there. */
static void count_events(struct trace_reader *t)
{
    uint64_t said = t->facts.events, n = 0;
    struct trace_record r;

    if (t->packets)
        n = t->packet[t->packets - 1].before;
    trace_read_packets(t, t->packets ? t->packets - 1 : 0, SIZE_MAX);
    while (trace_read_next(t, &r))
        n++;
    t->broken[0] = 0; /* to be said when a reader comes there */
    t->facts.events = n;
    if (t->facts.state == TRACE_CLOSED && n != said && !t->damage[0])
        say(t->damage, sizeof t->damage,
            "%" PRIu64 " events were written, %" PRIu64 " are there: the file was cut", said, n);
}

/* ---- open and close ---- */

static struct trace_reader *give_up(struct trace_reader *t, char *err, size_t max, const char *why)
{
    if (why)
        say(err, max, "%s", why);
    trace_read_close(t);
    return NULL;
}

static struct trace_reader *reader_new(const char *metadata, size_t n, const uint8_t *events,
                                       size_t m, bool mapped, char *err, size_t max)
{
    struct trace_reader *t = calloc(1, sizeof *t);

    if (!t) {
        say(err, max, "no memory");
        if (mapped)
            munmap((void *)events, m);
        return NULL;
    }
    t->file = events;
    t->size = m;
    t->mapped = mapped;
    if (read_metadata(t, metadata, n, err, max))
        return give_up(t, err, max, NULL);
    if (index_packets(t))
        return give_up(t, err, max, "no memory for the index");
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
        say(err, max, "no memory");
        return NULL;
    }
    memcpy(text, metadata, n);
    text[n] = 0;
    t = reader_new(text, n, events, m, false, err, max);
    free(text);
    return t;
}

/* The whole metadata file, with a NUL; NULL and a line in `err`. */
static char *load_metadata(const char *dir, size_t *n, char *err, size_t max)
{
    char path[4096], *text = NULL;
    struct stat st;
    FILE *f;

    say(path, sizeof path, "%s/%s", dir, TRACE_METADATA);
    if (stat(dir, &st) || !S_ISDIR(st.st_mode)) {
        say(err, max,
            errno == ENOENT ? "no such directory; make a trace with flatfish run --trace DIR"
                            : "not a directory that can be read; name the one given to "
                              "--trace");
        return NULL;
    }
    f = fopen(path, "rb");
    if (!f || fstat(fileno(f), &st) || !S_ISREG(st.st_mode) || st.st_size > METADATA_MAX) {
        say(err, max, "%s",
            errno == EACCES ? "its metadata may not be read"
                            : "not a trace: it holds no file `metadata`");
        if (f)
            fclose(f);
        return NULL;
    }
    text = calloc(1, st.st_size + 1);
    *n = text ? fread(text, 1, st.st_size, f) : 0;
    fclose(f);
    if (!text)
        say(err, max, "no memory");
    return text;
}

/* Maps the events file. One that is not there, or empty, gives *size = 0: a trace with no events.
 */
static const uint8_t *map_events(const char *dir, size_t *size, char *err, size_t max)
{
    static const uint8_t nothing[1];
    char path[4096];
    struct stat st;
    void *map;
    int fd;

    *size = 0;
    say(path, sizeof path, "%s/%s", dir, TRACE_EVENTS);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return nothing;
    if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        say(err, max, "cannot read its file `events`: %s", fd < 0 ? strerror(errno) : "no file");
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    *size = st.st_size;
    map = *size ? mmap(NULL, *size, PROT_READ, MAP_SHARED, fd, 0) : (void *)nothing;
    if (map == MAP_FAILED)
        say(err, max, "cannot map its file `events`: %s", strerror(errno));
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
    for (uint32_t i = 0; i < t->labels; i++)
        free(t->label[i]);
    free(t->label);
    free(t->space);
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

void trace_read_packets(struct trace_reader *t, size_t n, size_t end)
{
    t->end = end < t->packets ? end : t->packets;
    t->at = n < t->end ? n : t->end;
    t->pos = TRACE_PACKET_HEAD;
    t->last = t->at < t->packets ? t->packet[t->at].begin : 0;
    t->extra.text[0] = 0;
}

static bool break_off(struct trace_reader *t, enum codec_result why)
{
    const struct trace_packet *k = &t->packet[t->at];

    t->end = t->at; /* stays at the end from now on */
    if (why == CODEC_CUT && t->at == t->packets - 1 && t->damage[0])
        return false; /* the file ends here: said already */
    say(t->broken, sizeof t->broken, "at byte %" PRIu64 " of events: %s", k->offset + t->pos,
        why == CODEC_CUT        ? "the last event is cut"
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
    while (t->pos >= k->used) {
        if (++t->at >= t->end)
            return false;
        k = &t->packet[t->at];
        t->pos = TRACE_PACKET_HEAD;
        t->last = k->begin;
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
        learn(t, r);
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
    return t->damage[0] ? t->damage : NULL;
}

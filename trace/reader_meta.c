/* trace/reader_meta.c -- the reader's first half: the metadata, and the names of spaces and
 * labels that it and the events teach. The metadata is read line by line (we wrote it); where its
 * sum is wrong, what can be understood of it is used all the same, and the trace is damaged.
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "trace/reader_own.h"

#define SPACES_MAX 32768 /* the format's 15 bits */
#define LABELS_MAX 65536

void reader_say(char *where, size_t max, const char *format, ...)
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
void reader_learn(struct trace_reader *t, const struct trace_record *r)
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

void reader_names_free(struct trace_reader *t)
{
    for (uint32_t i = 0; i < t->labels; i++)
        free(t->label[i]);
    free(t->label);
    free(t->space);
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

/* The one word that the sum leaves out must be one of three. */
static void meta_state(struct trace_reader *t, const char *p, const char *end)
{
    static const char *const states[] = {[TRACE_OPEN] = META_OPEN ";",
                                         [TRACE_FULL] = META_FULL ";",
                                         [TRACE_CLOSED] = META_CLOSED ";"};

    for (unsigned i = 0; i < sizeof states / sizeof *states; i++)
        if (strlen(states[i]) == (size_t)(end - p) && !memcmp(p, states[i], (size_t)(end - p))) {
            t->facts.state = (enum trace_state)i;
            return;
        }
    t->unsound = true;
}

static void meta_line(struct trace_reader *t, const char *p, const char *end)
{
    const char *value = memmem(p, end - p, " = ", 3);

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
    else if (!strncmp(p, "state ", 6))
        meta_state(t, value - 8, end);
    else if (!strncmp(p, "ring ", 5))
        t->ring = number(value);
    else if (!strncmp(p, "bytes ", 6))
        t->bytes = number(value);
    else if (!strncmp(p, "end ", 4))
        t->end_icount = number(value);
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

static bool sum_is_right(const char *text, size_t n)
{
    char want[sizeof CODEC_TEXT_END + 16];
    size_t size = (size_t)snprintf(want, sizeof want, CODEC_TEXT_END, (uint64_t)0);

    if (n < size)
        return false;
    snprintf(want, sizeof want, CODEC_TEXT_END, codec_text_sum(text, n - size));
    return memcmp(text + n - size, want, size) == 0;
}

static void meta_uuid_read(struct trace_reader *t, const char *text)
{
    const char *p = strstr(text, "\n    uuid = \"");
    unsigned byte;

    p = p ? p + 13 : "";
    for (unsigned i = 0; i < 16; i++, p += 2) {
        p += *p == '-';
        if (sscanf(p, "%2x", &byte) != 1)
            return;
        t->uuid[i] = (uint8_t)byte;
    }
    t->has_uuid = true;
}

static int refuse_format(uint64_t format, char *err, size_t max)
{
    reader_say(err, max,
               "it has trace format %" PRIu64 ", this program reads format %d: use the "
               "Flatfish that wrote it",
               format, TRACE_FORMAT);
    return -1;
}

int reader_metadata(struct trace_reader *t, const char *text, size_t n, char *err, size_t max)
{
    const char *env = NULL, *format, *stop;

    if (n >= 10 && !strncmp(text, "/* CTF 1.8", 10) && strstr(text, "tracer_name = \"flatfish\""))
        env = strstr(text, "\nenv {\n");
    if (!env) {
        reader_say(err, max,
                   "its metadata was not written by Flatfish, or is cut or damaged; babeltrace2 "
                   "may read it");
        return -1;
    }
    stop = strstr(env, "\n};");
    format = strstr(env, "\n    format = ");
    if (!stop || !format || format > stop) {
        reader_say(err, max, "its metadata is cut or damaged; make the trace again");
        return -1;
    }
    if (number(format + 14) != TRACE_FORMAT)
        return refuse_format(number(format + 14), err, max);
    t->unsound = !sum_is_right(text, n);
    if (!t->unsound)
        meta_uuid_read(t, text);
    for (const char *p = env + 7, *eol; p < stop; p = eol + 1) {
        eol = memchr(p, '\n', stop + 1 - p);
        meta_line(t, p, eol);
    }
    return 0;
}

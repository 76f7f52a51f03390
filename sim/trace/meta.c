/* sim/trace/meta.c -- writes TSDL. The event classes are made from abi/trace/events.def: one class
 * for each form an event of that kind can take, all of the same name, so that readers of CTF see
 * one kind of event whatever its size.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/trace/meta.h"

void meta_uuid(struct trace_meta *meta)
{
    const char *about = meta->about ? meta->about : "";
    uint64_t h = codec_sum(meta->start, &meta->ips, sizeof meta->ips);

    for (int half = 0; half < 2; half++) {
        h = codec_sum(h, about, strlen(about));
        codec_store(meta->uuid + half * 8, h, 8);
    }
    meta->uuid[6] = (meta->uuid[6] & 0x0f) | 0x80; /* RFC 9562 version 8: made our own way */
    meta->uuid[8] = (meta->uuid[8] & 0x3f) | 0x80;
}

static void put_string(FILE *f, const char *s, size_t max)
{
    fputc('"', f);
    for (size_t i = 0; i < max && s[i]; i++) {
        if (s[i] == '"' || s[i] == '\\')
            fputc('\\', f);
        fputc(s[i] >= ' ' && s[i] <= '~' ? s[i] : '?', f);
    }
    fputc('"', f);
}

static void put_head(FILE *f, const struct trace_meta *m)
{
    fputs("/* CTF 1.8 */\n"
          "/* A trace by Flatfish. Time is the number of instructions begun since power-on;\n"
          " * 1 instruction is shown as 1 ns. */\n"
          "typealias integer { size = 1; align = 1; signed = false; } := u1;\n"
          "typealias integer { size = 8; align = 8; signed = false; } := u8;\n"
          "typealias integer { size = 16; align = 8; signed = false; } := u16;\n"
          "typealias integer { size = 32; align = 8; signed = false; } := u32;\n"
          "typealias integer { size = 64; align = 8; signed = false; } := u64;\n"
          "typealias integer { size = 8; align = 8; signed = false; base = 16; } := x8;\n"
          "typealias integer { size = 16; align = 8; signed = false; base = 16; } := x16;\n"
          "typealias integer { size = 32; align = 8; signed = false; base = 16; } := x32;\n"
          "typealias integer { size = 64; align = 8; signed = false; base = 16; } := x64;\n"
          "/* sign-extended addresses: kernel addresses are the negative ones */\n"
          "typealias integer { size = 32; align = 8; signed = true; base = 16; } := addr32;\n"
          "typealias integer { size = 48; align = 8; signed = true; base = 16; } := addr48;\n"
          "trace {\n    major = 1;\n    minor = 8;\n    uuid = \"",
          f);
    for (int i = 0; i < 16; i++)
        fprintf(f, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", m->uuid[i]);
    fputs("\";\n    byte_order = le;\n"
          "    packet.header := struct { u32 magic; u8 uuid[16]; u32 stream_id; };\n"
          "};\n",
          f);
}

static void put_spaces(FILE *f, const struct trace_lookup *l)
{
    struct trace_extra x;

    for (unsigned i = 0; i < 1u << 15; i++) {
        memset(&x, 0, sizeof x);
        if (!l->space(l->ctx, i, &x))
            return;
        fprintf(f, "    space_%u_cr3 = \"0x%" PRIx64 "\";\n", i, x.cr3);
        fprintf(f, "    space_%u_tree = \"id %u parent %u level %u live %u\";\n", i, x.id, x.parent,
                x.level, x.live);
        fprintf(f, "    space_%u_name = ", i);
        put_string(f, x.text, sizeof x.text);
        fputs(";\n", f);
    }
}

static void put_labels(FILE *f, const struct trace_lookup *l)
{
    const char *text;

    for (uint32_t i = 0; i < TRACE_LABELS_MAX; i++) {
        text = l->label(l->ctx, i);
        if (!text && i)
            return;
        if (!text) /* ids may begin at 1 */
            continue;
        fprintf(f, "    label_%u = ", i);
        put_string(f, text, TRACE_NAME_MAX - 1);
        fputs(";\n", f);
    }
}

static void put_env(FILE *f, const struct trace_meta *m)
{
    fprintf(f,
            "env {\n    tracer_name = \"flatfish\";\n    format = %d;\n    %s;\n"
            "    ring = %" PRIu64 ";\n    events = %" PRIu64 ";\n    bytes = %" PRIu64 ";\n"
            "    end = %" PRIu64 ";\n    dropped = %" PRIu64 ";\n    discarded = %" PRIu64 ";\n"
            "    start = %" PRIu64 ";\n    ips = %" PRIu64 ";\n    about = ",
            TRACE_FORMAT,
            m->full     ? META_FULL
            : m->closed ? META_CLOSED
                        : META_OPEN,
            m->ring, m->events, m->bytes, m->end, m->dropped, m->discarded, m->start, m->ips);
    put_string(f, m->about ? m->about : "", 1024);
    fputs(";\n", f);
    if (m->lookup && m->lookup->space)
        put_spaces(f, m->lookup);
    if (m->lookup && m->lookup->label)
        put_labels(f, m->lookup);
    fputs("};\n", f);
}

/* The context's alignment leaves bytes after the header that no CTF reader looks at: ours. */
static void put_stream(FILE *f)
{
    fputs("clock {\n    name = icount;\n    description = \"instructions begun since power-on\";\n"
          "    freq = 1000000000;\n    offset = 0;\n    absolute = FALSE;\n};\n"
          "typealias integer { size = 24; align = 8; signed = false;"
          " map = clock.icount.value; } := time24;\n"
          "typealias integer { size = 64; align = 8; signed = false;"
          " map = clock.icount.value; } := time64;\n"
          "stream {\n    id = 0;\n    packet.context := struct {\n"
          "        time64 timestamp_begin;\n        time64 timestamp_end;\n"
          "        u64 content_size;\n        u64 packet_size;\n        u64 events_discarded;\n"
          "        u64 packet_seq_num;\n    } align(512);\n    event.header := struct {\n"
          "        enum : u8 { compact = 0 ... 254, extended = 255 } id;\n"
          "        variant <id> {\n            struct { time24 timestamp; } compact;\n"
          "            struct { u32 id; time64 timestamp; } extended;\n        } v;\n"
          "    } align(8);\n};\n",
          f);
}

static void put_bits(FILE *f, unsigned bits, const char *name)
{
    fprintf(f, "integer { size = %u; align = 1; signed = false; } %s; ", bits, name);
}

/* from, to, behalf, thread as bit fields of these widths. */
static void put_places(FILE *f, unsigned space, unsigned behalf, unsigned thread)
{
    fputs("u1 from_user; ", f);
    put_bits(f, space, "from");
    fputs("u1 to_user; ", f);
    put_bits(f, space, "to");
    put_bits(f, behalf, "behalf");
    put_bits(f, thread, "thread");
}

static void put_open(FILE *f, unsigned form, unsigned kind, const char *name)
{
    fprintf(f, "event { id = %u; name = \"", form << 6 | kind);
    for (; *name; name++)
        fputc(*name >= 'A' && *name <= 'Z' ? *name + 32 : *name, f);
    fputs("\"; stream_id = 0; fields := struct { ", f);
}

/* Reasons that are packed from parts are better read in hexadecimal. */
static char reason_base(unsigned kind)
{
    return codec_reason_bytes[kind] == 2 ? 'x' : 'u';
}

static void put_large(FILE *f, unsigned kind)
{
    fputs("x64 addr; ", f);
    put_places(f, 15, 16, 32);
    fprintf(f, "%c32 reason; ", reason_base(kind));
}

/* The short forms, with the reason in this many bytes. */
static void put_short(FILE *f, unsigned form, unsigned kind, const char *name, unsigned bytes)
{
    put_open(f, form, kind, name);
    fputs("addr32 addr; ", f);
    put_places(f, 5, 5, 7);
    if (bytes)
        fprintf(f, "%c%u reason; ", reason_base(kind), bytes * 8);
    fputs("}; };\n", f);
}

static void put_event(FILE *f, unsigned kind, const char *name)
{
    put_short(f, TRACE_SMALL, kind, name, codec_reason_bytes[kind]);
    put_open(f, TRACE_MEDIUM, kind, name);
    fputs("addr48 addr; ", f);
    put_places(f, 11, 11, 13);
    fprintf(f, "%c16 reason; }; };\n", reason_base(kind));
    put_open(f, TRACE_LARGE, kind, name);
    put_large(f, kind);
    fputs("}; };\n", f);
    if (!codec_kind_has_name(kind)) {
        put_short(f, TRACE_TALL, kind, name, 4);
        return;
    }
    put_open(f, TRACE_NAMED, kind, name);
    put_large(f, kind);
    fputs(kind == TRACE_SPACE ? "u32 id; u32 parent; u32 level; u8 live; string name; }; };\n"
                              : "string label; }; };\n",
          f);
}

static void put_events(FILE *f)
{
    fputs("/* Every event: from, to = space indices (from_user, to_user: 1 in user mode), behalf = "
          "the\n"
          " * space on whose behalf `to` works, thread = the kernel's thread id (0 = unknown). A "
          "kind\n"
          " * whose reason is always 0 has no field for it in its short form. */\n",
          f);
#define TRACE_EVENT(id, name, crossing, reason, addr, text)                                        \
    fputs("/* " #name ": " text "; reason = " reason "; addr = " addr " */\n", f);                 \
    put_event(f, id, #name);
#include "abi/trace/events.def"
#undef TRACE_EVENT
}

char *meta_text(const struct trace_meta *meta, size_t *n)
{
    char *text = NULL;
    FILE *f = open_memstream(&text, n);
    bool bad;

    if (!f)
        return NULL;
    put_head(f, meta);
    put_env(f, meta);
    put_stream(f);
    put_events(f);
    bad = fflush(f) != 0;
    fprintf(f, CODEC_TEXT_END, bad ? 0 : codec_text_sum(text, *n));
    bad |= ferror(f);
    if (fclose(f) || bad) {
        free(text);
        return NULL;
    }
    return text;
}

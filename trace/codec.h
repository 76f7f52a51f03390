/* trace/codec.h -- one event to bytes and back, as abi/trace/format.h lays it out.
 * Both directions live here so that they cannot drift apart. codec_put never fails and never writes
 * more than TRACE_EVENT_MAX bytes plus CODEC_SLACK; codec_get trusts nothing it reads.
 * SPDX-License-Identifier: MIT */
#ifndef TRACE_CODEC_H
#define TRACE_CODEC_H

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "abi/trace/format.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "codec stores words as they lie in memory");

#define CODEC_SLACK 8 /* whole words are stored where only part of one counts */

/* What SPACE, MARK and MARK2 say beyond the record. */
struct trace_extra {
    uint64_t cr3;               /* SPACE: the record's addr; not stored twice */
    uint32_t id, parent, level; /* SPACE: as in the debug block */
    uint8_t live;
    char text[TRACE_NAME_MAX]; /* name of the space, label of the marker */
};

static const uint8_t codec_reason_bytes[TRACE_KINDS] = {
#define TRACE_EVENT(id, name, crossing, reason, addr, text) [id] = TRACE_REASON_BYTES(id),
#include "abi/trace/events.def"
#undef TRACE_EVENT
};

static inline bool codec_kind_has_name(unsigned kind)
{
    return kind == TRACE_SPACE || kind == TRACE_MARK || kind == TRACE_MARK2;
}

static inline uint64_t codec_word(const uint8_t *p, size_t bytes)
{
    uint64_t v = 0;

    memcpy(&v, p, bytes);
    return v;
}

static inline void codec_store(uint8_t *p, uint64_t v, size_t bytes)
{
    memcpy(p, &v, bytes);
}

/* A sum that any change shows in: each step is reversible, so that one changed word always changes
 * it. Four words at a time, as fast as memory. Not against who means to deceive. */
static inline uint64_t codec_sum(uint64_t seed, const void *bytes, size_t n)
{
    const uint64_t odd = 0x9e3779b97f4a7c15u;
    const uint8_t *p = (const uint8_t *)bytes;
    uint64_t lane[4] = {seed + n, seed ^ odd, ~seed, seed + odd}, all = 0;

    for (; n >= 32; p += 32, n -= 32)
        for (int i = 0; i < 4; i++) {
            uint64_t v = (lane[i] ^ codec_word(p + 8 * i, 8)) * odd;
            lane[i] = v << 29 | v >> 35;
        }
    for (; n; p++, n--)
        lane[0] = (lane[0] ^ *p) * odd;
    for (int i = 0; i < 4; i++) {
        all = (all ^ lane[i]) * odd;
        all ^= all >> 32;
    }
    return all;
}

/* Of the packet at `p` whose content has n bytes. */
static inline uint64_t codec_packet_sum(const uint8_t *p, size_t n)
{
    uint8_t head[TRACE_PACKET_HEAD];

    memcpy(head, p, sizeof head);
    codec_store(head + TRACE_AT_SUM, 0, 8);
    codec_store(head + TRACE_AT_SIZE, 0, 8);
    return codec_sum(codec_sum(0, head, sizeof head), p + sizeof head, n - sizeof head);
}

/* How the metadata says that a trace is being written, or ended where the disk was full. */
#define META_OPEN   "state = \"open\""
#define META_FULL   "state = \"full\""
#define META_CLOSED "state = \"closed\""

/* Of n bytes of metadata but for the word of its state, which may be replaced in place. */
#define CODEC_STATE "\n    state = "
static inline uint64_t codec_text_sum(const char *text, size_t n)
{
    const char *at = (const char *)memmem(text, n, CODEC_STATE, sizeof CODEC_STATE - 1);
    const char *end = at ? (const char *)memchr(at + 1, '\n', n - (size_t)(at + 1 - text)) : NULL;
    uint64_t sum = codec_sum(0, text, at ? (size_t)(at - text) : n);

    return end ? codec_sum(sum, end, n - (size_t)(end - text)) : sum;
}
#define CODEC_TEXT_END "/* sum %016" PRIx64 " */\n" /* its last line */

static inline uint8_t *codec_put_header(uint8_t *p, unsigned code, uint64_t icount, uint64_t last)
{
    if (__builtin_expect(icount - last >= 1u << 24, 0)) {
        p[0] = TRACE_EXTENDED;
        codec_store(p + 1, code, 4);
        codec_store(p + 5, icount, 8);
        return p + 13;
    }
    codec_store(p, code | icount << 8, 4);
    return p + 4;
}

static inline uint8_t *codec_put_large(uint8_t *p, const struct trace_record *r)
{
    codec_store(p, r->addr, 8);
    codec_store(p + 8, r->from, 2);
    codec_store(p + 10, r->to, 2);
    codec_store(p + 12, r->behalf, 2);
    codec_store(p + 14, r->thread, 4);
    codec_store(p + 18, r->reason, 4);
    return p + 22;
}

/* The second half of a record, as two words: what follows reads several fields at once. */
_Static_assert(offsetof(struct trace_record, reason) == 16 &&
                   offsetof(struct trace_record, kind) == 20 &&
                   offsetof(struct trace_record, from) == 22 &&
                   offsetof(struct trace_record, to) == 24 &&
                   offsetof(struct trace_record, behalf) == 26 &&
                   offsetof(struct trace_record, thread) == 28,
               "layout");

/* SMALL or TALL will do: from, to < 64, behalf < 32, thread < 128, addr fits 32 bits with its sign,
 * icount grew by less than 2^24 (and did grow). One test, since every event goes through it. */
static inline bool codec_is_short(const struct trace_record *r, uint64_t last)
{
    uint64_t low, high;

    memcpy(&low, &r->reason, 8);
    memcpy(&high, &r->to, 8);
    return ((low & 0xffc0000000000000) | (high & 0xffffff80ffe0ffc0) |
            (r->addr + (1ull << 31)) >> 32 | (r->icount - last) >> 24) == 0;
}

/* The record is short, its kind known and none of those with names. Two stores; the next event
 * overwrites what does not count of the second one. */
static inline uint8_t *codec_put_short(uint8_t *p, const struct trace_record *r)
{
    unsigned bytes = codec_reason_bytes[r->kind], code = r->kind;
    uint64_t high;

    memcpy(&high, &r->to, 8);
    if ((uint64_t)r->reason >> (bytes * 8)) {
        code |= TRACE_TALL << 6;
        bytes = 4;
    }
    codec_store(p, code | (r->icount & 0xffffff) << 8 | r->addr << 32, 8);
    codec_store(p + 8,
                r->from | (high & 0x3f) << 6 | (high >> 4 & 0x1f << 12) |
                    (high >> 15 & 0x7f << 17) | (uint64_t)r->reason << 24,
                8);
    return p + 11 + bytes;
}

static inline bool codec_fits_medium(const struct trace_record *r)
{
    return !((r->from | r->to) >> 12 | r->behalf >> 11 | r->thread >> 13 | r->reason >> 16 |
             (r->addr + (1ull << 47)) >> 48);
}

/* Any record whose kind is known and whose icount is not before `last`. Returns the end of what was
 * written. */
static inline uint8_t *codec_put(uint8_t *p, const struct trace_record *r, uint64_t last)
{
    uint64_t bits;

    if (codec_is_short(r, last) && !codec_kind_has_name(r->kind))
        return codec_put_short(p, r);
    if (!codec_fits_medium(r))
        return codec_put_large(codec_put_header(p, TRACE_LARGE << 6 | r->kind, r->icount, last), r);
    p = codec_put_header(p, TRACE_MEDIUM << 6 | r->kind, r->icount, last);
    codec_store(p, r->addr, 8);
    bits = (uint64_t)r->from | (uint64_t)r->to << 12 | (uint64_t)r->behalf << 24 |
           (uint64_t)r->thread << 35 | (uint64_t)r->reason << 48;
    codec_store(p + 6, bits, 8);
    return p + 14;
}

static inline uint8_t *codec_put_text(uint8_t *p, const char *text)
{
    size_t n = strnlen(text, TRACE_NAME_MAX - 1);

    for (size_t i = 0; i < n; i++)
        *p++ = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    *p++ = 0;
    return p;
}

static inline uint8_t *codec_put_named(uint8_t *p, const struct trace_record *r, uint64_t last,
                                       const struct trace_extra *x)
{
    p = codec_put_header(p, TRACE_NAMED << 6 | r->kind, r->icount, last);
    p = codec_put_large(p, r);
    if (r->kind == TRACE_SPACE) {
        codec_store(p, x->id, 4);
        codec_store(p + 4, x->parent, 4);
        codec_store(p + 8, x->level, 4);
        p[12] = x->live;
        p += 13;
    }
    return codec_put_text(p, x->text);
}

static inline void codec_get_short(const uint8_t *p, unsigned reason_bytes, struct trace_record *r)
{
    uint64_t bits = codec_word(p, 7) >> 32;

    r->reason = reason_bytes == 0   ? 0
                : reason_bytes == 1 ? p[7]
                : reason_bytes == 2 ? (uint32_t)codec_word(p + 7, 2)
                                    : (uint32_t)codec_word(p + 7, 4);
    r->addr = (uint64_t)(int32_t)codec_word(p, 4);
    r->from = bits & 0x3f;
    r->to = bits >> 6 & 0x3f;
    r->behalf = bits >> 12 & 0x1f;
    r->thread = bits >> 17 & 0x7f;
}

static inline void codec_get_medium(const uint8_t *p, struct trace_record *r)
{
    uint64_t bits = codec_word(p + 6, 8);

    r->addr = (uint64_t)((int64_t)(codec_word(p, 6) << 16) >> 16);
    r->from = bits & 0xfff;
    r->to = bits >> 12 & 0xfff;
    r->behalf = bits >> 24 & 0x7ff;
    r->thread = bits >> 35 & 0x1fff;
    r->reason = bits >> 48;
}

static inline void codec_get_large(const uint8_t *p, struct trace_record *r)
{
    r->addr = codec_word(p, 8);
    r->from = codec_word(p + 8, 2);
    r->to = codec_word(p + 10, 2);
    r->behalf = codec_word(p + 12, 2);
    r->thread = codec_word(p + 14, 4);
    r->reason = codec_word(p + 18, 4);
}

/* The part after the 22 bytes of a NAMED payload; returns its length, 0 = bad or cut. */
static inline size_t codec_get_extra(const uint8_t *p, size_t n, unsigned kind,
                                     struct trace_extra *x)
{
    size_t at = kind == TRACE_SPACE ? 13 : 0, max, len;

    memset(x, 0, sizeof *x);
    if (n <= at)
        return 0;
    if (at) {
        x->id = codec_word(p, 4);
        x->parent = codec_word(p + 4, 4);
        x->level = codec_word(p + 8, 4);
        x->live = p[12];
    }
    max = n - at < TRACE_NAME_MAX ? n - at : TRACE_NAME_MAX;
    len = strnlen((const char *)p + at, max);
    if (len == max)
        return 0;
    memcpy(x->text, p + at, len);
    for (size_t i = 0; i < len; i++)
        if (x->text[i] < ' ' || x->text[i] > '~')
            x->text[i] = '?';
    return at + len + 1;
}

static inline size_t codec_get_header(const uint8_t *p, size_t n, uint64_t last, unsigned *code,
                                      uint64_t *icount)
{
    if (n < 4)
        return 0;
    if (p[0] != TRACE_EXTENDED) {
        *code = p[0];
        *icount = last + (((codec_word(p, 4) >> 8) - last) & 0xffffff);
        return 4;
    }
    if (n < 13)
        return 0;
    *code = codec_word(p + 1, 4);
    *icount = codec_word(p + 5, 8);
    return 13;
}

enum codec_result { CODEC_OK, CODEC_CUT, CODEC_BAD_KIND, CODEC_BAD_TIME, CODEC_BAD_TEXT };

static inline enum codec_result codec_get_payload(const uint8_t *p, size_t n, unsigned code,
                                                  struct trace_record *r, struct trace_extra *x,
                                                  size_t *size)
{
    static const uint8_t fixed[4] = {7, 14, 22, 11};
    unsigned form = code >> 6;
    bool named = form == TRACE_NAMED && codec_kind_has_name(r->kind);
    size_t need =
        named ? 22 : fixed[form] + (form == TRACE_SMALL ? codec_reason_bytes[r->kind] : 0);

    if (n < need)
        return CODEC_CUT;
    if (form == TRACE_MEDIUM)
        codec_get_medium(p, r);
    else if (form == TRACE_LARGE || named)
        codec_get_large(p, r);
    else
        codec_get_short(p, need - 7, r);
    *size += need;
    if (!named)
        return CODEC_OK;
    need = codec_get_extra(p + 22, n - 22, r->kind, x);
    *size += need;
    x->cr3 = r->addr;
    return need ? CODEC_OK : n - 22 < TRACE_NAME_MAX + 13 ? CODEC_CUT : CODEC_BAD_TEXT;
}

/* Decodes the event at `p`, of which `n` bytes are there. On CODEC_OK *size is its length; *x is
 * filled only for events that have a name (else x->text[0] = 0). */
static inline enum codec_result codec_get(const uint8_t *p, size_t n, uint64_t last,
                                          struct trace_record *r, struct trace_extra *x,
                                          size_t *size)
{
    unsigned code;

    x->text[0] = 0;
    *size = codec_get_header(p, n, last, &code, &r->icount);
    if (!*size)
        return CODEC_CUT;
    r->kind = code & 63;
    if (code > 255 || r->kind == 0 || r->kind >= TRACE_KINDS)
        return CODEC_BAD_KIND;
    if (r->icount < last)
        return CODEC_BAD_TIME;
    return codec_get_payload(p + *size, n - *size, code, r, x, size);
}

#endif

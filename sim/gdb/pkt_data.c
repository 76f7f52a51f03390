/* sim/gdb/pkt_data.c -- packets about registers and memory.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/gdb/conn.h"
#include "sim/gdb/session.h"

enum { READ_MAX = PACKET_MAX / 2 - 64, PIECE = 4096 };

/* ---- registers ---- */

static void add_register(struct text *to, struct id id, unsigned n)
{
    uint8_t value[16];

    if (register_get(id, n, value))
        text_hex(to, value, register_bytes(n));
    else
        for (unsigned i = 0; i < register_bytes(n); i++)
            text_puts(to, "xx");
}

void pkt_registers(struct session *s, const char *at, const char *end)
{
    (void)at, (void)end;
    session_look(s);
    for (unsigned n = 0; n < REGISTER_G; n++)
        add_register(&s->reply, session_general(s), n);
}

/* Only what changes is written: a thread's place may be given back as it was, but not changed while
 * it waits. */
static const char *register_change(struct id id, unsigned n, const uint8_t *value)
{
    uint8_t before[16];

    if (register_get(id, n, before) && memcmp(before, value, register_bytes(n)) == 0)
        return NULL;
    return register_set(id, n, value);
}

void pkt_registers_set(struct session *s, const char *at, const char *end)
{
    const char *why = NULL;
    uint8_t value[16];

    for (unsigned n = 0; n < REGISTER_G && !why; n++) {
        unsigned bytes = register_bytes(n);
        if (end - at >= 2 * (int)bytes && *at == 'x') { /* was not known, is not given */
            at += 2 * bytes;
            continue;
        }
        if (read_bytes(&at, end, value, bytes) != bytes)
            why = "the packet ends within the registers";
        else
            why = register_change(session_general(s), n, value);
    }
    if (why)
        reply_error(s, why);
    else
        reply_ok(s);
}

void pkt_register(struct session *s, const char *at, const char *end)
{
    uint64_t n;

    session_look(s);
    if (read_hex(&at, end, &n) && n < register_count())
        add_register(&s->reply, session_general(s), (unsigned)n);
    else
        reply_code(s, 1);
}

void pkt_register_set(struct session *s, const char *at, const char *end)
{
    uint8_t value[16];
    const char *why;
    uint64_t n;

    if (!read_hex(&at, end, &n) || n >= register_count() || !read_char(&at, end, '=') ||
        read_bytes(&at, end, value, sizeof value) != register_bytes((unsigned)n)) {
        reply_code(s, 1);
        return;
    }
    why = register_change(session_general(s), (unsigned)n, value);
    if (why)
        reply_error(s, why);
    else
        reply_ok(s);
}

/* ---- memory ---- */

static bool read_range(const char **at, const char *end, uint64_t *addr, uint64_t *n)
{
    return read_hex(at, end, addr) && read_char(at, end, ',') && read_hex(at, end, n);
}

/* A partial read gives what could be read. */
static size_t read_some(struct session *s, const char *at, const char *end, uint8_t *to)
{
    uint64_t addr, n;

    session_look(s);
    if (!read_range(&at, end, &addr, &n))
        return 0;
    return target_read(session_general(s).pid, addr, to, n < READ_MAX ? (size_t)n : READ_MAX);
}

void pkt_memory(struct session *s, const char *at, const char *end)
{
    static uint8_t bytes[READ_MAX];
    size_t n = read_some(s, at, end, bytes);

    if (n)
        text_hex(&s->reply, bytes, n);
    else
        reply_code(s, 14);
}

void pkt_memory_binary(struct session *s, const char *at, const char *end)
{
    static uint8_t bytes[READ_MAX];
    size_t n = read_some(s, at, end, bytes);
    const char *comma = memchr(at, ',', (size_t)(end - at));
    uint64_t asked = 1;

    if (comma && ++comma < end)
        read_hex(&comma, end, &asked);
    if (!n && asked) {
        reply_code(s, 14);
        return;
    }
    text_puts(&s->reply, "b");
    text_escape(&s->reply, bytes, n);
}

static void write_reply(struct session *s, uint64_t addr, const void *bytes, size_t n, bool whole)
{
    if (!whole || target_write(session_general(s).pid, addr, bytes, n) != n)
        reply_code(s, 14);
    else
        reply_ok(s);
}

void pkt_memory_set(struct session *s, const char *at, const char *end)
{
    static uint8_t bytes[PACKET_MAX / 2];
    uint64_t addr = 0, n = 0;
    bool good = read_range(&at, end, &addr, &n) && read_char(&at, end, ':') && n <= sizeof bytes;

    good = good && read_bytes(&at, end, bytes, (size_t)n) == n;
    write_reply(s, addr, bytes, (size_t)n, good);
}

void pkt_memory_set_binary(struct session *s, const char *at, const char *end)
{
    uint64_t addr = 0, n = 0;
    bool good =
        read_range(&at, end, &addr, &n) && read_char(&at, end, ':') && n == (uint64_t)(end - at);

    write_reply(s, addr, at, good ? (size_t)n : 0, good);
}

/* ---- search and checksum: over the memory in pieces ---- */

void pkt_search(struct session *s, const char *at, const char *end)
{
    static uint8_t window[PACKET_MAX + PIECE];
    uint64_t addr, n, done = 0;
    size_t kept = 0, pattern;

    if (!read_hex(&at, end, &addr) || !read_char(&at, end, ';') || !read_hex(&at, end, &n) ||
        !read_char(&at, end, ';') || at == end) {
        reply_code(s, 1);
        return;
    }
    pattern = (size_t)(end - at);
    while (done < n && !gdb_poll()) {
        size_t want = n - done < PIECE ? (size_t)(n - done) : PIECE;
        size_t got = target_read(session_general(s).pid, addr + done, window + kept, want);
        const uint8_t *hit = memmem(window, kept + got, at, pattern);
        if (hit) {
            text_printf(&s->reply, "1,%llx",
                        (unsigned long long)(addr + done - kept + (uint64_t)(hit - window)));
            return;
        }
        if (got < want) {
            reply_code(s, 14);
            return;
        }
        done += got;
        got += kept;
        kept = got < pattern - 1 ? got : pattern - 1;
        memmove(window, window + got - kept, kept);
    }
    text_puts(&s->reply, "0");
}

/* The one of compare-sections: polynomial 0x04c11db7, high bit first, begun with all ones. */
static uint32_t crc_add(uint32_t crc, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        crc ^= (uint32_t)bytes[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7u : 0);
    }
    return crc;
}

void pkt_crc(struct session *s, const char *at, const char *end)
{
    uint8_t bytes[PIECE];
    uint64_t addr, n;
    uint32_t crc = UINT32_MAX;

    if (!read_range(&at, end, &addr, &n) || n > 1ull << 32) {
        reply_code(s, 1);
        return;
    }
    for (uint64_t done = 0; done < n;) {
        size_t want = n - done < PIECE ? (size_t)(n - done) : PIECE;
        if (target_read(session_general(s).pid, addr + done, bytes, want) != want) {
            reply_code(s, 14);
            return;
        }
        crc = crc_add(crc, bytes, want);
        done += want;
    }
    text_printf(&s->reply, "C%x", crc);
}

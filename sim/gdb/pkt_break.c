/* sim/gdb/pkt_break.c -- Z and z: breakpoints and watchpoints, with the conditions that come along.
 * They belong to the process that Hg named. A packet that comes twice does what it does once.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/gdb/session.h"

struct place {
    uint64_t type, addr, n;
};

static bool read_place(const char **at, const char *end, struct place *p)
{
    return read_hex(at, end, &p->type) && p->type <= 4 && read_char(at, end, ',') &&
           read_hex(at, end, &p->addr) && read_char(at, end, ',') && read_hex(at, end, &p->n);
}

/* Several conditions are alternatives; each is `X<length>,<bytecode>`. They are kept one behind the
 * other, with a length of two bytes before each. */
static bool read_conditions(const char **at, const char *end, uint8_t *to, size_t *n)
{
    *n = 0;
    while (read_char(at, end, 'X')) {
        uint64_t length;
        if (!read_hex(at, end, &length) || !read_char(at, end, ',') ||
            length > CONDITION_MAX - *n - 2)
            return false;
        to[(*n)++] = (uint8_t)length;
        to[(*n)++] = (uint8_t)(length >> 8);
        if (read_bytes(at, end, to + *n, (size_t)length) != length)
            return false;
        *n += (size_t)length;
    }
    return true;
}

void pkt_insert(struct session *s, const char *at, const char *end)
{
    static uint8_t condition[CONDITION_MAX + 2];
    size_t n = 0;
    struct place p;
    const char *why;

    if (!read_place(&at, end, &p)) {
        reply_code(s, 1);
        return;
    }
    if (read_char(&at, end, ';') && !read_conditions(&at, end, condition, &n)) {
        reply_error(s, "the condition is too long or broken");
        return;
    }
    why = stop_insert((unsigned)p.type, session_general(s).pid, p.addr, p.n, condition, n);
    if (why)
        reply_error(s, why);
    else
        reply_ok(s);
}

void pkt_remove(struct session *s, const char *at, const char *end)
{
    struct place p;

    if (!read_place(&at, end, &p)) {
        reply_code(s, 1);
        return;
    }
    stop_remove((unsigned)p.type, session_general(s).pid, p.addr, p.n);
    reply_ok(s);
}

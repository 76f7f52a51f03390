/* sim/core/digest.c -- SHA-256 over the run; digest.h says over what exactly.
 * SPDX-License-Identifier: MIT */
#include "sim/core/digest.h"

#include <nettle/sha2.h>
#include <string.h>

#include "sim/core/shim.h"
#include "sim/event.h"
#include "sim/mem.h"
#include "sim/regs.h"

enum { PAGE = 4096, ST_REGS = 8, VEC_REGS = 32, BATCH = 128 };

/* Goes back in time: what is hashed is what led to where the machine stands. */
static struct {
    bool begun; /* false again before the place where the digest was asked for */
    struct sha256_ctx hash;
} events MACHINE_STATE = {.begun = false};

static uint8_t *put(uint8_t *at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i));
    return at + bytes;
}

static uint8_t *put_record(uint8_t *at, const struct trace_record *r)
{
    at = put(at, r->icount, 8);
    at = put(at, r->addr, 8);
    at = put(at, r->reason, 4);
    at = put(at, r->kind, 2);
    at = put(at, r->from, 2);
    at = put(at, r->to, 2);
    at = put(at, r->behalf, 2);
    return put(at, r->thread, 4);
}

static struct sha256_ctx *hash_so_far(void)
{
    if (!events.begun)
        sha256_init(&events.hash);
    events.begun = true;
    return &events.hash;
}

static void take_events(void *ctx, const struct trace_record *r, size_t n)
{
    uint8_t bytes[BATCH * sizeof *r];

    (void)ctx;
    while (n) {
        size_t part = n < BATCH ? n : BATCH;
        uint8_t *at = bytes;
        for (size_t i = 0; i < part; i++)
            at = put_record(at, r++);
        sha256_update(hash_so_far(), (size_t)(at - bytes), bytes);
        n -= part;
    }
}

int sim_digest_start(void)
{
    const struct sim_sink sink = {.take = take_events, .ctx = &events, .goes_back = true};

    events.begun = false;
    return sim_sink_add(&sink);
}

static void number(struct sha256_ctx *to, uint64_t value)
{
    uint8_t bytes[8];

    put(bytes, value, 8);
    sha256_update(to, 8, bytes);
}

static void registers(struct sha256_ctx *to)
{
    struct sim_vec vec;
    uint8_t st[10];

    for (int r = 0; r < SIM_REGS; r++) {
        const char *name = sim_reg_name((enum sim_reg)r);
        sha256_update(to, strlen(name) + 1, (const uint8_t *)name);
        number(to, sim_reg_get((enum sim_reg)r));
    }
    for (unsigned n = 0; n < ST_REGS; n++) {
        if (sim_st_get(n, st) == 0)
            sha256_update(to, sizeof st, st);
    }
    for (unsigned n = 0; n < VEC_REGS; n++) {
        if (sim_vec_get(n, &vec) == 0)
            sha256_update(to, sizeof vec.b, vec.b);
    }
}

static bool all_zero(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, PAGE - 1) == 0;
}

static void memory(struct sha256_ctx *to)
{
    uint8_t page[PAGE];

    for (gpa at = 0; at < sim_mem_bytes(); at += PAGE) {
        if (sim_phys_read(at, page, PAGE) != PAGE || all_zero(page))
            continue;
        number(to, at);
        sha256_update(to, PAGE, page);
    }
}

static void finish(struct sha256_ctx *from, uint8_t raw[SHA256_DIGEST_SIZE], char hex[65])
{
    static const char digits[] = "0123456789abcdef";

    sha256_digest(from, SHA256_DIGEST_SIZE, raw);
    for (unsigned i = 0; i < SHA256_DIGEST_SIZE; i++) {
        hex[2 * i] = digits[raw[i] >> 4];
        hex[2 * i + 1] = digits[raw[i] & 15];
    }
    hex[64] = 0;
}

void sim_digest_take(struct sim_digest *out)
{
    uint8_t raw[2][SHA256_DIGEST_SIZE], whole_raw[SHA256_DIGEST_SIZE];
    struct sha256_ctx state, so_far, whole;

    sim_event_flush();
    so_far = *hash_so_far();
    sha256_init(&state);
    number(&state, sim_icount());
    number(&state, sim_ticks());
    number(&state, sim_mem_bytes());
    registers(&state);
    memory(&state);
    finish(&state, raw[0], out->state);
    finish(&so_far, raw[1], out->events);
    sha256_init(&whole);
    sha256_update(&whole, sizeof raw, raw[0]);
    finish(&whole, whole_raw, out->whole);
}

/* sim/snap/image.c -- sends and receives the machine's memory, page run by page run.
 *
 * Format: struct run {address, bytes} followed by the bytes, ascending within a range; bytes = 0
 * ends the stream. Untouched pages are not sent and are zero at the receiver. Invariant: only
 * addresses inside the ranges of bxs_ranges() are ever written, whatever the stream says.
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "sim/core/shim.h"
#include "sim/snap/image.h"

#define PAGE        4096ull
#define RANGES      8
#define PRESENT     (3ull << 62) /* /proc/self/pagemap: present, or swapped out */
#define ARENA_LIMIT (8ull << 30)

struct run {
    uint64_t at, bytes;
};

static uint64_t page_down(uint64_t at)
{
    return at & ~(PAGE - 1);
}

/* Fills `used` for `n` pages from `at`; without pagemap every page counts as used. */
static void pages_used(int map, uint64_t at, bool *used, size_t n)
{
    uint64_t entry[512];
    ssize_t want = (ssize_t)(n * 8);
    if (map < 0 || pread(map, entry, n * 8, (off_t)(at / PAGE * 8)) != want) {
        memset(used, true, n * sizeof *used);
        return;
    }
    for (size_t i = 0; i < n; i++)
        used[i] = entry[i] & PRESENT;
}

static int send_run(image_io *put, void *ctx, uint64_t from, uint64_t to)
{
    struct run run = {from, to - from};
    if (from >= to)
        return 0;
    return put(ctx, &run, sizeof run) < 0 || put(ctx, (void *)from, run.bytes) < 0 ? -1 : 0;
}

/* The ranges without what need not be kept, which lies in one of them. */
static size_t ranges_kept(struct bxs_range *out)
{
    struct bxs_range all[RANGES], scratch = bxs_scratch();
    size_t n = bxs_ranges(all, RANGES - 1), kept = 0;

    for (size_t i = 0; i < n; i++) {
        uint8_t *end = all[i].start + all[i].bytes;
        out[kept++] = all[i];
        if (scratch.start < all[i].start || scratch.start + scratch.bytes > end)
            continue;
        out[kept - 1].bytes = (size_t)(scratch.start - all[i].start);
        out[kept].start = scratch.start + scratch.bytes;
        out[kept].bytes = (size_t)(end - out[kept].start);
        kept++;
    }
    return kept;
}

static int send_range(image_io *put, void *ctx, int map, uint64_t start, uint64_t end)
{
    uint64_t open = 0; /* start of the run being collected, 0 = none */
    for (uint64_t at = page_down(start); at < end;) {
        bool used[512];
        uint64_t left = (end - at + PAGE - 1) / PAGE;
        size_t n = left < 512 ? left : 512;
        pages_used(map, at, used, n);
        for (size_t i = 0; i < n; i++, at += PAGE) {
            if (used[i] && !open)
                open = at < start ? start : at;
            if (!used[i] && open) {
                if (send_run(put, ctx, open, at) < 0)
                    return -1;
                open = 0;
            }
        }
    }
    return open ? send_run(put, ctx, open, end) : 0;
}

/* Gives whole pages of zeroes in [from, to) back; `to` - `from` is at most 512 pages. */
static void slim_part(int map, uint64_t from, uint64_t to)
{
    static const uint8_t zeroes[PAGE];
    uint64_t open = 0; /* start of the run being collected, 0 = none */
    bool used[512];

    pages_used(map, from, used, (to - from) / PAGE);
    for (uint64_t at = from; at <= to; at += PAGE) {
        bool zero = at < to && used[(at - from) / PAGE] && !memcmp((void *)at, zeroes, PAGE);
        if (zero && !open)
            open = at;
        if (!zero && open) {
            madvise((void *)open, at - open, MADV_DONTNEED);
            open = 0;
        }
    }
}

void image_slim(void)
{
    struct bxs_range range[RANGES];
    size_t n = ranges_kept(range);
    int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

    for (size_t i = 1; i < n && map >= 0; i++) {
        uint64_t from = page_down((uint64_t)range[i].start + PAGE - 1);
        uint64_t end = page_down((uint64_t)range[i].start + range[i].bytes);
        for (; from < end; from += 512 * PAGE)
            slim_part(map, from, end - from < 512 * PAGE ? end : from + 512 * PAGE);
    }
    if (map >= 0)
        close(map);
}

int image_send(image_io *put, void *ctx)
{
    struct bxs_range range[RANGES];
    size_t n = ranges_kept(range);
    struct run end = {0, 0};
    int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    int bad = 0;
    for (size_t i = 0; i < n && !bad; i++) {
        uint64_t start = (uint64_t)range[i].start;
        /* The initialised section is mapped from a file: untouched does not mean zero there. */
        bad = send_range(put, ctx, i == 0 ? -1 : map, start, start + range[i].bytes);
    }
    if (map >= 0)
        close(map);
    return bad || put(ctx, &end, sizeof end) < 0 ? -1 : 0;
}

/* Whole pages inside the range become zero without being touched; the ragged ends by hand. */
static void zero(uint8_t *start, size_t bytes)
{
    uint64_t from = page_down((uint64_t)start + PAGE - 1);
    uint64_t to = page_down((uint64_t)start + bytes);
    if (from >= to) {
        memset(start, 0, bytes);
        return;
    }
    memset(start, 0, from - (uint64_t)start);
    memset((void *)to, 0, (uint64_t)start + bytes - to);
    if (madvise((void *)from, to - from, MADV_DONTNEED) < 0)
        memset((void *)from, 0, to - from);
}

/* Private file pages would come back as the file's bytes, so the initialised section is only ever
 * overwritten (it is always sent whole); the others are anonymous memory. */
static void zero_all(const struct bxs_range *range, size_t n)
{
    for (size_t i = 1; i < n; i++)
        zero(range[i].start, range[i].bytes);
}

static bool inside(const struct bxs_range *range, size_t n, const struct run *run)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t start = (uint64_t)range[i].start;
        uint64_t bytes =
            i + 1 == n ? ARENA_LIMIT : range[i].bytes; /* the arena may have been larger */
        if (run->at >= start && run->bytes <= bytes && run->at - start <= bytes - run->bytes)
            return true;
    }
    return false;
}

int image_receive(image_io *get, void *ctx)
{
    struct bxs_range range[RANGES];
    size_t n = ranges_kept(range);
    struct run run;
    bool begun = false;
    for (;;) {
        if (get(ctx, &run, sizeof run) < 0)
            return -1;
        if (run.bytes == 0)
            return begun ? 0 : -1;
        if (!inside(range, n, &run))
            return -1;
        if (!begun)
            zero_all(range, n);
        begun = true;
        if (get(ctx, (void *)run.at, run.bytes) < 0)
            return -1;
    }
}

/* ---- from memory ---- */

/* What of [from, to) was touched becomes zero: whole pages are given back. */
static void patch_gap(int map, uint64_t from, uint64_t to)
{
    uint64_t first = page_down(from + PAGE - 1), end = page_down(to);

    if (first >= end) {
        memset((void *)from, 0, to - from);
        return;
    }
    memset((void *)from, 0, first - from);
    memset((void *)end, 0, to - end);
    for (uint64_t at = first; at < end;) {
        bool used[512];
        uint64_t left = (end - at) / PAGE;
        size_t n = left < 512 ? left : 512, k;
        pages_used(map, at, used, n);
        for (size_t i = 0; i < n; i = k) {
            for (k = i + 1; k < n && used[k] == used[i]; k++)
                continue;
            if (used[i])
                zero((uint8_t *)at + i * PAGE, (k - i) * PAGE);
        }
        at += n * PAGE;
    }
}

static void patch_run(uint64_t to, const uint8_t *from, uint64_t bytes)
{
    for (uint64_t done = 0, part; done < bytes; done += part) {
        part = PAGE - (to + done) % PAGE;
        part = part < bytes - done ? part : bytes - done;
        if (memcmp((void *)(to + done), from + done, part) != 0)
            memcpy((void *)(to + done), from + done, part);
    }
}

struct stream {
    const uint8_t *at, *end;
};

/* The next run, if it begins before `end`; bytes = 0 = there is none. */
static struct run next_run(const struct stream *s, uint64_t end)
{
    struct run run = {0, 0};

    if ((size_t)(s->end - s->at) >= sizeof run)
        memcpy(&run, s->at, sizeof run);
    return run.at < end ? run : (struct run){0, 0};
}

static void patch_range(int map, const struct bxs_range *r, bool last, struct stream *s)
{
    uint64_t at = (uint64_t)r->start, end = last ? UINT64_MAX : at + r->bytes;

    for (;;) {
        struct run run = next_run(s, end);
        if (run.bytes == 0)
            break;
        patch_gap(map, at, run.at);
        patch_run(run.at, s->at + sizeof run, run.bytes);
        at = run.at + run.bytes;
        s->at += sizeof run + run.bytes;
    }
    if (at < (uint64_t)r->start + r->bytes)
        patch_gap(map, at, (uint64_t)r->start + r->bytes);
}

void image_patch(const uint8_t *stream, size_t n)
{
    struct bxs_range range[RANGES];
    size_t ranges = ranges_kept(range);
    struct stream s = {stream, stream + n};
    int map = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

    for (size_t i = 0; i < ranges; i++)
        patch_range(map, &range[i], i + 1 == ranges, &s);
    if (map >= 0)
        close(map);
}

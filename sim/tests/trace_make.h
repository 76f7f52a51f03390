/* sim/tests/trace_make.h -- what the trace tests share: a folder of their own, events made by a
 * fixed random sequence, names of spaces and labels, and comparing what is read with what was made.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_TESTS_TRACE_MAKE_H
#define SIM_TESTS_TRACE_MAKE_H

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/tests/check.h"
#include "trace/reader.h"
#include "sim/trace/writer.h"

static uint64_t make_seed = 88172645463325252ull;

static inline uint64_t make_random(void)
{
    make_seed ^= make_seed << 13;
    make_seed ^= make_seed >> 7;
    make_seed ^= make_seed << 17;
    return make_seed;
}

/* A number of a random length, so that every width of field is met. */
static inline uint64_t make_width(void)
{
    uint64_t v = make_random() >> (make_random() & 63);

    return make_random() & 1 ? v : ~v;
}

static inline struct trace_record make_any(uint64_t *icount)
{
    static const uint64_t step[] = {0, 1, 60, 0xffffff, 0x1000000, 0x1000001, 1ull << 40};

    struct trace_record r = {
        .addr = make_width(),
        .reason = make_width(),
        .kind = 1 + make_random() % (TRACE_KINDS - 1),
        .from = make_width(),
        .to = make_width(),
        .behalf = make_width(),
        .thread = make_width(),
    };

    *icount += make_random() & 1 ? make_random() % 200 : step[make_random() % 7];
    r.icount = *icount;
    if (make_random() & 1) /* small but, perhaps, for one field */
        r = (struct trace_record){.icount = r.icount,
                                  .addr = make_random() % 8 ? (uint64_t)(int32_t)r.addr : r.addr,
                                  .reason = r.reason,
                                  .kind = r.kind,
                                  .from = make_random() % 8 ? r.from & 63 : r.from,
                                  .to = make_random() % 8 ? r.to & 63 : r.to,
                                  .behalf = make_random() % 8 ? r.behalf & 31 : r.behalf,
                                  .thread = make_random() % 8 ? r.thread & 127 : r.thread};
    return r;
}

/* What a small guest does all day: a system call and its return. */
static inline struct trace_record make_ordinary(uint64_t *icount, unsigned n)
{
    *icount += 40 + n % 23;
    return (struct trace_record){
        .icount = *icount,
        .addr = n & 1 ? 0x401000 + n % 4096 : 0xffffffff80101000ull,
        .reason = n & 1 ? 0 : n % 112,
        .kind = n & 1 ? TRACE_SYSRET : TRACE_SYSCALL,
        .from = n & 1 ? 4 : 5,
        .to = n & 1 ? 5 : 4,
        .behalf = 2,
        .thread = 3 + n % 8,
    };
}

/* Spaces 0..9 have names; so have labels 0..3. One of each needs care. */
static inline bool make_space(void *ctx, unsigned index, struct trace_extra *x)
{
    (void)ctx;
    if (index >= 10)
        return false;
    *x = (struct trace_extra){.cr3 = 0x1000ull * (index + 1),
                              .id = index,
                              .parent = index / 2,
                              .level = index / 3,
                              .live = index != 7};
    snprintf(x->text, sizeof x->text, index == 5 ? "we\"ird\\;\n" : "space%u", index);
    return true;
}

static inline const char *make_label(void *ctx, uint32_t id)
{
    static const char *const labels[] = {"zero", "one", "two words", "3 = \"x\";"};

    (void)ctx;
    return id < 4 ? labels[id] : NULL;
}

static const struct trace_lookup make_lookup = {make_space, make_label, NULL};

static char make_base[256];

static inline void make_remove(const char *dir)
{
    char path[1024];
    DIR *d = opendir(dir);
    struct dirent *e;

    while (d && (e = readdir(d))) {
        snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(dir);
}

/* A path that does not exist yet, in a folder that goes away at exit. */
static inline const char *make_dir(const char *name)
{
    static char path[4][512];
    static unsigned n;
    char *p = path[n++ % 4];

    if (!make_base[0]) {
        const char *t = getenv("TMPDIR");
        snprintf(make_base, sizeof make_base, "%.200s/t_trace.XXXXXX", t ? t : "/tmp");
        if (!mkdtemp(make_base)) {
            perror(make_base);
            exit(99);
        }
    }
    snprintf(p, sizeof path[0], "%s/%s", make_base, name);
    make_remove(p);
    return p;
}

static inline void make_end(void)
{
    if (make_base[0])
        make_remove(make_base);
}

static inline bool make_same(const struct trace_record *a, const struct trace_record *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* How many of `want` come back from `dir` in order, before a difference or the end. */
static inline size_t make_compare(const char *dir, const struct trace_record *want, size_t n,
                                  char damage[256])
{
    struct trace_reader *t = trace_read_open(dir, damage, 256);
    struct trace_record r;
    size_t i = 0;

    if (!t)
        return SIZE_MAX;
    while (trace_read_next(t, &r)) {
        if (i >= n || !make_same(&r, &want[i])) {
            snprintf(damage, 256, "event %zu differs", i);
            trace_read_close(t);
            return SIZE_MAX;
        }
        i++;
    }
    snprintf(damage, 256, "%s", trace_damage(t) ? trace_damage(t) : "");
    trace_read_close(t);
    return i;
}

#endif

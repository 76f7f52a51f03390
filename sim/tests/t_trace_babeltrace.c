/* Property: babeltrace2 lists every event of a trace, with its time, kind and fields, and warns of
 * nothing. Skipped where babeltrace2 is not installed.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/trace_make.h"

enum { N = 30000 };
static struct trace_record all[N];

static FILE *list(const char *dir)
{
    char command[1024];
    FILE *p;

    /* Warnings come among the lines, and are then lines that do not match. */
    snprintf(command, sizeof command, "babeltrace2 --clock-cycles --no-delta '%s' 2>&1", dir);
    p = popen(command, "r");
    if (!p)
        exit(99);
    return p;
}

static uint64_t field(const char *line, const char *name)
{
    char key[32];
    const char *at;

    snprintf(key, sizeof key, " %s = ", name);
    at = strstr(line, key);
    return at ? strtoull(at + strlen(key), NULL, 0) : 0;
}

/* Numbers are shown at the width of their form; `bits` of an address are there at least. */
static bool line_matches(const char *line, const struct trace_record *r)
{
    char kind[32];
    uint64_t addr = field(line, "addr"), low = addr >> 32 ? (1ull << 48) - 1 : (1ull << 32) - 1;

    snprintf(kind, sizeof kind, " %s: {", trace_kind_name(r->kind));
    return strtoull(line + 1, NULL, 10) == r->icount && strstr(line, kind) &&
           field(line, "from") * 2 + field(line, "from_user") == r->from &&
           field(line, "to") * 2 + field(line, "to_user") == r->to &&
           field(line, "behalf") == r->behalf && field(line, "thread") == r->thread &&
           field(line, "reason") == r->reason &&
           (addr == r->addr || (addr & low) == (r->addr & low));
}

static void compare(const char *dir, const struct trace_record *want, size_t n)
{
    FILE *p = list(dir);
    char line[1024];
    size_t i = 0;

    while (fgets(line, sizeof line, p)) {
        if (i < n && !line_matches(line, &want[i]) && check_failed < 3)
            fprintf(stderr, "event %zu: %s", i, line);
        CHECK(i < n && line_matches(line, &want[i]));
        i++;
    }
    CHECK(pclose(p) == 0);
    CHECK(i == n);
}

static void one(uint64_t last, uint32_t packet, size_t n)
{
    const char *dir = make_dir("bt");
    struct trace_options o = {.dir = dir,
                              .packet = packet,
                              .last = last,
                              .lookup = make_lookup,
                              .about = "a \"quoted\" name \\"};
    struct trace_writer *w = trace_open(&o);
    size_t kept = last && last < n ? last : n;

    if (!w)
        exit(99);
    trace_take(w, all, n);
    CHECK(trace_close(w) == 0);
    compare(dir, all + n - kept, kept);
}

int main(void)
{
    uint64_t icount = 0;

    if (system("babeltrace2 --version >/dev/null 2>&1") != 0)
        return 77;
    for (unsigned i = 0; i < N; i++)
        all[i] = i / 100 % 2 ? make_any(&icount) : make_ordinary(&icount, i);
    one(0, 0, N);
    one(0, 4096, N);
    one(10000, 0, N);
    one(777, 4096, N);
    one(0, 0, 0);
    make_dir("bt");
    make_end();
    return check_report("t_trace_babeltrace");
}

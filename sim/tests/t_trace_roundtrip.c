/* Property: every event delivered is read back identical, whatever its fields, batch and packet.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/trace_make.h"

enum { N = 200000 };
static struct trace_record all[N];

static void write_all(const char *dir, uint32_t packet, size_t n)
{
    struct trace_options o = {.dir = dir,
                              .packet = packet,
                              .about = "round trip",
                              .ips = 100000000,
                              .lookup = make_lookup};
    struct trace_writer *w = trace_open(&o);
    size_t at = 0;

    CHECK(w != NULL);
    while (w && at < n) {
        size_t batch = 1 + make_random() % 3000;
        batch = batch < n - at ? batch : n - at;
        trace_take(w, all + at, batch);
        at += batch;
        if (make_random() % 50 == 0)
            CHECK(trace_flush(w) == 0);
    }
    CHECK(!w || trace_stored(w) == n);
    CHECK(trace_close(w) == 0);
}

static void check_all(const char *dir, size_t n)
{
    char damage[256];

    CHECK(make_compare(dir, all, n, damage) == n);
    CHECK(damage[0] == 0);
}

static void check_facts(const char *dir, size_t n)
{
    char err[256];
    struct trace_reader *t = trace_read_open(dir, err, sizeof err);
    const struct trace_facts *f;

    CHECK(t != NULL);
    if (!t)
        return;
    f = trace_facts(t);
    CHECK(f->state == TRACE_CLOSED && f->events == n && f->ips == 100000000 && !f->discarded);
    CHECK(f->first == all[0].icount && f->last == all[n - 1].icount);
    CHECK(!strcmp(f->about, "round trip"));
    CHECK(trace_space(t, 3) && !strcmp(trace_space(t, 3)->text, "space3"));
    CHECK(trace_space(t, 3)->cr3 == 0x4000 && trace_space(t, 3)->parent == 1);
    CHECK(trace_space(t, 7) && !trace_space(t, 7)->live && trace_space(t, 6)->live);
    CHECK(trace_space(t, 5) && !strcmp(trace_space(t, 5)->text, "we\"ird\\;?"));
    CHECK(!trace_space(t, 10));
    CHECK(trace_label(t, 3) && !strcmp(trace_label(t, 3), "3 = \"x\";") && !trace_label(t, 4));
    trace_read_close(t);
}

/* Seeking finds the first event at or after any instruction count, as a scan does. */
static void check_seek(const char *dir, size_t n)
{
    char err[256];
    struct trace_reader *t = trace_read_open(dir, err, sizeof err);
    struct trace_record r;

    for (int i = 0; t && i < 300; i++) {
        size_t k = make_random() % n;
        uint64_t want = all[k].icount + (make_random() % 3 - 1);
        while (k && all[k - 1].icount >= want)
            k--;
        while (k < n && all[k].icount < want)
            k++;
        trace_read_seek(t, want);
        CHECK(trace_read_next(t, &r) == (k < n));
        CHECK(k == n || make_same(&r, &all[k]));
        CHECK(k + 1 >= n || (trace_read_next(t, &r) && make_same(&r, &all[k + 1])));
    }
    trace_read_seek(t, 0);
    CHECK(trace_read_next(t, &r) && make_same(&r, &all[0]));
    trace_read_seek(t, UINT64_MAX);
    CHECK(all[n - 1].icount == UINT64_MAX || !trace_read_next(t, &r));
    trace_read_close(t);
}

static void check_packets(const char *dir, size_t n)
{
    char err[256];
    struct trace_reader *t = trace_read_open(dir, err, sizeof err);
    const struct trace_packet *k;
    struct trace_record r;

    for (size_t i = 0; t && (k = trace_packet(t, i)); i++) {
        trace_read_packets(t, i, i + 1);
        CHECK(k->before < n && trace_read_next(t, &r) && make_same(&r, &all[k->before]));
        CHECK(r.icount == k->begin);
        while (trace_read_next(t, &r))
            ;
        CHECK(r.icount == k->end);
    }
    trace_read_close(t);
}

static void check_one(const char *dir, uint32_t packet, size_t n)
{
    write_all(dir, packet, n);
    check_all(dir, n);
    check_facts(dir, n);
    check_seek(dir, n);
    check_packets(dir, n);
}

static bool same_file(const char *a, const char *b, const char *name)
{
    char path[2][1024];
    FILE *f[2];
    int x, y;

    snprintf(path[0], sizeof path[0], "%s/%s", a, name);
    snprintf(path[1], sizeof path[1], "%s/%s", b, name);
    f[0] = fopen(path[0], "rb");
    f[1] = fopen(path[1], "rb");
    if (!f[0] || !f[1])
        exit(99);
    do {
        x = getc(f[0]);
        y = getc(f[1]);
    } while (x == y && x != EOF);
    fclose(f[0]);
    fclose(f[1]);
    return x == y;
}

/* Batches and flushes differ from one run to the next; the bytes do not. */
static void check_bytes(size_t n)
{
    const char *a = make_dir("bytes"), *b = make_dir("again");

    write_all(a, 8192, n);
    write_all(b, 8192, n);
    CHECK(same_file(a, b, "metadata") && same_file(a, b, "events"));
}

static void check_none(void)
{
    const char *dir = make_dir("none");
    char damage[256];

    write_all(dir, 0, 0);
    CHECK(make_compare(dir, all, 0, damage) == 0 && !damage[0]);
}

/* What cannot be stored is counted, never stored wrongly. */
static void check_discarded(void)
{
    const char *dir = make_dir("odd");
    struct trace_record odd[] = {
        {.icount = 10, .kind = TRACE_CR3},      {.icount = 9, .kind = TRACE_CR3},
        {.icount = 11, .kind = TRACE_KINDS},    {.icount = 11, .kind = 0},
        {.icount = 11, .kind = 64 + TRACE_CR3}, {.icount = 12, .kind = TRACE_EXIT}};
    struct trace_options o = {.dir = dir};
    struct trace_writer *w = trace_open(&o);
    struct trace_reader *t;
    struct trace_record r;
    char err[256];

    trace_take(w, odd, 6);
    CHECK(trace_close(w) == 0);
    t = trace_read_open(dir, err, sizeof err);
    CHECK(t && trace_facts(t)->discarded == 4 && trace_facts(t)->events == 2);
    CHECK(t && trace_read_next(t, &r) && make_same(&r, &odd[0]));
    CHECK(t && trace_read_next(t, &r) && make_same(&r, &odd[5]));
    CHECK(t && !trace_read_next(t, &r) && !trace_damage(t));
    trace_read_close(t);
}

/* The names travel with the events too, for traces that have lost their metadata's last state. */
static void check_extra(void)
{
    const char *dir = make_dir("extra");
    struct trace_record two[] = {{.icount = 1, .kind = TRACE_SPACE, .reason = 4, .addr = 0x5000},
                                 {.icount = 2, .kind = TRACE_MARK, .reason = 2, .addr = 77}};
    struct trace_options o = {.dir = dir, .lookup = make_lookup};
    struct trace_writer *w = trace_open(&o);
    struct trace_reader *t;
    struct trace_record r;
    char err[256];

    trace_take(w, two, 2);
    CHECK(trace_close(w) == 0);
    t = trace_read_open(dir, err, sizeof err);
    CHECK(t && trace_read_next(t, &r) && make_same(&r, &two[0]));
    CHECK(!strcmp(trace_read_extra(t)->text, "space4") && trace_read_extra(t)->cr3 == 0x5000);
    CHECK(trace_read_extra(t)->id == 4 && trace_read_extra(t)->level == 1);
    CHECK(t && trace_read_next(t, &r) && make_same(&r, &two[1]));
    CHECK(!strcmp(trace_read_extra(t)->text, "two words"));
    trace_read_close(t);
}

int main(void)
{
    uint64_t icount = 0;

    for (unsigned i = 0; i < N; i++)
        all[i] = make_ordinary(&icount, i);
    check_one(make_dir("ordinary"), 0, N);
    check_one(make_dir("small"), 4096, N / 10);
    icount = 0;
    for (unsigned i = 0; i < N; i++)
        all[i] = make_any(&icount);
    check_one(make_dir("any"), 0, N);
    check_one(make_dir("small"), 4096, N / 10);
    check_bytes(N / 10);
    check_none();
    check_discarded();
    check_extra();
    for (const char *const *d = (const char *const[]){"ordinary", "small", "any", "none", "odd",
                                                      "bytes", "again", "extra", NULL};
         *d; d++)
        make_dir(*d);
    make_end();
    return check_report("t_trace_roundtrip");
}

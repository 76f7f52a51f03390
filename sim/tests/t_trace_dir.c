/* Property: a trace never overwrites or mixes with what is not a trace of ours, and replaces an old
 * trace only when told to; what is no trace is refused by the reader with advice.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/trace_make.h"

static void put(const char *dir, const char *name, const char *text)
{
    char path[1024];
    FILE *f;

    mkdir(dir, 0777);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f))
        exit(99);
}

static bool there(const char *dir, const char *name)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

static void take_away(const char *dir, const char *name)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    CHECK(unlink(path) == 0);
}

static bool opens(const char *dir, bool force, uint64_t icount)
{
    struct trace_options o = {.dir = dir, .force = force};
    struct trace_writer *w = trace_open(&o);
    struct trace_record r = {.icount = icount, .kind = TRACE_EXIT};

    if (w)
        trace_take(w, &r, 1);
    return w && trace_close(w) == 0;
}

static uint64_t first(const char *dir)
{
    char err[256];
    struct trace_reader *t = trace_read_open(dir, err, sizeof err);
    uint64_t icount = t ? trace_facts(t)->first : 0;

    trace_read_close(t);
    return icount;
}

static void writing(void)
{
    const char *dir = make_dir("a");
    char deep[600];

    CHECK(opens(dir, false, 5) && first(dir) == 5);
    CHECK(!opens(dir, false, 6) && strstr(trace_error(), "--force") && first(dir) == 5);
    put(dir, "notes", "mine");
    CHECK(!opens(dir, true, 7) && first(dir) == 5 && there(dir, "notes"));
    CHECK(strstr(trace_error(), "something else in it, notes: move that away"));
    take_away(dir, "notes");
    put(dir, ".events.new", "of a run that was killed");
    CHECK(opens(dir, true, 7) && first(dir) == 7 && !there(dir, ".events.new"));
    dir = make_dir("b");
    put(dir, "precious", "x");
    CHECK(!opens(dir, false, 1) && !opens(dir, true, 1) && there(dir, "precious"));
    CHECK(strstr(trace_error(), "name another") && !there(dir, "metadata"));
    put(dir, "metadata", "/* CTF 1.8 */ env { tracer_name = \"other\"; };");
    CHECK(!opens(dir, true, 1) && there(dir, "metadata"));
    dir = make_dir("b");
    mkdir(dir, 0777);
    snprintf(deep, sizeof deep, "%s/metadata", dir);
    CHECK(mkfifo(deep, 0666) == 0 && !opens(dir, true, 1) && there(dir, "metadata"));
    take_away(dir, "metadata");
    CHECK(symlink("/dev/zero", deep) == 0 && !opens(dir, true, 1) && there(dir, "metadata"));
    dir = make_dir("c");
    mkdir(dir, 0777);
    CHECK(opens(dir, false, 9) && first(dir) == 9 && !there(dir, ".events.new"));
    snprintf(deep, sizeof deep, "%s/no/such", dir);
    CHECK(!opens(deep, false, 1) && strstr(trace_error(), "No such file"));
    snprintf(deep, sizeof deep, "%s/metadata", dir);
    CHECK(!opens(deep, false, 1) && !opens("", false, 1));
}

/* A directory that a run is writing to is nobody else's, whatever is said. */
static void at_once(void)
{
    const char *dir = make_dir("c");
    struct trace_options o = {.dir = dir};
    struct trace_writer *w = trace_open(&o);
    struct trace_record r = {.icount = 3, .kind = TRACE_EXIT};

    CHECK(w && !opens(dir, true, 4) && strstr(trace_error(), "another run is writing"));
    trace_take(w, &r, 1);
    CHECK(trace_close(w) == 0 && first(dir) == 3);
    CHECK(opens(dir, true, 5) && first(dir) == 5);
}

static void reading(void)
{
    const char *dir = make_dir("a");
    char err[256] = "";

    CHECK(!trace_read_open(dir, err, sizeof err) && strstr(err, "flatfish run --trace"));
    put(dir, "x", "");
    CHECK(!trace_read_open(dir, err, sizeof err) && strstr(err, "metadata"));
    put(dir, "metadata", "");
    CHECK(!trace_read_open(dir, err, sizeof err) && strstr(err, "not written by Flatfish"));
    put(dir, "metadata",
        "/* CTF 1.8 */\nenv {\n    tracer_name = \"flatfish\";\n    format = 99;\n};");
    CHECK(!trace_read_open(dir, err, sizeof err) && strstr(err, "format 99"));
    put(dir, "metadata", "/* CTF 1.8 */\nenv {\n    tracer_name = \"flatfish\";\n    form");
    CHECK(!trace_read_open(dir, err, sizeof err) && strstr(err, "damaged"));
    CHECK(!trace_read_open("/dev/null", err, sizeof err) && strstr(err, "not a directory"));
}

int main(void)
{
    writing();
    at_once();
    reading();
    make_dir("a");
    make_dir("b");
    make_dir("c");
    make_end();
    return check_report("t_trace_dir");
}

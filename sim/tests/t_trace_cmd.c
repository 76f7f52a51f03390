/* Property: what `flatfish trace` prints of a trace agrees with its events: every CSV line is its
 * record, every instruction of the range is in exactly one slice and one stack, JSON is valid for
 * any number of events; mistakes and damage end with one line and the right exit code.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <jansson.h>
#include <sys/wait.h>

#include "sim/tests/trace_make.h"

enum { N = 3000 };
static struct trace_record all[N];
static char program[512], output[512];

static int run(const char *arguments)
{
    char command[2048];
    int status;

    snprintf(command, sizeof command, "%s trace %s >%s 2>%s.err", program, arguments, output,
             output);
    status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *slurp(const char *path)
{
    static char *text;
    FILE *f = fopen(path, "r");
    size_t n = 0;

    free(text);
    text = calloc(1, 1 << 22);
    if (f && text)
        n = fread(text, 1, (1 << 22) - 1, f);
    if (f)
        fclose(f);
    if (!text || n == (1 << 22) - 1)
        exit(99);
    return text;
}

static char *said(void)
{
    char path[600];

    snprintf(path, sizeof path, "%s.err", output);
    return slurp(path);
}

static void make(const char *dir, size_t n)
{
    struct trace_options o = {.dir = dir, .packet = 4096, .force = true, .lookup = make_lookup};
    struct trace_writer *w = trace_open(&o);

    if (!w)
        exit(99);
    trace_take(w, all, n);
    CHECK(trace_close(w) == 0);
}

/* `report` of `dir` with `options`; the output. */
static const char *report(const char *report, const char *options, const char *dir)
{
    char arguments[1024];

    snprintf(arguments, sizeof arguments, "%s %s %s", report, options, dir);
    CHECK(run(arguments) == 0);
    CHECK(said()[0] == 0);
    return slurp(output);
}

static struct trace_record csv_record(const char *line)
{
    struct trace_record r;
    char kind[16], from_mode[8], to_mode[8];
    unsigned from, to, behalf;

    memset(&r, 0, sizeof r);
    if (sscanf(line,
               "%" SCNu64 ",%15[a-z0-9],%u,%7[a-z],%u,%7[a-z],%u,%" SCNu32 ",%" SCNu32
               ",0x%" SCNx64,
               &r.icount, kind, &from, from_mode, &to, to_mode, &behalf, &r.thread, &r.reason,
               &r.addr) != 10)
        return r;
    r.kind = trace_kind_find(kind, strlen(kind));
    r.from = from * 2 + !strcmp(from_mode, "user");
    r.to = to * 2 + !strcmp(to_mode, "user");
    r.behalf = behalf;
    return r;
}

/* The events with from <= icount <= to of the given kinds, one by one. */
static void check_csv(const char *dir, size_t n, uint64_t from, uint64_t to, unsigned kind)
{
    char options[200], kinds[60] = "";
    const char *line;
    size_t i, wrong = 0;

    if (kind)
        snprintf(kinds, sizeof kinds, "--kind exit,%s", trace_kind_name(kind));
    snprintf(options, sizeof options, "--format csv --from %" PRIu64 " --to %" PRIu64 " %s", from,
             to, kinds);
    line = report("export", options, dir);
    CHECK(!strncmp(line, "icount,event,", 13));
    for (i = 0; i < n; i++) {
        struct trace_record r;
        if (all[i].icount < from || all[i].icount > to ||
            (kind && all[i].kind != kind && all[i].kind != TRACE_EXIT))
            continue;
        line = strchr(line, '\n') + 1;
        r = csv_record(line);
        wrong += !make_same(&r, &all[i]);
    }
    line = strchr(line, '\n') + 1;
    CHECK(*line == 0 && wrong == 0);
}

static void check_text(const char *dir, size_t n)
{
    const char *text = report("export", "--format text", dir);
    size_t lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    CHECK(lines == n);
}

static void check_folded(const char *dir, uint64_t instructions)
{
    const char *text = report("export", "--format folded", dir);
    uint64_t sum = 0;

    while (*text) {
        const char *end = strchr(text, '\n'), *space = end;
        int semicolons = 0;
        while (*space != ' ')
            space--;
        for (const char *c = text; c < space; c++)
            semicolons += *c == ';';
        CHECK(semicolons == 2);
        sum += strtoull(space + 1, NULL, 10);
        text = end + 1;
    }
    CHECK(sum == instructions);
}

static uint64_t nano(json_t *event, const char *key)
{
    return (uint64_t)(json_number_value(json_object_get(event, key)) * 1000 + 0.5);
}

/* Slices do not overlap and cover everything from 0 to the last event. */
static void check_perfetto(const char *dir, uint64_t instructions, bool exact)
{
    json_error_t error;
    json_t *all_json = json_loads(report("export", "--format perfetto", dir), 0, &error);
    json_t *events = json_object_get(all_json, "traceEvents"), *e;
    uint64_t at = 0;
    size_t i;

    CHECK(json_is_array(events));
    json_array_foreach(events, i, e)
    {
        const char *phase = json_string_value(json_object_get(e, "ph"));
        CHECK(phase && json_is_string(json_object_get(e, "name")));
        if (!phase || strcmp(phase, "X"))
            continue;
        CHECK(!exact || nano(e, "ts") == at);
        at = nano(e, "ts") + nano(e, "dur");
    }
    CHECK(!exact || at == instructions);
    json_decref(all_json);
}

static void check_summary(const char *dir, size_t n, uint64_t instructions)
{
    const char *text = report("summary", "", dir), *at;
    uint64_t sum = 0, count = 0;

    at = strstr(text, "Accounted     ");
    CHECK(at && strtoull(at + 14, NULL, 10) == instructions);
    at = strstr(text, "Events by kind\n");
    for (at = at ? strchr(at, '\n') + 1 : ""; *at == ' '; at = strchr(at, '\n') + 1)
        count += strtoull(at + 14, NULL, 10);
    CHECK(count == n);
    at = strstr(text, "\nLevels\n");
    for (at = at ? strchr(at + 8, '\n') + 1 : ""; *at == ' '; at = strchr(at, '\n') + 1) {
        uint64_t user, kernel;
        CHECK(sscanf(at, "%*s %" SCNu64 " %" SCNu64, &user, &kernel) == 2);
        sum += user + kernel;
    }
    CHECK(sum == instructions);
}

static void check_all(const char *dir, size_t n, bool exact)
{
    uint64_t last = n ? all[n - 1].icount : 0;

    make(dir, n);
    check_csv(dir, n, 0, UINT64_MAX, 0);
    check_text(dir, n);
    check_folded(dir, last);
    check_perfetto(dir, last, exact);
    check_summary(dir, n, last);
    if (n < 2)
        return;
    check_csv(dir, n, all[n / 3].icount, all[n / 2].icount, 0);
    check_csv(dir, n, all[n / 3].icount + 1, all[n / 2].icount - 1, TRACE_SYSCALL);
    check_csv(dir, n, last + 1, UINT64_MAX, 0);
    check_csv(dir, n, 0, UINT64_MAX, TRACE_MARK);
}

static void check_mistakes(const char *dir)
{
    static const struct {
        const char *arguments, *says;
        int code;
    } cases[] = {
        {"", "summary DIR", 2},
        {"sumary x", "neither", 2},
        {"summary", "which trace", 2},
        {"summary --format csv x", "goes with export", 2},
        {"export x", "--format", 2},
        {"export --format xml x", "none of", 2},
        {"export --format csv --kind syscal x", "there are: syscall, ", 2},
        {"export --format csv --from 5 --to 4 x", "is after", 2},
        {"export --format csv --from x x", "not a number", 2},
        {"summary /nonexistent", "flatfish run --trace", 1},
        {"summary /", "not a trace", 1},
        {"summary /dev/null", "not a directory", 1},
    };
    char arguments[1024];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(run(cases[i].arguments) == cases[i].code);
        CHECK(strstr(said(), cases[i].says) != NULL);
        CHECK(strchr(said(), '\n') && strchr(said(), '\n')[1] == 0);
    }
    snprintf(arguments, sizeof arguments, "export --format csv -o /nonexistent/x %s", dir);
    CHECK(run(arguments) == 1 && strstr(said(), "/nonexistent/x"));
    snprintf(arguments, sizeof arguments, "export --format csv -o /dev/full %s", dir);
    CHECK(run(arguments) == 1 && strstr(said(), "No space left"));
}

static void check_output(const char *dir)
{
    char arguments[1024], path[600];
    char *first;

    snprintf(path, sizeof path, "%s.csv", output);
    snprintf(arguments, sizeof arguments, "export --format csv -o %s %s", path, dir);
    CHECK(run(arguments) == 0);
    first = strdup(slurp(path));
    CHECK(!strcmp(first, report("export", "--format csv", dir)));
    free(first);
    unlink(path);
}

static void check_damage(const char *dir)
{
    char path[600], arguments[1024];
    const char *text;
    size_t lines = 0;

    make(dir, N);
    snprintf(path, sizeof path, "%s/events", dir);
    CHECK(truncate(path, 9001) == 0);
    snprintf(arguments, sizeof arguments, "export --format text %s", dir);
    CHECK(run(arguments) == 1 && strstr(said(), "byte 9001"));
    for (text = slurp(output); *text; text++)
        lines += *text == '\n';
    CHECK(lines > 300 && lines < 9001 / 11);
}

static void damaged(const char *dir, const char *says)
{
    char arguments[1024];

    snprintf(arguments, sizeof arguments, "summary %s", dir);
    CHECK(run(arguments) == 1 && strstr(said(), says));
    CHECK(strchr(said(), '\n') && strchr(said(), '\n')[1] == 0);
    CHECK(!strstr(slurp(output), "whole"));
    snprintf(arguments, sizeof arguments, "export --format csv %s", dir);
    CHECK(run(arguments) == 1 && strstr(said(), says));
}

/* The files themselves: gone, empty, renamed, of another trace, no files. */
static void check_files(const char *dir)
{
    char metadata[600], events[600], other[600], command[2000];

    snprintf(metadata, sizeof metadata, "%s/metadata", dir);
    snprintf(events, sizeof events, "%s/events", dir);
    snprintf(other, sizeof other, "%s/other", dir);
    make(dir, N);
    CHECK(rename(events, other) == 0);
    damaged(dir, "`events` is missing or empty");
    CHECK(truncate(other, 0) == 0 && rename(other, events) == 0);
    damaged(dir, "`events` is missing or empty");
    CHECK(unlink(events) == 0 && mkdir(events, 0777) == 0);
    damaged(dir, "cannot read its file `events`");
    CHECK(rmdir(events) == 0 && mkfifo(events, 0666) == 0);
    damaged(dir, "cannot read its file `events`");
    make(dir, N);
    CHECK(rename(metadata, other) == 0);
    damaged(dir, "it holds no file `metadata`");
    CHECK(truncate(other, 0) == 0 && rename(other, metadata) == 0);
    damaged(dir, "cut or damaged");
    CHECK(unlink(metadata) == 0 && mkfifo(metadata, 0666) == 0);
    damaged(dir, "it holds no file `metadata`");
    CHECK(unlink(metadata) == 0);
    snprintf(command, sizeof command, "echo x >%s", metadata);
    CHECK(system(command) == 0);
    damaged(dir, "cut or damaged");
}

int main(void)
{
    const char *dir = make_dir("t");
    uint64_t icount = 0;

    snprintf(program, sizeof program, "%s/sim/tests/flatfish-fake",
             getenv("abs_top_builddir") ? getenv("abs_top_builddir") : ".");
    snprintf(output, sizeof output - 8, "%s/out", make_base);
    for (unsigned i = 0; i < N; i++)
        all[i] = make_ordinary(&icount, i);
    check_all(dir, 0, true);
    check_all(dir, 1, true);
    check_all(dir, N, true);
    icount = 0;
    for (unsigned i = 0; i < N; i++)
        all[i] = make_any(&icount);
    check_all(dir, N, false);
    check_output(dir);
    check_mistakes(dir);
    check_damage(dir);
    check_files(make_dir("t"));
    make_dir("t");
    unlink(output);
    strcat(output, ".err");
    unlink(output);
    make_end();
    return check_report("t_trace_cmd");
}

/* sim/cli/cmd_bench.c -- `flatfish bench NAME`: finds the benchmark, runs it, writes --json.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "config.h"
#include "sim/cli/bench.h"
#include "sim/cli/command.h"
#include "sim/cli/distinct.h"
#include "sim/cli/outfile.h"

static const struct bench *const benches[] = {&bench_sim, &bench_snap, &bench_kernel,
                                              &bench_lua, &bench_gdb,  &bench_view};

enum { BENCHES = sizeof benches / sizeof benches[0] };

static const struct bench *bench_find(const char *name)
{
    for (unsigned i = 0; i < BENCHES; i++) {
        if (strcmp(benches[i]->name, name) == 0)
            return benches[i];
    }
    return NULL;
}

/* The line "model name : ..." of the first CPU. */
static void cpu_name(char *out, size_t max)
{
    FILE *f = fopen("/proc/cpuinfo", "re");
    char line[256];

    snprintf(out, max, "unknown");
    while (f && fgets(line, sizeof line, f)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) == 0 && colon) {
            snprintf(out, max, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
            break;
        }
    }
    if (f)
        fclose(f);
}

static json_t *host_json(void)
{
    struct utsname u;
    char cpu[128];

    cpu_name(cpu, sizeof cpu);
    if (uname(&u) != 0)
        return NULL;
    return json_pack("{s:s, s:I, s:s}", "cpu", cpu, "cpus",
                     (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "kernel", u.release);
}

static int json_write(json_t *o, struct outfile *f)
{
    if (json_dumpf(o, f->to, JSON_INDENT(1) | JSON_REAL_PRECISION(6)) != 0 ||
        fputc('\n', f->to) == EOF)
        return cli_failure("--json: cannot write %s", f->path);
    return outfile_commit(f) == 0 ? 0 : EXIT_FAILURE;
}

static int bench_named(const struct bench *bench, const struct bench_settings *s)
{
    const struct distinct_file files[] = {
        {"--stock", s->stock, false}, {"--cost", s->cost, false}, {"--json", s->json, true}};
    struct outfile f = {.path = NULL};
    json_t *o = json_pack("{s:s, s:i, s:s, s:o*}", "schema", bench->schema, "version", 1,
                          "flatfish", PACKAGE_VERSION, "host", host_json());
    int code = o ? 0 : cli_failure("out of memory");

    if (code == 0)
        code = distinct_check("bench", files, sizeof files / sizeof *files);
    if (code == 0 && s->json && outfile_open(&f, s->json) != 0)
        code = EXIT_FAILURE;
    if (code == 0)
        code = bench->run(s, o);
    if (code == 0 && s->json)
        code = json_write(o, &f);
    outfile_drop(&f);
    json_decref(o);
    return code;
}

static int bench_run(const void *settings, int argc, char **argv)
{
    const struct bench *bench = argc ? bench_find(argv[0]) : NULL;

    if (bench)
        return bench_named(bench, settings);
    if (argc)
        return cli_usage("bench: no benchmark '%.40s'; there are: sim, snap, kernel, lua, gdb, "
                         "view",
                         argv[0]);
    return cli_usage("bench: which benchmark? there are: sim, snap, kernel, lua, gdb and view (see "
                     "'flatfish help bench')");
}

#define AT(member) offsetof(struct bench_settings, member)

static const struct option_row bench_options[] = {
    {"runs", "N", OPTION_NUMBER, AT(runs), 1, 1000, NULL, "Runs of each subject (7)."},
    {"seconds", "S", OPTION_SECONDS, AT(seconds), 100, 600000, NULL,
     "About how long one run on stock Bochs lasts (3)."},
    {"quick", NULL, OPTION_FLAG, AT(quick), 0, 0, NULL,
     "3 runs of half a second: a first look, not a measurement."},
    {"guest", "NAME", OPTION_LIST, AT(guest), 0, 0, NULL,
     "Only this guest: compute, pingpong or faults; may be repeated."},
    {"subject", "NAME", OPTION_LIST, AT(subject), 0, 0, NULL,
     "Only stock and this subject: idle, probes, ring, disk, qemu or qemu-int; may be repeated."},
    {"json", "FILE", OPTION_STRING, AT(json), 0, 0, NULL, "Write every single run too."},
    {"stock", "FILE", OPTION_STRING, AT(stock), 0, 0, NULL,
     "This program is stock Bochs: do not build it."},
    {"cost", "NAME|FILE", OPTION_STRING, AT(cost), 0, 0, NULL,
     "bench kernel: prices for the modelled cycles: x86-2020s (the default), ppro-1996, equal, or "
     "a "
     "Lua file."},
    {"dir", "DIR", OPTION_STRING, AT(dir), 0, 0, NULL,
     "Where traces and logs are written and removed again (TMPDIR, else /var/tmp)."},
    {.name = NULL},
};

const struct command cmd_bench = {
    .name = "bench",
    .brief = "measure the simulator against its peers on this machine",
    .usage = "sim|snap|kernel|lua|gdb|view [OPTION...]",
    .text =
        "'bench sim' boots the same three guests on Bochs as its authors made it, on Flatfish\n"
        "with nothing armed, with 1,000 probes that are never hit, with the trace into a\n"
        "ring and to disk, and on QEMU where it is installed. Runs alternate, so that\n"
        "a busy moment of the host hits all alike. Times are user and system CPU seconds\n"
        "of the whole process. Compare ratios, not seconds.\n"
        "'bench snap' measures taking snapshots and going back to them; --runs, --quick and\n"
        "--json are for it.\n"
        "'bench kernel' boots the microkernel and prints what its calls cost, in instructions:\n"
        "exact, and the same on every machine; and what a cost model makes of them in cycles.\n"
        "'bench lua' measures what scripts cost where nothing but crossings happens, against\n"
        "the same run without one; --runs, --quick, --json and --dir are for it.\n"
        "Of the options, --cost, --json and --dir are for it.\n"
        "'bench gdb' measures what GDB costs a machine that it holds, with and without\n"
        "breakpoints, and how fast it steps, goes back and finds a write of long ago.\n"
        "--runs, --quick, --json and --dir are for it.\n"
        "'bench view' measures what a live viewer (run --view) costs where nothing but\n"
        "crossings happens, against the same run without one; --runs, --quick, --json and\n"
        "--dir are for it.\n",
    .options = bench_options,
    .settings_size = sizeof(struct bench_settings),
    .max_args = 1,
    .run = bench_run,
};

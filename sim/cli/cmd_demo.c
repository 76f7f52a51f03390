/* sim/cli/cmd_demo.c -- `flatfish demo`: what the simulator does, shown with small guests and the
 * kernel. Each step is a `flatfish run` in a process of its own; everything printed is taken from
 * that run's output and statistics, and the demo fails when a run does. SPDX-License-Identifier:
 * MIT */
#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/bench.h"
#include "sim/cli/command.h"
#include "sim/cli/paths.h"

enum { SHOWN = 12 }; /* lines of a list at most */

struct step {
    const char *guest, *append;
    const char *initrd; /* NULL: a test guest; else `guest` and this are the microkernel's files */
    int code;           /* that the guest ends with */
    const char *title;
    const char *text; /* said before the run */
    bool spaces;      /* show the account by address space */
};

static const struct step steps[] = {
    {"hello", "exit=7", NULL, 7, "A guest boots, without firmware, and ends with a code of its own",
     "The kernel is an ordinary ELF file; the same file also boots under qemu -kernel.", false},
    {"pingpong", "n=200000", NULL, 0, "200,000 system calls, each way counted",
     "User code calls the smallest kernel there can be. A crossing is an event with its place,\n"
     "its reason and its exact instruction count.",
     false},
    {"spaces", "spaces=4 n=20000", NULL, 0, "Four address spaces hand the CPU round",
     "Every instruction is charged once, to the space and the privilege it ran in.", true},
    {"fk", "root=t_bench.elf", "bench.tar", 0,
     "The microkernel runs a program that measures its calls",
     "Each line: an operation and its exact cost in instructions.", true},
};

static json_t *stats_load(void)
{
    return json_load_file(bench_path("stats.json"), 0, NULL);
}

static uint64_t number(json_t *o, const char *a, const char *b)
{
    json_t *in = b ? json_object_get(o, a) : o;

    return (uint64_t)json_integer_value(json_object_get(in, b ? b : a));
}

static int files_find(const struct step *s, char *kernel, char *initrd)
{
    char name[40];

    snprintf(name, sizeof name, "%s.elf", s->guest);
    if (!s->initrd && paths_guest(s->guest, kernel, PATH_MAX) == 0)
        return 0;
    if (s->initrd && paths_kernel(name, kernel, PATH_MAX) == 0 &&
        paths_kernel(s->initrd, initrd, PATH_MAX) == 0)
        return 0;
    return cli_failure("demo: %s is not there: build or install Flatfish again", name);
}

static int run_step(const struct step *s, struct bench_child *used)
{
    char self[PATH_MAX], stats[PATH_MAX + 80], kernel[PATH_MAX], initrd[PATH_MAX];
    char *argv[] = {
        self,    "run", "--kernel", kernel, "--append", (char *)(uintptr_t)s->append,  "--quiet",
        "--mem", "128", "--stats",  stats,  "--digest", s->initrd ? "--initrd" : NULL, initrd,
        NULL};

    if (files_find(s, kernel, initrd) != 0)
        return EXIT_FAILURE;
    snprintf(stats, sizeof stats, "%s", bench_path("stats.json"));
    if (paths_self(self, sizeof self) != 0)
        return cli_failure("demo: cannot find my own program");
    if (bench_child_run(argv, bench_path("out"), bench_path("errors"), used) != 0)
        return bench_interrupted() ? 130 : EXIT_FAILURE;
    return 0;
}

/* What the guest printed, indented and cut short; the last line of the run is ours (its digest). */
static void show_console(bool shown, char digest[80])
{
    FILE *f = fopen(bench_path("out"), "re");
    unsigned lines = 0;
    char line[200];

    digest[0] = 0;
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\r\n")] = 0;
        if (strncmp(line, "digest: ", 8) == 0) {
            snprintf(digest, 80, "%.70s", line + 8);
            continue;
        }
        for (char *c = line; *c; c++)
            *c = isprint((unsigned char)*c) ? *c : '?';
        if (shown && *line && lines++ < SHOWN)
            printf("  | %s\n", line);
    }
    if (f)
        fclose(f);
    if (lines > SHOWN)
        printf("  | ... %u lines more\n", lines - SHOWN);
}

static void show_crossings(json_t *o)
{
    json_t *kinds = json_object_get(json_object_get(o, "events"), "by_kind"), *value;
    const char *kind;

    printf("  %" PRIu64 " instructions, %" PRIu64 " crossings; events:", number(o, "icount", NULL),
           number(o, "events", "crossings"));
    json_object_foreach(kinds, kind, value)
    {
        if (json_integer_value(value))
            printf(" %s %" PRIu64, kind, (uint64_t)json_integer_value(value));
    }
    putchar('\n');
}

static uint64_t charged(json_t *o, size_t space, bool user, const char *what)
{
    json_t *row, *rows = json_object_get(json_object_get(o, "charges"), "rows");
    uint64_t sum = 0;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        if (number(row, "space", NULL) == space &&
            json_is_true(json_object_get(row, "user")) == user)
            sum += number(row, what, NULL);
    }
    return sum;
}

static void show_spaces(json_t *o)
{
    json_t *space, *spaces = json_object_get(o, "spaces");
    unsigned lines = 0;
    size_t i;

    printf("  %-24s %14s %14s %12s\n", "address space", "kernel", "user", "entries");
    json_array_foreach(spaces, i, space)
    {
        uint64_t kernel = charged(o, i, false, "instructions");
        uint64_t user = charged(o, i, true, "instructions");
        if (kernel + user && lines++ < SHOWN)
            printf("  %-24.24s %14" PRIu64 " %14" PRIu64 " %12" PRIu64 "\n",
                   json_string_value(json_object_get(space, "name")), kernel, user,
                   charged(o, i, false, "entries") + charged(o, i, true, "entries"));
    }
    if (lines > SHOWN)
        printf("  ... %u address spaces more\n", lines - SHOWN);
    printf("  sum of all charges %" PRIu64 " = instructions of the run %" PRIu64 "\n",
           number(o, "charges", "sum"), number(o, "icount", NULL));
}

static int step_failed(const struct step *s, const struct bench_child *used)
{
    FILE *f = fopen(bench_path("errors"), "re");
    char line[300] = "";

    if (f && !fgets(line, sizeof line, f))
        line[0] = 0;
    if (f)
        fclose(f);
    line[strcspn(line, "\n")] = 0;
    return cli_failure("demo: %s ended with code %d, not %d: %s", s->guest, used->status, s->code,
                       line);
}

static int show_step(unsigned n, const struct step *s, char digest[80])
{
    struct bench_child used;
    json_t *o;
    int code;

    printf("\n%u. %s\n%s\n  $ flatfish run --kernel %s.elf%s%s --append \"%s\"\n", n, s->title,
           s->text, s->guest, s->initrd ? " --initrd " : "", s->initrd ? s->initrd : "", s->append);
    fflush(stdout);
    if ((code = run_step(s, &used)) != 0)
        return code;
    show_console(true, digest);
    if (used.status != s->code)
        return step_failed(s, &used);
    o = stats_load();
    if (!o)
        return cli_failure("demo: %s left no statistics", s->guest);
    show_crossings(o);
    if (s->spaces)
        show_spaces(o);
    printf("  exit code %d, %.2f s from start to end\n", used.status, used.wall);
    code = number(o, "charges", "sum") == number(o, "icount", NULL)
               ? 0
               : cli_failure("demo: %s: the charges do not add up", s->guest);
    json_decref(o);
    return code;
}

static int show_again(const struct step *s, const char *digest)
{
    struct bench_child used;
    char again[80];
    int code;

    printf("\n%zu. The same run once more\nRegisters, memory and every event, as one SHA-256:\n",
           sizeof steps / sizeof *steps + 1);
    if ((code = run_step(s, &used)) != 0)
        return code;
    show_console(false, again);
    printf("  first  %s\n  second %s\n", digest, again);
    if (!*digest || strcmp(digest, again) != 0)
        return cli_failure("demo: two runs of the same guest differ");
    return 0;
}

static int demo_run(const void *settings, int argc, char **argv)
{
    char digest[80];
    unsigned n = sizeof steps / sizeof steps[0];
    int code = 0;

    (void)settings, (void)argc, (void)argv;
    if (!bench_dir_make(NULL))
        return EXIT_FAILURE;
    printf("Flatfish runs a whole x86-64 machine, exactly repeatable, and counts every crossing\n"
           "between its layers.\n");
    for (unsigned i = 0; i < n && code == 0; i++)
        code = show_step(i + 1, &steps[i], digest);
    if (code == 0)
        code = show_again(&steps[n - 1], digest);
    if (code == 0)
        printf("\nNested monitors on this kernel are not written yet, so there are none to show.\n"
               "Go on with: flatfish help run, flatfish help trace, flatfish bench sim\n");
    return code;
}

static const struct option_row demo_options[] = {{.name = NULL}};

const struct command cmd_demo = {
    .name = "demo",
    .brief = "show what Flatfish does, in a few seconds",
    .usage = "",
    .options = demo_options,
    .run = demo_run,
};

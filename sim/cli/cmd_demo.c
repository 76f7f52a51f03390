/* sim/cli/cmd_demo.c -- `flatfish demo`: what Flatfish does, shown with a small guest, the kernel,
 * and above all nests: monitors in monitors, and what each layer costs. Each step is a `flatfish
 * run` in a process of its own; everything printed is taken from that run's output and statistics,
 * and the demo fails when a run does. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/bench.h"
#include "sim/cli/command.h"
#include "sim/cli/paths.h"
#include "sim/event.h"

enum { SHOWN = 12 }; /* lines of a list at most */

struct step {
    const char *guest, *append;
    const char *initrd; /* NULL: a test guest; else `guest` and this are the microkernel's files */
    const char *nest;   /* instead of all that */
    int code;           /* that the guest ends with */
    const char *title;
    const char *text; /* said before the run */
    bool spaces;      /* show the account by address space */
};

#define COMPUTE "compute(n=30000)"

static const struct step steps[] = {
    {.guest = "pingpong",
     .append = "n=200000",
     .title = "A guest boots without firmware and makes 200,000 system calls",
     .text =
         "Any ELF kernel will do; the same file boots under qemu -kernel. A crossing is an event\n"
         "with its place, its reason and its exact instruction count."},
    {.guest = "fk",
     .append = "root=t_bench.elf",
     .initrd = "bench.tar",
     .title = "The microkernel runs a program that measures its calls",
     .text = "Each line: an operation and its exact cost in instructions."},
    {.nest = COMPUTE,
     .title = "A nest with nothing in it: a program on the root nester",
     .text = "Every instruction is charged once, to the level and the privilege it ran in.",
     .spaces = true},
    {.nest = "null*8/" COMPUTE,
     .title = "The same program inside eight virtual machine monitors",
     .text =
         "Each runs the next one as its child, in memory of its own. What a monitor does not add\n"
         "it hands on, so that depth costs nothing: see the program's own lines.",
     .spaces = true},
    {.nest = "pager(frames=200)/tracer(to=\"/log\")/memtest(mib=1)",
     .title = "Monitors that do something: demand paging below, a log of every message above it",
     .text =
         "The program and the tracer live in 200 page frames; the pager brings and takes pages.",
     .spaces = true},
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

static int run_child(char **argv, struct bench_child *used)
{
    if (bench_child_run(argv, bench_path("out"), bench_path("errors"), used) != 0)
        return bench_interrupted() ? 130 : EXIT_FAILURE;
    return 0;
}

static int run_step(const struct step *s, struct bench_child *used)
{
    char self[PATH_MAX], stats[PATH_MAX + 80], kernel[PATH_MAX], initrd[PATH_MAX];
    char *guest[] = {
        self,    "run", "--kernel", kernel, "--append", (char *)(uintptr_t)s->append,  "--quiet",
        "--mem", "128", "--stats",  stats,  "--digest", s->initrd ? "--initrd" : NULL, initrd,
        NULL};
    char *nest[] = {
        self,       "run", (char *)(uintptr_t)s->nest, "--quiet", "--mem", "128", "--stats", stats,
        "--digest", NULL};

    snprintf(stats, sizeof stats, "%s", bench_path("stats.json"));
    if (paths_self(self, sizeof self) != 0)
        return cli_failure("demo: cannot find my own program");
    if (s->nest)
        return run_child(nest, used);
    return files_find(s, kernel, initrd) != 0 ? EXIT_FAILURE : run_child(guest, used);
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

struct account {
    uint64_t kernel, user, entries;
};

static void account_add(struct account *to, json_t *o, size_t space)
{
    to->kernel += charged(o, space, false, "instructions");
    to->user += charged(o, space, true, "instructions");
    to->entries += charged(o, space, false, "entries") + charged(o, space, true, "entries");
}

static void account_show(const char *name, uint64_t level, const struct account *a)
{
    if (level)
        printf("  level %-2" PRIu64 " %-15.15s", level, name);
    else
        printf("  %-24s", name);
    printf(" %14" PRIu64 " %14" PRIu64 " %12" PRIu64 "\n", a->kernel, a->user, a->entries);
}

/* Level 0 is the kernel on page tables of its own. */
static void show_spaces(json_t *o)
{
    json_t *space, *spaces = json_object_get(o, "spaces");
    struct account alone = {0};
    size_t i;

    printf("  %-24s %14s %14s %12s\n", "instructions in", "kernel", "user", "entries");
    json_array_foreach(spaces, i, space)
    {
        struct account own = {0};
        if (!number(space, "level", NULL)) {
            account_add(&alone, o, i);
            continue;
        }
        account_add(&own, o, i);
        account_show(json_string_value(json_object_get(space, "name")),
                     number(space, "level", NULL), &own);
    }
    account_show(SIM_KERNEL_START, 0, &alone);
    printf("  sum of all charges %" PRIu64 " = instructions of the run %" PRIu64 "\n",
           number(o, "charges", "sum"), number(o, "icount", NULL));
}

static const char *step_name(const struct step *s)
{
    return s->nest ? s->nest : s->guest;
}

static void show_command(const struct step *s)
{
    if (s->nest)
        printf("  $ flatfish run '%s'\n", s->nest);
    else
        printf("  $ flatfish run --kernel %s.elf%s%s --append \"%s\"\n", s->guest,
               s->initrd ? " --initrd " : "", s->initrd ? s->initrd : "", s->append);
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
    return cli_failure("demo: %s ended with code %d, not %d: %s", step_name(s), used->status,
                       s->code, line);
}

static int show_step(unsigned n, const struct step *s, char digest[80])
{
    struct bench_child used;
    json_t *o;
    int code;

    printf("\n%u. %s\n%s\n", n, s->title, s->text);
    show_command(s);
    fflush(stdout);
    if ((code = run_step(s, &used)) != 0)
        return code;
    show_console(true, digest);
    if (used.status != s->code)
        return step_failed(s, &used);
    o = stats_load();
    if (!o)
        return cli_failure("demo: %s left no statistics", step_name(s));
    show_crossings(o);
    if (s->spaces)
        show_spaces(o);
    printf("  exit code %d, %.2f s from start to end\n", used.status, used.wall);
    code = number(o, "charges", "sum") == number(o, "icount", NULL)
               ? 0
               : cli_failure("demo: %s: the charges do not add up", step_name(s));
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
    printf("Flatfish runs virtual machine monitors inside one another on a whole x86-64 machine,\n"
           "exactly repeatable, and counts what every layer costs.\n");
    for (unsigned i = 0; i < n && code == 0; i++)
        code = show_step(i + 1, &steps[i], digest);
    if (code == 0)
        code = show_again(&steps[n - 1], digest);
    if (code == 0)
        printf("\nGo on with: flatfish run 'null*64/hello', flatfish help run, docs/nests.md\n");
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

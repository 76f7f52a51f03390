/* sim/cli/bench_kernel.c -- `flatfish bench kernel`: boots the microkernel's own benchmark in the
 * simulator, where the cycle counter counts instructions, and prints what it reports. The guest
 * prints lines "bench NAME COUNT..."; it fails by itself when a count is over its limit.
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/bench.h"
#include "sim/cli/command.h"
#include "sim/cli/paths.h"

enum { LINE_MAX_BYTES = 256 };

/* One line of the guest's; its numbers into the row. */
static void row_print(const char *line, json_t *rows)
{
    char name[64];
    unsigned long long count;
    int used;

    if (sscanf(line, "bench %63s %llu%n", name, &count, &used) != 2)
        return;
    printf("  %-36s %8llu%.*s\n", name, count, (int)strcspn(line + used, "\r\n"), line + used);
    json_array_append_new(
        rows, json_pack("{s:s, s:I}", "operation", name, "instructions", (json_int_t)count));
}

static int console_print(const char *path, json_t *rows)
{
    FILE *f = fopen(path, "re");
    char line[LINE_MAX_BYTES];

    if (!f)
        return cli_failure("bench: cannot read the guest's console");
    printf("instructions, the caller's stubs included; at depths 1 and 32: both\n");
    while (fgets(line, sizeof line, f))
        row_print(line, rows);
    fclose(f);
    return json_array_size(rows) ? 0 : cli_failure("bench: the kernel reported nothing");
}

static int kernel_bench(const struct bench_settings *s, json_t *out)
{
    char self[PATH_MAX], kernel[PATH_MAX], initrd[PATH_MAX];
    struct bench_child used;
    json_t *rows = json_array();

    json_object_set_new(out, "operations", rows);
    if (paths_self(self, sizeof self) != 0)
        return cli_failure("bench: cannot find my own program");
    if (paths_kernel("fk.elf", kernel, sizeof kernel) != 0 ||
        paths_kernel("bench.tar", initrd, sizeof initrd) != 0)
        return cli_failure("bench: the kernel is not here: build it with 'make'");
    if (!bench_dir_make(s->dir))
        return EXIT_FAILURE;
    const char *console = bench_path("console");
    char *const words[] = {self,       "run",  "--kernel", kernel,
                           "--initrd", initrd, "--append", "root=t_bench.elf",
                           "--mem",    "64",   "--quiet",  NULL};
    if (bench_child_run(words, console, bench_path("errors"), &used) != 0)
        return bench_interrupted() ? 130 : EXIT_FAILURE;
    int code = console_print(console, rows);
    if (code == 0 && used.status != 0)
        code = cli_failure("bench: a count is over its limit, or the kernel failed: exit code %d",
                           used.status);
    return code;
}

const struct bench bench_kernel = {
    .name = "kernel",
    .schema = "flatfish-bench-kernel",
    .run = kernel_bench,
};

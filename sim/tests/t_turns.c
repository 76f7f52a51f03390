/* Property: programs that are measured together take turns, all get to their ends, and each keeps
 * its own exit status and its own CPU time. SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "sim/cli/bench.h"
#include "sim/cli/command.h"
#include "sim/tests/check.h"

void cli_say(const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
}

int cli_failure(const char *format, ...)
{
    fprintf(stderr, "%s\n", format);
    return EXIT_FAILURE;
}

/* How often another one wrote: both write one letter many times to the same file. */
static unsigned changes(const char *path)
{
    FILE *f = fopen(path, "re");
    unsigned n = 0;
    for (int last = 0, c; f && (c = fgetc(f)) != EOF; last = c)
        n += last && c != last;
    if (f)
        fclose(f);
    return n;
}

static char log_path[64];

#define WRITER(letter, end)                                                                        \
    {                                                                                              \
        "sh", "-c",                                                                                \
            "i=0; while [ $i -lt 60000 ]; do printf " letter "; i=$((i+1)); done >>\"$0\";" end,   \
            log_path, NULL                                                                         \
    }

static void turns(void)
{
    char *a[] = WRITER("a", "exit 3"), *b[] = WRITER("b", "kill -KILL $$");
    char *quick[] = {"true", NULL}, *missing[] = {"/nowhere/at/all", NULL};
    struct bench_run run[] = {{a, "/dev/null", "/dev/null", {0, 0, 0}},
                              {b, "/dev/null", "/dev/null", {0, 0, 0}},
                              {quick, "/dev/null", "/dev/null", {0, 0, 0}},
                              {missing, "/dev/null", "/dev/null", {0, 0, 0}}};
    CHECK(bench_children_run(run, 4, 1) == 0);
    CHECK(run[0].used.status == 3);
    CHECK(run[1].used.status == 128 + 9);
    CHECK(run[2].used.status == 0);
    CHECK(run[3].used.status == 127);
    CHECK(run[2].used.cpu < run[0].used.cpu && run[2].used.cpu < run[1].used.cpu);
    CHECK(changes(log_path) >= 2); /* one after the other would be 1 */
}

static void alone(void)
{
    char *argv[] = {"sh", "-c", "exit 5", NULL};
    struct bench_child used;
    CHECK(bench_child_run(argv, "/dev/null", "/dev/null", &used) == 0);
    CHECK(used.status == 5);
}

int main(void)
{
    snprintf(log_path, sizeof log_path, "/tmp/flatfish-t-turns.%d", (int)getpid());
    turns();
    unlink(log_path);
    alone();
    return check_report("turns");
}

/* sim/cli/gdb_config.c -- see gdb_config.h. Another front end starts the machine by `flatfish run
 * --gdb` and talks with it over a port of the loopback; what it must know is the same for all of
 * them. SPDX-License-Identifier: MIT */
#include "sim/cli/gdb_config.h"

#include <jansson.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/paths.h"

#define PORT "1234"

enum { WORDS = 4096 };

static struct {
    char self[PATH_MAX], kernel[PATH_MAX], nest[WORDS];
    const char *debugger, *support;
} facts;

/* A word more. For the shell in single quotes; in double ones where no shell reads it. */
static void quote(const char *word, char mark, char *to, size_t max)
{
    size_t n = strlen(to);

    if (n + 4 * strlen(word) + 4 >= max)
        return;
    if (n)
        to[n++] = ' ';
    to[n++] = mark;
    for (; *word; word++) {
        if (*word == mark || (mark == '"' && *word == '\\'))
            n += (size_t)sprintf(to + n, "%s", mark == '"' ? "\\" : "'\\'");
        to[n++] = *word;
    }
    to[n++] = mark;
    to[n] = 0;
}

static int print_gdb(void)
{
    printf("# The machine: %s run %s --gdb=%s\n", facts.self, facts.nest, PORT);
    printf("# Its kernel, for a front end that wants one program: %s\n", facts.kernel);
    printf("source %s\n", facts.support);
    printf("target extended-remote localhost:%s\n", PORT);
    return EXIT_SUCCESS;
}

static json_t *setup(void)
{
    char source[PATH_MAX + 64];

    snprintf(source, sizeof source, "source %s", facts.support);
    return json_pack("[{s:s, s:s, s:b}]", "description", "the nest commands", "text", source,
                     "ignoreFailures", 0);
}

/* cppdbg starts a debug server, waits for a line of it, and has GDB connect. */
static int print_vscode(void)
{
    char arguments[WORDS + 64];
    json_t *all;

    snprintf(arguments, sizeof arguments, "run %s --gdb=%s", facts.nest, PORT);
    all = json_pack("{s:s, s:[{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:b, "
                    "s:b, s:o}]}",
                    "version", "0.2.0", "configurations", "name", "Flatfish: debug the nest",
                    "type", "cppdbg", "request", "launch", "program", facts.kernel, "cwd",
                    "${workspaceFolder}", "MIMode", "gdb", "miDebuggerPath", facts.debugger,
                    "miDebuggerServerAddress", "localhost:" PORT, "useExtendedRemote", 1,
                    "debugServerPath", facts.self, "debugServerArgs", arguments, "serverStarted",
                    "waiting for a debugger", "filterStderr", 1, "stopAtConnect", 1,
                    "setupCommands", setup());
    if (!all)
        return cli_failure("out of memory");
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
    return EXIT_SUCCESS;
}

int gdb_config_print(const char *form, const char *debugger, const char *support, int argc,
                     char **argv)
{
    char mark = strcmp(form, "vscode") == 0 ? '"' : '\'';

    facts.debugger = debugger;
    facts.support = support;
    facts.nest[0] = 0;
    for (int i = 0; i < argc; i++)
        quote(argv[i], mark, facts.nest, sizeof facts.nest);
    if (argc == 0)
        quote("pager(frames=64)/tracer/memtest(mib=1)", mark, facts.nest, sizeof facts.nest);
    if (paths_self(facts.self, sizeof facts.self) != 0 ||
        paths_kernel("fk.elf", facts.kernel, sizeof facts.kernel) != 0)
        return cli_failure("gdb: the kernel fk.elf is not there: build or install Flatfish again");
    if (strcmp(form, "gdb") == 0)
        return print_gdb();
    if (strcmp(form, "vscode") == 0)
        return print_vscode();
    return cli_usage("gdb: --print-config: '%.40s' is neither gdb nor vscode", form);
}

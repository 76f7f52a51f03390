/* sim/cli/main.c -- finds the sub-command, parses its options by its table and calls it.
 * Owns the exit codes of misuse: one line on stderr, exit 2. Knows no command by name but `help`.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "sim/cli/hold.h"

static const struct command *const commands[] = {
#define COMMAND(name) &cmd_##name,
#include "sim/cli/commands.def"
#undef COMMAND
};

enum { LINE_MOST = 1000, COMMANDS = sizeof commands / sizeof commands[0] };

const struct command *command_at(unsigned index)
{
    return index < COMMANDS ? commands[index] : NULL;
}

const struct command *command_find(const char *name)
{
    for (unsigned i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    }
    return NULL;
}

const char *command_near(const char *name)
{
    const char *best = NULL;

    for (unsigned i = 0; i < COMMANDS; i++) {
        const char *c = commands[i]->name;
        if (option_near(name, c) &&
            (!best || option_distance(name, c) < option_distance(name, best)))
            best = c;
    }
    return best;
}

void (*cli_before_saying)(void);

/* A long name in the middle of a line must not hide what was wrong with it, which is said behind.
 */
static void shorten(char *line, size_t most)
{
    size_t n = strlen(line), half = most / 2;

    if (n <= most)
        return;
    memcpy(line + half, "...", 3);
    memmove(line + half + 3, line + n - half, half + 1);
}

static void say(const char *format, va_list ap)
{
    char *line;

    if (cli_before_saying)
        cli_before_saying();
    if (vasprintf(&line, format, ap) < 0)
        return;
    shorten(line, LINE_MOST);
    for (char *c = line; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = '?';
    }
    fprintf(stderr, "flatfish: %s\n", line);
    free(line);
}

void cli_say(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say(format, ap);
    va_end(ap);
}

int cli_usage(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say(format, ap);
    va_end(ap);
    return EXIT_USAGE;
}

int cli_failure(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    say(format, ap);
    va_end(ap);
    return EXIT_FAILURE;
}

static int command_run(const struct command *command, int argc, char **argv)
{
    struct option_result result;
    void *settings = calloc(1, command->settings_size ? command->settings_size : 1);
    int args, code;

    if (!settings)
        return cli_failure("out of memory");
    args = options_parse(command->options, settings, argc, argv, &result);
    if (args < 0) {
        code = cli_usage("%s: %s (see 'flatfish help %s')", command->name, result.error,
                         command->name);
    } else if (result.help) {
        command_help(command, stdout);
        code = EXIT_SUCCESS;
    } else if ((unsigned)args > command->max_args) {
        code = cli_usage("%s: unexpected argument '%.60s' (see 'flatfish help %s')", command->name,
                         argv[command->max_args], command->name);
    } else {
        if (!command->signals)
            hold_release();
        code = command->run(settings, args, argv);
    }
    free(settings);
    return code;
}

static int command_unknown(const char *name)
{
    const char *near = command_near(name[0] == '-' && name[1] == '-' ? name + 2 : name);

    if (near)
        return cli_usage("unknown command '%.60s'; did you mean '%s'? (see 'flatfish help')", name,
                         near);
    return cli_usage("unknown command '%.60s' (see 'flatfish help')", name);
}

static int version(void)
{
    printf("flatfish %s\n", PACKAGE_VERSION);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const struct command *command;
    const char *name = argc > 1 ? argv[1] : "help";
    int code;

    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    command = command_find(name);
    if (command)
        code = command_run(command, argc > 2 ? argc - 2 : 0, argv + (argc > 2 ? 2 : 1));
    else if (strcmp(name, "--version") == 0)
        code = version();
    else
        code = command_unknown(name);
    if (fflush(stdout) != 0 || ferror(stdout))
        return code == EXIT_USAGE
                   ? code
                   : cli_failure("standard output cannot be written: %s", strerror(errno));
    return code;
}

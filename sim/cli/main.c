/* sim/cli/main.c -- finds the sub-command, parses its options by its table and calls it.
 * Owns the exit codes of misuse: one line on stderr, exit 2. Knows no command by name but `help`.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "sim/cli/hold.h"

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

/* sim/cli/cmd_help.c -- `flatfish help [COMMAND]`: the list of commands, or one command's help.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/command.h"

#include <stdlib.h>

static int help_all(void)
{
    const struct command *c;

    printf("Flatfish: a full-system simulator for recursive virtual machines.\n\n"
           "Usage: flatfish COMMAND [OPTION...]\n\n");
    for (unsigned i = 0; (c = command_at(i)); i++)
        printf("  %-10s %s\n", c->name, c->brief);
    printf(
        "\n'flatfish help COMMAND' says more about one; 'flatfish --version' names the version.\n");
    return EXIT_SUCCESS;
}

static int help_run(const void *settings, int argc, char **argv)
{
    const struct command *command;
    const char *near;

    (void)settings;
    if (argc == 0)
        return help_all();
    command = command_find(argv[0]);
    if (command) {
        command_help(command, stdout);
        return EXIT_SUCCESS;
    }
    near = command_near(argv[0]);
    if (near)
        return cli_usage("help: no command '%.60s'; did you mean '%s'?", argv[0], near);
    return cli_usage("help: no command '%.60s' (see 'flatfish help')", argv[0]);
}

static const struct option_row help_options[] = {{.name = NULL}};

const struct command cmd_help = {
    .name = "help",
    .brief = "say what a command does and which options it has",
    .usage = "[COMMAND]",
    .options = help_options,
    .max_args = 1,
    .run = help_run,
};

/* sim/cli/commands.c -- the list of sub-commands: which are there, by index or name, and what each
 * says of itself. commands.def is the one list.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/command.h"

#include <string.h>

static const struct command *const commands[] = {
#define COMMAND(name) &cmd_##name,
#include "sim/cli/commands.def"
#undef COMMAND
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

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

void command_help(const struct command *command, FILE *to)
{
    fprintf(to, "flatfish %s: %s\n\nUsage: flatfish %s %s\n\n", command->name, command->brief,
            command->name, command->usage);
    options_help(command->options, to);
    if (command->text)
        fprintf(to, "\n%s", command->text);
}

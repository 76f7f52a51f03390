/* sim/cli/command.h -- what a sub-command is: a name, a help text, a table of options, a function.
 * Each cmd_NAME.c exports one `const struct command cmd_NAME`; commands.def lists them.
 * main.c parses the options into `settings` (zeroed memory of `settings_size` bytes) and calls
 * `run` with what is left: argv[0] .. argv[argc-1] are the positional arguments.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_COMMAND_H
#define SIM_CLI_COMMAND_H

#include "sim/cli/options.h"

enum { EXIT_USAGE = 2, EXIT_LIMIT = 124 };

struct command {
    const char *name;
    const char *brief;                /* one line for the list of commands, no full stop */
    const char *usage;                /* after "flatfish NAME " */
    const char *text;                 /* what follows the options in the help; NULL = nothing */
    const struct option_row *options; /* ends with a row whose name is NULL */
    size_t settings_size;
    unsigned max_args; /* positional arguments it takes at most */
    bool signals;      /* releases the signals that end it by itself: hold.h */
    int (*run)(const void *settings, int argc, char **argv); /* returns the exit code */
};

/* Each returns NULL, or the command of that name. */
const struct command *command_find(const char *name);
const struct command *command_at(unsigned index);

/* The nearest of commands to a mistyped name; NULL = none is near. */
const char *command_near(const char *name);

/* Writes a command's help. */
void command_help(const struct command *command, FILE *to);

/* One line on stderr, "flatfish: ...". The second form returns EXIT_USAGE, the third EXIT_FAILURE,
 * so that `return cli_usage(...)` reads well. */
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
int cli_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Called before a line is said: whoever draws in the terminal steps aside. NULL = nobody does. */
extern void (*cli_before_saying)(void);

#define COMMAND(name) extern const struct command cmd_##name;
#include "sim/cli/commands.def"
#undef COMMAND

#endif

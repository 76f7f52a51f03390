/* sim/cli/cmd_repl.c -- `flatfish repl`: a Lua prompt on a machine that stands still until it is
 * told. History is kept between sessions; TAB completes names. From a pipe, lines are read plainly.
 * SPDX-License-Identifier: MIT */
#include <editline/readline.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/command.h"
#include "sim/cli/paths.h"
#include "sim/cli/script_say.h"
#include "sim/event.h"
#include "sim/lua/script.h"
#include "sim/sym.h"

enum { MEM_DEFAULT = 256, HISTORY = 1000, TEXT_MAX = 65536 };

struct repl_settings {
    const char *kernel, *initrd, *append, *script;
    struct option_number mem;
    struct option_rest args;
};

static char history_path[PATH_MAX];

static void on_console(void *ctx, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    fwrite(bytes, 1, n, stdout);
    fflush(stdout);
}

static int machine_make(const struct repl_settings *s)
{
    const struct sim_config config = {
        .kernel = s->kernel,
        .initrd = s->initrd,
        .append = s->append,
        .mem_mib = s->mem.given ? (unsigned)s->mem.n : MEM_DEFAULT,
        .data_dir = paths_data(),
    };

    if (!s->kernel)
        return 0; /* flatfish.machine{...} makes one */
    if (sim_create(&config) != 0)
        return cli_failure("%s", sim_error());
    sim_account(true);
    sim_console_output(on_console, NULL);
    if (s->initrd)
        sim_sym_add_archive(s->initrd);
    return 0;
}

/* ---- the prompt ---- */

static char *complete(const char *text, int state)
{
    const char *name = script_complete(text, (unsigned)state);

    return name ? strdup(name) : NULL;
}

static void history_open(void)
{
    const char *home = getenv("HOME");

    rl_readline_name = (char *)(uintptr_t) "flatfish";
    rl_completion_entry_function = complete;
    rl_completer_word_break_characters = (char *)(uintptr_t) " \t\n\"'(){}[]=+-*/,;<>~#%^";
    using_history();
    stifle_history(HISTORY);
    if (home && *home &&
        (size_t)snprintf(history_path, sizeof history_path, "%s/.flatfish_history", home) <
            sizeof history_path)
        read_history(history_path);
}

/* A line without its end; NULL = there are no more. */
static char *line_get(bool more)
{
    static char plain[TEXT_MAX];
    char prompt[64];

    if (!isatty(STDIN_FILENO)) {
        if (!fgets(plain, sizeof plain, stdin))
            return NULL;
        plain[strcspn(plain, "\n")] = 0;
        return strdup(plain);
    }
    snprintf(prompt, sizeof prompt, more ? "%" PRIu64 ">> " : "%" PRIu64 "> ", sim_icount());
    char *line = readline(prompt);
    if (line && *line)
        add_history(line);
    return line;
}

/* Lines are put together until Lua finds them whole. */
static int prompt_loop(void)
{
    static char text[TEXT_MAX];
    bool more = false;
    int code = EXIT_SUCCESS;
    char *line;

    text[0] = 0;
    while ((line = line_get(more))) {
        size_t n = strlen(text);
        if (!more && (strcmp(line, "quit") == 0 || strcmp(line, "exit") == 0)) {
            free(line);
            break;
        }
        snprintf(text + n, sizeof text - n, n ? "\n%s" : "%s", line);
        free(line);
        int result = script_line(text);
        more = result > 0;
        code = result < 0 ? script_say() : EXIT_SUCCESS;
        if (!more)
            text[0] = 0;
        fflush(stdout);
    }
    return isatty(STDIN_FILENO) ? EXIT_SUCCESS : code;
}

static int repl_run(const void *settings, int argc, char **argv)
{
    const struct repl_settings *s = settings;
    const struct script_config config = {
        .lib = paths_scripts(), .data = paths_data(), .find = paths_find, .nest = script_nest};
    int code = machine_make(s);

    (void)argc, (void)argv;
    if (code != 0)
        return code;
    if (script_open(&config) != 0)
        return script_say();
    script_line("report = require 'lib.report'");
    if (s->script && script_load(s->script, s->args.argc, s->args.argv) != 0)
        script_say();
    history_open();
    if (isatty(STDIN_FILENO))
        printf(
            "Lua on a machine that stands still. flatfish.run() runs it, flatfish.step() steps;\n"
            "TAB completes, 'quit' or Ctrl-D leaves.\n");
    code = prompt_loop();
    if (history_path[0] && isatty(STDIN_FILENO))
        write_history(history_path);
    script_close();
    sim_destroy();
    return code;
}

#define AT(member) offsetof(struct repl_settings, member)

static const struct option_row repl_options[] = {
    {"kernel", "FILE", OPTION_STRING, AT(kernel), 0, 0, NULL,
     "Boot this PVH ELF64; it stands before its first instruction."},
    {"initrd", "FILE", OPTION_STRING, AT(initrd), 0, 0, NULL,
     "Give it this file as its first module."},
    {"append", "TEXT", OPTION_TEXT, AT(append), 0, 0, NULL, "Its command line."},
    {"mem", "SIZE", OPTION_MEMORY, AT(mem), 16, 3072, NULL,
     "Memory in MiB, or with M or G (16M to 3G; 256M)."},
    {"script", "FILE.lua", OPTION_STRING, AT(script), 0, 0, NULL, "Run this first."},
    {"", NULL, OPTION_REST, AT(args), 0, 0, NULL, ""},
    {.name = NULL},
};

const struct command cmd_repl = {
    .name = "repl",
    .brief = "Lua prompt on a paused machine",
    .usage = "[OPTION...] [-- ARG...]",
    .text = "Without --kernel there is no machine yet: flatfish.machine{...} makes one.\n"
            "The history is kept in ~/.flatfish_history.\n",
    .options = repl_options,
    .settings_size = sizeof(struct repl_settings),
    .run = repl_run,
};

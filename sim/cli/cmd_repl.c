/* sim/cli/cmd_repl.c -- `flatfish repl`: a Lua prompt on a machine that stands still until it is
 * told. Its lines come from repl_line.c.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/command.h"
#include "sim/cli/paths.h"
#include "sim/cli/repl.h"
#include "sim/cli/script_say.h"
#include "sim/event.h"
#include "sim/lua/script.h"
#include "sim/sym.h"

enum { MEM_DEFAULT = 256, LEFT = 2 };

struct repl_settings {
    const char *kernel, *initrd, *append, *script;
    struct option_number mem;
    struct option_rest args;
};

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

/* A nest, or one of the small guests, by the word that scripts take, too. */
static int nest_make(const struct repl_settings *s, const char *word)
{
    char line[4096];
    unsigned mem = s->mem.given ? (unsigned)s->mem.n : MEM_DEFAULT;

    if (strstr(word, "]==") ||
        snprintf(line, sizeof line,
                 "require('lib.args').machine([==[%s]==], {show = true, mem = %u}) return", word,
                 mem) >= (int)sizeof line)
        return cli_usage("repl: '%.60s' is no nest", word);
    return script_line(line);
}

/* ---- the prompt ---- */

/* Lines are put together until Lua finds them whole. Returns what the last one came to. */
static int prompt_loop(void)
{
    static char text[REPL_LINE];
    char prompt[64], *line;
    bool more = false, dropped;
    int result = 0;

    text[0] = 0;
    while (result != LEFT) {
        snprintf(prompt, sizeof prompt, more ? "%" PRIu64 ">> " : "%" PRIu64 "> ", sim_icount());
        line = repl_line(prompt, &dropped);
        if (!line)
            break;
        size_t n = strlen(text);
        bool leave = !more && (strcmp(line, "quit") == 0 || strcmp(line, "exit") == 0);
        snprintf(text + n, sizeof text - n, n ? "\n%s" : "%s", line);
        free(line);
        if (leave)
            break;
        result = dropped ? 0 : script_line(text);
        more = result == 1;
        if (result == -1)
            script_say();
        if (!more)
            text[0] = 0;
        fflush(stdout);
    }
    return result;
}

static int session(const struct repl_settings *s, const char *nest)
{
    int code = EXIT_SUCCESS, result = nest ? nest_make(s, nest) : 0;

    if (result == -1)
        return script_say();
    if (result == 0) {
        script_line("report = flatfish.report");
        if (s->script && script_load(s->script, s->args.argc, s->args.argv) != 0)
            script_say();
        if (isatty(STDIN_FILENO))
            printf("Lua on a machine that stands still. flatfish.run() runs it, flatfish.step() "
                   "steps;\nTAB completes, Ctrl-C stops what runs, 'quit' or Ctrl-D leaves.\n");
        result = prompt_loop();
    }
    if (result == LEFT)
        script_stopped(&code);
    else if (result == -1 && !isatty(STDIN_FILENO))
        code = EXIT_FAILURE;
    return code;
}

static int repl_run(const void *settings, int argc, char **argv)
{
    const struct repl_settings *s = settings;
    const struct script_config config = {.lib = paths_scripts(),
                                         .data = paths_data(),
                                         .find = paths_find,
                                         .nest = script_nest,
                                         .ended = repl_interrupted};

    if (argc && (s->kernel || s->initrd || s->append))
        return cli_usage(
            "repl: a nest brings its kernel: leave out --kernel, --initrd and --append");
    int code = machine_make(s);
    if (code != 0)
        return code;
    if (script_open(&config) != 0)
        return script_say();
    repl_open();
    code = session(s, argc ? argv[0] : NULL);
    repl_close();
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
    .usage = "[NEST] [OPTION...] [-- ARG...]",
    .text = "NEST is a nest, or the name of a small guest. Without it and --kernel there is no "
            "machine\n"
            "yet: flatfish.machine{...} makes one.\n"
            "The history is kept in ~/.flatfish_history.\n",
    .options = repl_options,
    .settings_size = sizeof(struct repl_settings),
    .max_args = 1,
    .run = repl_run,
};

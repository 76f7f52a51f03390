/* sim/cli/run_nest.c -- `flatfish run NEST [-- ARGUMENT...]`: the kernel and the file system that
 * are installed with the command, and a command line for the root nester. The nest is read here, by
 * the same code that reads it in the machine, so that a mistake is told before anything boots.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <limits.h>
#include <string.h>

#include "monitors/lib/nest.h"
#include "sim/cli/command.h"
#include "sim/cli/paths.h"

enum { WORDS_MAX = 256 };
enum { COMMAND_MAX = 1024 }; /* abi/fk/bootinfo.h: the kernel keeps so much of its command line */

static struct {
    char kernel[PATH_MAX], initrd[PATH_MAX], append[COMMAND_MAX];
    size_t used;
} nest;

static bool add(const char *text)
{
    size_t length = strlen(text);

    if (length >= sizeof nest.append - nest.used)
        return false;
    memcpy(nest.append + nest.used, text, length + 1);
    nest.used += length;
    return true;
}

/* The wrong text once more with a mark below the wrong character. */
static int wrong(const char *text, const struct nest_error *error)
{
    cli_say("run: the nest is wrong at character %zu: %s", error->at + 1, error->text);
    fprintf(stderr, "  %s\n  %*s\n", text, (int)error->at + 1, "^");
    return EXIT_USAGE;
}

static int check_arguments(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strpbrk(argv[i], " \t\n") || !*argv[i])
            return cli_usage("run: '%.40s': an argument for the nest's programs can hold no blanks",
                             argv[i]);
    }
    return 0;
}

static int append_make(const struct run_settings *s, int argc, char **argv)
{
    bool good = add("root=bin/kserver ");

    if (s->append)
        good = good && add(s->append) && add(" ");
    good = good && add("nest=") && add(argv[0]);
    for (int i = 1; i < argc; i++)
        good = good && add(i == 1 ? " -- " : " ") && add(argv[i]);
    if (!good)
        return cli_usage("run: the nest and its arguments are longer than %d characters",
                         COMMAND_MAX - 1);
    return 0;
}

/* Words of the command line, and what follows `--` unless that is a script's. */
static int words_join(const struct run_settings *s, int *argc, char ***argv)
{
    static char *words[WORDS_MAX];
    int n = 0, rest = s->script ? 0 : s->args.argc;

    if (*argc + rest > WORDS_MAX)
        return cli_usage("run: more than %d arguments", WORDS_MAX);
    for (int i = 0; i < *argc; i++)
        words[n++] = (*argv)[i];
    for (int i = 0; i < rest; i++)
        words[n++] = s->args.argv[i];
    *argc = n;
    *argv = words;
    return 0;
}

static int unexpected(const struct run_settings *s, const char *word)
{
    if (s->screen || s->snapshots.given || s->gdb)
        return cli_usage(
            "run: unexpected argument '%.60s': a value of --gdb, --screen or --snapshots "
            "is joined to it, as in --screen=live",
            word);
    return cli_usage("run: unexpected argument '%.60s': a nest has a kernel of its own, leave out "
                     "--kernel, --pc and --resume",
                     word);
}

int run_nest(struct run_settings *s, int argc, char **argv)
{
    struct nest_error error;
    int code;

    if (s->kernel || s->pc || s->resume)
        return unexpected(s, argv[0]);
    for (const char *c = argv[0]; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 127)
            return cli_usage("run: the nest holds a control character");
    }
    if (!nest_check(argv[0], &error))
        return wrong(argv[0], &error);
    if ((code = words_join(s, &argc, &argv)) != 0 || (code = check_arguments(argc, argv)) != 0)
        return code;
    if (paths_kernel("fk.elf", nest.kernel, sizeof nest.kernel) != 0)
        return cli_failure("run: the kernel fk.elf is not there: build or install Flatfish again");
    if (!s->initrd && paths_kernel("nests.tar", nest.initrd, sizeof nest.initrd) != 0)
        return cli_failure("run: nests.tar is not there: build or install Flatfish again");
    if ((code = append_make(s, argc, argv)) != 0)
        return code;
    s->nest_text = argv[0];
    s->kernel = nest.kernel;
    s->initrd = s->initrd ? s->initrd : nest.initrd;
    s->append = nest.append;
    return 0;
}

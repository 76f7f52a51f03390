/* sim/cli/run_script.c -- `flatfish run --script`: joins the run and the Lua host.
 * Also how any command says what was wrong with a script: the first line as ever, the rest below
 * it. SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/command.h"
#include "sim/cli/paths.h"
#include "sim/cli/script_find.h"
#include "sim/cli/script_say.h"
#include "sim/lua/script.h"

static bool there;

int script_say(void)
{
    const char *text = script_message(), *end = strchr(text, '\n');

    cli_say("script: %.*s", end ? (int)(end - text) : 900, text);
    if (end)
        fprintf(stderr, "%s\n", end + 1);
    return EXIT_FAILURE;
}

int script_nest(const char *text, struct sim_config *to)
{
    static struct run_settings s;
    static char *words[1];

    s = (struct run_settings){.append = to->append, .initrd = to->initrd, .nest = true};
    words[0] = (char *)(uintptr_t)text;
    if (run_nest(&s, 1, words) != 0)
        return -1;
    to->kernel = s.kernel;
    to->initrd = s.initrd;
    to->append = s.append;
    return 0;
}

/* A name that is nobody's may still be a file without the ending. */
int run_script_find(struct run_settings *s)
{
    static char path[PATH_MAX];

    if (!s->script)
        return 0;
    if (script_find(s->script, path, sizeof path) == 0)
        s->script = path;
    else if (access(s->script, R_OK) != 0 && strpbrk(s->script, "/."))
        return cli_failure("--script %s: %s", s->script, strerror(errno));
    else if (access(s->script, R_OK) != 0)
        return script_unknown("run", s->script);
    return 0;
}

/* What titles call the machine: its nest, or the file that it starts from. */
static const char *subject(const struct run_settings *s)
{
    const char *files[] = {s->resume, s->cdrom, s->disk, s->kernel};
    const char *path = NULL;

    if (s->nest)
        return s->nest_text;
    for (unsigned i = 0; !path && i < sizeof files / sizeof *files; i++)
        path = files[i];
    return path && strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
}

int run_script_open(const struct run_settings *s, const struct script_config *doors)
{
    struct script_config config = *doors;

    if (!s->script)
        return 0;
    config.lib = paths_scripts();
    config.data = paths_data();
    config.find = paths_find;
    config.nest = script_nest;
    config.subject = subject(s);
    config.stands = console_flush;
    config.sandbox = s->sandbox;
    config.limit_seconds = (unsigned)s->sandbox_time.n;
    there = true;
    return script_open(&config) == 0 ? 0 : script_say();
}

int run_script_load(const struct run_settings *s)
{
    const char *const files[] = {s->kernel, s->initrd, s->disk, s->cdrom, s->resume, s->input};

    if (!there)
        return 0;
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++)
        script_reads(files[i]);
    return script_load(s->script, s->args.argc, s->args.argv) == 0 ? 0 : EXIT_FAILURE;
}

enum run_end run_script_ended(struct run_state *state)
{
    if (there && script_failed())
        return RUN_BY_FAILURE;
    return there && script_stopped(&state->script_code) ? RUN_BY_SCRIPT : RUN_BY_MACHINE;
}

void run_script_close(struct run_state *state)
{
    if (!there)
        return;
    script_end(state->stop);
    if (script_failed()) {
        state->end = RUN_BY_FAILURE;
        script_say();
    }
    there = false;
    script_close();
}

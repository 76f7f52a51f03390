/* sim/cli/run_check.c -- the options of `flatfish run`, judged together, before anything is made:
 * what goes with what, and that no output takes the place of another file. What a single option may
 * be is the option table's. cmd_run.c calls. SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <limits.h>
#include <string.h>

#include "sim/cli/command.h"
#include "sim/cli/distinct.h"

static int check_pc(const struct run_settings *s, bool pc)
{
    if ((s->screen || s->screenshot) && !pc)
        return cli_usage("run: only a --pc machine has a screen: "
                         "leave out --screen and --screenshot");
    if ((s->keys.count || s->keys_at.count) && !pc)
        return cli_usage("run: only a --pc machine has a keyboard: leave out --keys and --keys-at, "
                         "or type by --input-at");
    return 0;
}

int run_check_machine(const struct run_settings *s)
{
    return check_pc(s, sim_pc());
}

static int check_boot(const struct run_settings *s)
{
    if (s->resume && (s->kernel || s->pc))
        return cli_usage("run: --resume brings its machine along: leave out --kernel and --pc");
    if (s->resume && (s->mem.given || s->cpu || s->ips.given || s->jitter.given))
        return cli_usage("run: --resume goes on with the machine as it was saved: "
                         "leave out --mem, --cpu, --ips and --jitter");
    if (s->kernel && s->pc)
        return cli_usage("run: --kernel and --pc are two ways to boot: choose one");
    if (!s->kernel && !s->pc && !s->resume)
        return cli_usage("run: what shall run? A nest such as null/hello, --kernel FILE, --pc or "
                         "--resume FILE");
    if ((s->initrd || s->append) && !s->kernel)
        return cli_usage("run: --initrd and --append go with --kernel or a nest");
    if ((s->disk || s->cdrom) && !s->pc)
        return cli_usage("run: --disk and --cdrom go with --pc");
    if (s->pc && !s->disk && !s->cdrom)
        return cli_usage("run: --pc needs something to boot: --disk IMAGE or --cdrom ISO");
    return s->resume ? 0 : check_pc(s, s->pc);
}

static int check_screen(struct run_settings *s)
{
    s->live = s->screen && strcmp(s->screen, "live") == 0;
    if (s->screen && !s->live && strcmp(s->screen, "end") != 0)
        return cli_usage("run: --screen=%.30s: it is 'end' or 'live'", s->screen);
    if (s->live && !console_can_live())
        return cli_usage("run: --screen=live needs a terminal, for input and output: "
                         "use --screen or --screenshot here");
    return 0;
}

static int check_rest(struct run_settings *s)
{
    if (s->sandbox && !s->script)
        return cli_usage("run: --sandbox is for a script: give --script FILE");
    if (s->sandbox_time.given && !s->sandbox)
        return cli_usage("run: --sandbox-time is the sandbox's: give --sandbox, too");
    if (s->args.argc && !s->script && !s->nest)
        return cli_usage("run: what follows -- is for a nest or a script: give one");
    if (s->trace_last.given && !s->trace)
        return cli_usage("run: --trace-last needs --trace DIR to write to");
    if (s->view && s->gdb)
        return cli_usage("run: --view and --gdb each want the machine: give one of them");
    if (s->view && strcmp(s->view, "live") != 0 && strcmp(s->view, "paused") != 0 &&
        !run_view_door(s->view) && !strchr(s->view, '/'))
        return cli_usage(
            "run: --view=%.40s: it is 'live', 'paused', 'listen:PATH', 'wait:PATH', or "
            "the path of a viewer's socket with a slash in it",
            s->view);
    if (s->gdb_at && !s->gdb)
        return cli_usage("run: --gdb-at is for --gdb: give that, too");
    if (s->force && !s->trace)
        return cli_usage("run: --force is for --trace DIR: other files are replaced anyway");
    return run_script_find(s);
}

/* What a trace in this folder is written to; NULL without one. */
static const char *in_trace(const char *dir, const char *name)
{
    static char paths[2][PATH_MAX + 16];
    static unsigned turn;
    char *path = paths[turn++ % 2];

    if (!dir)
        return NULL;
    snprintf(path, sizeof *paths, "%s/%s", dir, name);
    return path;
}

enum { TRACES_OWN = 3 }; /* the folder and its two files */

static int check_files(const struct run_settings *s)
{
    const struct distinct_file files[] = {
        {"--kernel", s->kernel, false},
        {"--initrd", s->initrd, false},
        {"--disk", s->disk, false},
        {"--cdrom", s->cdrom, false},
        {"--resume", s->resume, false},
        {"--script", s->script, false},
        {"--input", s->input, false},
        {"--stats", s->stats, true},
        {"--save", s->save, true},
        {"--screenshot", s->screenshot, true},
        {"--log", s->log, true},
        {"--trace", s->trace, true}, /* TRACES_OWN begin here */
        {"--trace", in_trace(s->trace, "events"), true},
        {"--trace", in_trace(s->trace, "metadata"), true},
    };

    int code = distinct_check("run", files, sizeof files / sizeof *files);

    return code ? code
                : distinct_folder("run", "--trace", s->trace, files,
                                  sizeof files / sizeof *files - TRACES_OWN);
}

int run_check(struct run_settings *s)
{
    int code;

    if ((code = check_boot(s)) != 0 || (code = check_screen(s)) != 0 || (code = check_rest(s)) != 0)
        return code;
    return (code = run_save_parse(s)) != 0 ? code : check_files(s);
}

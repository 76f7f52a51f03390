/* sim/cli/run_output.c -- the files that a run writes: --stats, --screenshot, --save, --log.
 * Invariant: they are opened before the first instruction (a run must not be lost to a mistyped
 * path), and each is renamed into place when it is whole; but the log grows where it is named, and
 * is as it was before when it cannot be whole. The trace's files are run_trace.c's.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "sim/cli/command.h"
#include "sim/cli/outfile.h"
#include "sim/core/stats.h"
#include "sim/output.h"
#include "sim/screen.h"
#include "sim/snap.h"

static struct outfile stats, screenshot, save;
static uint64_t save_at; /* UINT64_MAX = at the end */
static bool saved;
static off_t log_size; /* before the run; -1 = there was none */

static const char *save_path; /* without @COUNT */

/* FILE or FILE@COUNT. */
int run_save_parse(struct run_settings *s)
{
    const char *at = s->save ? strrchr(s->save, '@') : NULL;
    char *path;

    save_at = UINT64_MAX;
    if (!s->save)
        return 0;
    if (at && !option_number_parse(at + 1, &save_at))
        return cli_usage("run: --save: '%.60s' is not an instruction count: give FILE@COUNT, as in "
                         "it.ff@200M, or FILE alone for the end",
                         at + 1);
    if (at == s->save)
        return cli_usage("run: --save: a file's name is needed before @");
    path = strndup(s->save, at ? (size_t)(at - s->save) : strlen(s->save));
    s->save = save_path = path;
    return path ? 0 : cli_failure("out of memory");
}

/* The machine opens its log by itself. */
static void log_look(const char *path)
{
    struct stat st;

    log_size = path && stat(path, &st) == 0 ? st.st_size : -1;
}

int run_log_end(const struct run_settings *s)
{
    int code;

    if (sim_log_flush() == 0)
        return 0;
    code = cli_failure("--log %s: %s", s->log, sim_error());
    if (!sim_output_straight(s->log) &&
        (log_size < 0 ? unlink(s->log) : truncate(s->log, log_size)) != 0)
        cli_say("--log %s is not whole", s->log);
    return code;
}

int run_output_open(const struct run_settings *s)
{
    log_look(s->log);
    if (s->stats && outfile_open(&stats, s->stats) != 0)
        return -1;
    if (s->screenshot && outfile_open(&screenshot, s->screenshot) != 0)
        return -1;
    if (s->save && outfile_open(&save, s->save) != 0)
        return -1;
    outfile_release(&screenshot);
    outfile_release(&save);
    return 0;
}

void run_output_drop(void)
{
    outfile_drop(&stats);
    outfile_drop(&screenshot);
    outfile_drop(&save);
    free((char *)(uintptr_t)save_path);
    save_path = NULL;
}

/* ---- --save ---- */

int run_save_check(void)
{
    if (save.temp && save_at < sim_icount())
        return cli_usage("run: --save: the saved machine goes on at instruction %" PRIu64
                         ", behind %" PRIu64 ": give a later count",
                         sim_icount(), save_at);
    return 0;
}

static bool saving(void)
{
    return save.temp && !saved;
}

static int save_now(void)
{
    saved = true; /* tried once: a failure has been said, and is not said again */
    if (sim_save(save.temp) != 0)
        return outfile_failure(&save, "--save", sim_error());
    return outfile_commit(&save) == 0 ? 0 : EXIT_FAILURE;
}

uint64_t run_save_due(uint64_t end)
{
    return saving() && save_at < end ? save_at : end;
}

int run_save_at_due(void)
{
    return saving() && save_at <= sim_icount() && save_now() != 0 ? -1 : 0;
}

/* A run that ended well but before --save's count has not done what it was asked to. */
static int save_missed(const struct run_state *state)
{
    cli_say("--save: the run ended at instruction %" PRIu64 ", before %" PRIu64
            ": nothing saved; give a count that it reaches",
            sim_icount(), save_at);
    return state->end == RUN_BY_STOP_AT || state->end == RUN_BY_SCRIPT ||
                   (state->end == RUN_BY_MACHINE && state->stop == SIM_STOP_EXIT)
               ? EXIT_FAILURE
               : 0;
}

int run_save_end(const struct run_state *state)
{
    if (!saving())
        return 0;
    return save_at == UINT64_MAX ? save_now() : save_missed(state);
}

/* ---- --screen, --screenshot, --stats ---- */

int run_screen_show(const struct run_settings *s)
{
    static char text[65536];

    if (s->screen && sim_screen_text(text, sizeof text))
        printf("%s", text);
    if (!s->screenshot)
        return 0;
    if (sim_screen_png(screenshot.temp) != 0)
        return outfile_failure(&screenshot, "--screenshot", sim_error());
    return outfile_commit(&screenshot) == 0 ? 0 : EXIT_FAILURE;
}

int run_stats_write(const struct run_state *state, const struct sim_config *config,
                    const struct sim_digest *digest, int code)
{
    const struct run_settings *s = state->settings;
    const struct stats_run facts = {
        .config = config,
        .command_version = PACKAGE_VERSION,
        .stop = run_end_name(state),
        .stop_text = sim_stop_text(),
        .exit_status = code,
        .start_icount = state->start_icount,
        .seconds = state->seconds,
        .digest = digest,
        .trace_dir = s->trace,
    };

    if (!s->quiet && !state->mistake && stats_text(stderr, &facts) != 0)
        return cli_failure("%s", sim_error());
    if (!s->stats)
        return 0;
    if (stats_json(stats.to, &facts) != 0 && !ferror(stats.to))
        return cli_failure("--stats: %s", sim_error());
    return outfile_commit(&stats) == 0 ? 0 : EXIT_FAILURE;
}

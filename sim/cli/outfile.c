/* sim/cli/outfile.c -- temporary name, write, rename; see outfile.h.
 * Open files are on one list so that exit() and a signal remove what was not committed. A forked
 * child (a snapshot) must not do that for its parent: the list belongs to the process that opened
 * it. SPDX-License-Identifier: MIT */
#include "sim/cli/outfile.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/command.h"
#include "sim/output.h"

enum { OUTFILES = 16 };

static struct outfile *open_files[OUTFILES];
static pid_t owner;

static void drop_all(void)
{
    for (unsigned i = 0; i < OUTFILES && getpid() == owner; i++) {
        if (open_files[i])
            outfile_drop(open_files[i]);
    }
}

void outfile_abandon(void)
{
    for (unsigned i = 0; i < OUTFILES && getpid() == owner; i++) {
        const struct outfile *f = open_files[i];
        if (f && f->temp && strcmp(f->temp, f->path) != 0)
            unlink(f->temp);
    }
}

static void on_end(int signal)
{
    outfile_abandon();
    raise(signal); /* SA_RESETHAND: this time it ends the process */
}

/* Only what nobody else handles: `run` ends by itself, in good order. */
static void signals_take(void)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction end = {.sa_handler = on_end, .sa_flags = SA_RESETHAND};
    struct sigaction now;

    for (unsigned i = 0; i < sizeof ends / sizeof *ends; i++)
        if (sigaction(ends[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
            sigaction(ends[i], &end, NULL);
}

static int listed(const struct outfile *f, struct outfile *now)
{
    for (unsigned i = 0; i < OUTFILES; i++) {
        if (open_files[i] == f) {
            open_files[i] = now;
            return 0;
        }
    }
    return -1;
}

static int list(struct outfile *f)
{
    if (!owner && atexit(drop_all) == 0) {
        owner = getpid();
        signals_take();
    }
    return listed(NULL, f);
}

static int complain(const char *verb, const struct outfile *f)
{
    cli_say("cannot %s %s: %s; name another file%s", verb, f->path, strerror(errno),
            errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? ", or make room" : "");
    return -1;
}

static bool is_directory(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int outfile_open(struct outfile *f, const char *path)
{
    *f = (struct outfile){.path = path};
    if (is_directory(path)) {
        errno = EISDIR;
        return complain("write", f);
    }
    if (sim_output_straight(path)) {
        f->temp = strdup(path);
        f->to = fopen(path, "ae");
    } else if (asprintf(&f->temp, "%s.part-%ld", path, (long)getpid()) > 0) {
        f->to = fopen(f->temp, "we");
    } else {
        f->temp = NULL;
    }
    if (!f->temp || !f->to || list(f) != 0) {
        complain("write", f);
        if (f->to)
            fclose(f->to);
        free(f->temp);
        f->temp = NULL;
        return -1;
    }
    return 0;
}

void outfile_release(struct outfile *f)
{
    if (f->to)
        fclose(f->to);
    f->to = NULL;
}

int outfile_failure(const struct outfile *f, const char *option, const char *text)
{
    const char *at = f->temp ? strstr(text, f->temp) : NULL;

    if (!at)
        return cli_failure("%s: %s", option, text);
    return cli_failure("%s: %.*s%s%s", option, (int)(at - text), text, f->path,
                       at + strlen(f->temp));
}

int outfile_commit(struct outfile *f)
{
    bool good = true;

    if (f->to) {
        good = fflush(f->to) == 0 && !ferror(f->to);
        good = fclose(f->to) == 0 && good;
        f->to = NULL;
    }
    if (good && strcmp(f->temp, f->path) != 0)
        good = rename(f->temp, f->path) == 0;
    if (!good) {
        complain("write", f);
        outfile_drop(f);
        return -1;
    }
    listed(f, NULL);
    free(f->temp);
    f->temp = NULL;
    return 0;
}

void outfile_drop(struct outfile *f)
{
    if (!f->temp)
        return;
    if (f->to)
        fclose(f->to);
    if (strcmp(f->temp, f->path) != 0)
        unlink(f->temp);
    listed(f, NULL);
    free(f->temp);
    *f = (struct outfile){.path = f->path};
}

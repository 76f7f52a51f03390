/* sim/cli/distinct.c -- no output file of a command takes the place of one of its other files, nor
 * of what its standard streams were redirected to. Files are compared by what they are (device and
 * inode), so that no second name, link or other way of writing a path gets past; one that is not
 * there yet is compared by its folder and name. Devices and pipes may be given twice. Called before
 * anything is opened. SPDX-License-Identifier: MIT */
#include "sim/cli/distinct.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/command.h"
#include "sim/output.h"

/* A file that is there, or (name not NULL) one that would be made in a folder that is. */
struct identity {
    dev_t device;
    ino_t inode;
    const char *name;
};

static bool is_plain(const struct stat *st)
{
    return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

static bool identify(const char *path, struct identity *to)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    struct stat st;

    *to = (struct identity){.name = NULL};
    if (stat(path, &st) != 0) {
        to->name = slash ? slash + 1 : path;
        snprintf(folder, sizeof folder, "%.*s", slash ? (int)(to->name - path) : 1,
                 slash ? path : ".");
        if (stat(folder, &st) != 0)
            return false;
    } else if (!is_plain(&st)) {
        return false;
    }
    to->device = st.st_dev;
    to->inode = st.st_ino;
    return true;
}

static bool same(const struct identity *a, const struct identity *b)
{
    if (a->device != b->device || a->inode != b->inode || !a->name != !b->name)
        return false;
    return !a->name || strcmp(a->name, b->name) == 0;
}

static int complain(const char *command, const struct distinct_file *one,
                    const struct distinct_file *other)
{
    const char *path = one->path ? one->path : other->path;

    if (one->written && other->written)
        return cli_usage("%s: %s and %s cannot both write %.200s: name another file", command,
                         one->option, other->option, path);
    return cli_usage("%s: %s would overwrite %.200s, which %s reads: name another file", command,
                     one->written ? one->option : other->option, path,
                     one->written ? other->option : one->option);
}

/* A stream that the shell opened has no path here. Who names it as a file, by /dev/stdout, means
 * it: such a file is written to, not replaced. */
static int streams_check(const char *command, const struct distinct_file *file)
{
    static const struct distinct_file streams[] = {
        [STDIN_FILENO] = {"standard input", NULL, false},
        [STDOUT_FILENO] = {"standard output", NULL, true},
        [STDERR_FILENO] = {"standard error", NULL, true}};
    struct identity named, open;
    struct stat st;

    if (!file->written || sim_output_straight(file->path) || !identify(file->path, &named))
        return 0;
    for (int fd = 0; fd < 3; fd++) {
        if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
            continue;
        open = (struct identity){.device = st.st_dev, .inode = st.st_ino};
        if (same(&open, &named))
            return complain(command, file, &streams[fd]);
    }
    return 0;
}

int distinct_check(const char *command, const struct distinct_file *files, unsigned n)
{
    struct identity a, b;
    int code;

    for (unsigned i = 0; i < n; i++) {
        if (!files[i].path)
            continue;
        for (unsigned j = 0; j < i; j++) {
            if ((files[i].written || files[j].written) && files[j].path &&
                identify(files[i].path, &a) && identify(files[j].path, &b) && same(&a, &b))
                return complain(command, &files[j], &files[i]);
        }
        if ((code = streams_check(command, &files[i])) != 0)
            return code;
    }
    return 0;
}

int distinct_folder(const char *command, const char *option, const char *folder,
                    const struct distinct_file *files, unsigned n)
{
    char path[PATH_MAX];
    struct stat in, parent;

    if (!folder || stat(folder, &in) != 0)
        return 0;
    for (unsigned i = 0; i < n; i++) {
        if (!files[i].written || !files[i].path ||
            (size_t)snprintf(path, sizeof path, "%s", files[i].path) >= sizeof path)
            continue;
        if (stat(dirname(path), &parent) == 0 && parent.st_dev == in.st_dev &&
            parent.st_ino == in.st_ino)
            return cli_usage(
                "%s: %s would put %.200s into the folder of %s, which is for the trace "
                "alone: name a file elsewhere",
                command, files[i].option, files[i].path, option);
    }
    return 0;
}

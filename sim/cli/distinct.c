/* sim/cli/distinct.c -- no output file of a command takes the place of one of its other files.
 * Files are compared by what they are (device and inode), so that no second name, link or other way
 * of writing a path gets past; one that is not there yet is compared by its folder and name.
 * Devices and pipes may be given twice. Called before anything is opened.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/distinct.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/cli/command.h"

/* A file that is there, or (name not NULL) one that would be made in a folder that is. */
struct identity {
    dev_t device;
    ino_t inode;
    const char *name;
};

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
    } else if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) {
        return false;
    }
    to->device = st.st_dev;
    to->inode = st.st_ino;
    return true;
}

static bool same(const char *one, const char *other)
{
    struct identity a, b;

    if (!identify(one, &a) || !identify(other, &b))
        return false;
    if (a.device != b.device || a.inode != b.inode || !a.name != !b.name)
        return false;
    return !a.name || strcmp(a.name, b.name) == 0;
}

static int complain(const char *command, const struct distinct_file *one,
                    const struct distinct_file *other)
{
    if (one->written && other->written)
        return cli_usage("%s: %s and %s cannot both write %.200s: name another file", command,
                         one->option, other->option, one->path);
    return cli_usage("%s: %s would overwrite %.200s, which %s reads: name another file", command,
                     one->written ? one->option : other->option, one->path,
                     one->written ? other->option : one->option);
}

int distinct_check(const char *command, const struct distinct_file *files, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        for (unsigned j = 0; j < i; j++) {
            const struct distinct_file *one = &files[j], *other = &files[i];

            if ((one->written || other->written) && one->path && other->path &&
                same(one->path, other->path))
                return complain(command, one, other);
        }
    }
    return 0;
}

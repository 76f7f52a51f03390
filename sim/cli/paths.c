/* sim/cli/paths.c -- finds the data folder; see paths.h.
 * A build folder is known by the config.status that lies beside the program.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/paths.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int paths_self(char *out, size_t max)
{
    ssize_t n = readlink("/proc/self/exe", out, max - 1);

    if (n <= 0 || (size_t)n >= max - 1)
        return -1;
    out[n] = 0;
    return 0;
}

static const char *build_dir(void)
{
    static char dir[PATH_MAX];
    char probe[PATH_MAX + 16], *slash;

    if (paths_self(dir, sizeof dir) != 0 || !(slash = strrchr(dir, '/')))
        return NULL;
    *slash = 0;
    snprintf(probe, sizeof probe, "%s/config.status", dir);
    return access(probe, F_OK) == 0 ? dir : NULL;
}

const char *paths_data(void)
{
    const char *set = getenv("FLATFISH_DATA_DIR"), *build;

    if (set && *set)
        return set;
    build = build_dir();
    return build ? build : PKGDATADIR;
}

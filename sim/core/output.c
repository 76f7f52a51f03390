/* sim/core/output.c -- which output paths are written straight; see sim/output.h.
 * SPDX-License-Identifier: MIT */
#include "sim/output.h"

#include <string.h>
#include <sys/stat.h>

/* /dev/stdout and its like are links to what is open, which may be an ordinary file. */
static bool names_open_file(const char *path)
{
    struct stat st;

    return (strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0) &&
           lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

bool sim_output_straight(const char *path)
{
    struct stat st;

    return names_open_file(path) ||
           (stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode));
}

/* sim/cli/paths.c -- finds the command's data; see paths.h.
 * A build folder is known by the boot ROM that lies in it below the running program, an installed
 * tree that was moved as a whole (a staged one, say) by the one beside it.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/paths.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"

int paths_self(char *out, size_t max)
{
    ssize_t n = readlink("/proc/self/exe", out, max - 1);

    if (n <= 0 || (size_t)n >= max - 1)
        return -1;
    out[n] = 0;
    return 0;
}

/* Puts a path together; 0 when it fits and is there. */
static int path_try(char *out, size_t max, const char *dir, const char *format, const char *name)
{
    int n = snprintf(out, max, "%s", dir);

    if (n < 0 || (size_t)n >= max)
        return -1;
    max -= (size_t)n;
    out[n] = 0;
    if ((size_t)snprintf(out + n, max, format, name) >= max)
        return -1;
    return access(out, R_OK);
}

static const char *data_set(void)
{
    const char *set = getenv("FLATFISH_DATA_DIR");

    return set && *set ? set : NULL;
}

/* The build folder, or NULL when the program is an installed one. */
static const char *build_dir(void)
{
    static char dir[PATH_MAX];
    char rom[PATH_MAX], *slash;

    if (data_set() || paths_self(dir, sizeof dir) != 0 || !(slash = strrchr(dir, '/')))
        return NULL;
    *slash = 0;
    return path_try(rom, sizeof rom, dir, "/sim/firmware/%s", "boot.rom") == 0 ? dir : NULL;
}

/* The installed data: of the tree that the program is in, or else where it was to be installed. */
static const char *installed(void)
{
    static char dir[PATH_MAX];
    char self[PATH_MAX], rom[PATH_MAX], *slash;

    if (data_set())
        return data_set();
    if (paths_self(self, sizeof self) != 0 || !(slash = strrchr(self, '/')))
        return PKGDATADIR;
    *slash = 0;
    if (path_try(dir, sizeof dir, self, "/../share/%s", PACKAGE) != 0 ||
        path_try(rom, sizeof rom, dir, "/%s", "boot.rom") != 0)
        return PKGDATADIR;
    return dir;
}

const char *paths_data(void)
{
    static char dir[PATH_MAX];
    const char *build = build_dir();

    if (build && path_try(dir, sizeof dir, build, "/sim/%s", "firmware") == 0)
        return dir;
    return installed();
}

int paths_guest(const char *name, char *out, size_t max)
{
    const char *build = build_dir();

    if (build)
        return path_try(out, max, build, "/sim/tests/guests/%s.elf", name);
    return path_try(out, max, paths_data(), "/guests/%s.elf", name);
}

int paths_cost(const char *name, char *out, size_t max)
{
    return path_try(out, max, paths_scripts(), "/cost/%s.lua", name);
}

int paths_kernel(const char *name, char *out, size_t max)
{
    const char *build = build_dir();

    return path_try(out, max, build ? build : paths_data(), "/kernel/%s", name);
}

const char *paths_scripts(void)
{
    static char dir[PATH_MAX];

    if (build_dir() && path_try(dir, sizeof dir, SOURCE_DIR, "/%s", "lua-scripts") == 0)
        return dir;
    if (path_try(dir, sizeof dir, installed(), "/%s", "lua-scripts") != 0)
        snprintf(dir, sizeof dir, "%s/lua-scripts", PKGDATADIR);
    return dir;
}

int paths_gdb(char *out, size_t max)
{
    if (build_dir() && path_try(out, max, SOURCE_DIR, "/sim/gdb/python/%s", "nest.py") == 0)
        return 0;
    return path_try(out, max, installed(), "/gdb/%s", "nest.py");
}

/* What is not for people to start; in the build it lies in `folder`. */
static int path_libexec(const char *folder, const char *name, char *out, size_t max)
{
    const char *build = build_dir();
    char self[PATH_MAX], *slash;

    if (build)
        return path_try(out, max, build, folder, name);
    if (paths_self(self, sizeof self) == 0 && (slash = strrchr(self, '/'))) {
        *slash = 0;
        if (path_try(out, max, self, "/../libexec/" PACKAGE "/%s", name) == 0)
            return 0;
    }
    return path_try(out, max, PKGLIBEXECDIR, "/%s", name);
}

int paths_module(const char *name, char *out, size_t max)
{
    return path_libexec("/sim/lua/%s", name, out, max);
}

int paths_viewer(char *out, size_t max)
{
    return path_libexec("/gui/%s", "flatfish-view", out, max);
}

/* Of the source or the build, as the case may be; `folder` is where it is installed. */
static int path_either(const char *where, const char *folder, const char *name, char *out,
                       size_t max)
{
    const char *build = build_dir();
    char format[40];

    snprintf(format, sizeof format, "/%s%%s", build ? where : folder);
    if (!build)
        return path_try(out, max, installed(), format, name);
    if (path_try(out, max, SOURCE_DIR, format, name) == 0)
        return 0;
    return path_try(out, max, build, format, name);
}

int paths_lab(const char *name, char *out, size_t max)
{
    return path_either("labs/", "labs/", name, out, max);
}

/* What programs of the guest are built with, by its name in the source tree. */
static int paths_sdk(const char *name, char *out, size_t max)
{
    return path_either("", "sdk/", name, out, max);
}

int paths_find(const char *kind, const char *name, char *out, size_t max)
{
    if (strcmp(kind, "guest") == 0)
        return paths_guest(name, out, max);
    if (strcmp(kind, "module") == 0)
        return paths_module(name, out, max);
    if (strcmp(kind, "lab") == 0)
        return paths_lab(name, out, max);
    if (strcmp(kind, "sdk") == 0)
        return paths_sdk(name, out, max);
    return strcmp(kind, "kernel") == 0 ? paths_kernel(name, out, max) : -1;
}

int paths_tool(const char *name, char *out, size_t max)
{
    if (build_dir() && path_try(out, max, SOURCE_DIR, "/tools/%s", name) == 0)
        return 0;
    return path_try(out, max, paths_data(), "/tools/%s", name);
}

/* sim/cli/script_find.c -- the installed scripts: which there are, and which one a word means.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/script_find.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/command.h"
#include "sim/cli/paths.h"

enum { NAMES = 100 };

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Names of the installed scripts, sorted; freed by nobody: the command ends soon. */
static unsigned names_get(char *names[NAMES])
{
    DIR *dir = opendir(paths_scripts());
    struct dirent *e;
    unsigned n = 0;

    while (dir && n < NAMES && (e = readdir(dir))) {
        size_t length = strlen(e->d_name);
        if (length > 4 && strchr(e->d_name, '.') == e->d_name + length - 4 &&
            strcmp(e->d_name + length - 4, ".lua") == 0)
            names[n++] = strndup(e->d_name, length - 4);
    }
    if (dir)
        closedir(dir);
    qsort(names, n, sizeof *names, by_name);
    return n;
}

/* The first line of a script: "-- NAME.lua -- what it does". */
static void print_brief(const char *name)
{
    char path[PATH_MAX], line[200] = "";
    FILE *f;
    const char *text;

    snprintf(path, sizeof path, "%s/%s.lua", paths_scripts(), name);
    f = fopen(path, "re");
    if (f && !fgets(line, sizeof line, f))
        line[0] = 0;
    if (f)
        fclose(f);
    line[strcspn(line, "\n")] = 0;
    text = strstr(line + (line[0] == '-' ? 2 : 0), " -- ");
    printf("  %-12s %s\n", name, text ? text + 4 : "");
}

int script_list(void)
{
    char *names[NAMES];
    unsigned n = names_get(names);

    for (unsigned i = 0; i < n; i++)
        print_brief(names[i]);
    if (n == 0)
        return cli_failure("no scripts in %s: install Flatfish again", paths_scripts());
    printf("\n'flatfish script NAME --help' says more about one.\n");
    return EXIT_SUCCESS;
}

int script_unknown(const char *command, const char *name)
{
    char *names[NAMES];
    unsigned n = names_get(names);
    const char *near = NULL;

    for (unsigned i = 0; i < n; i++)
        if (option_near(name, names[i]) &&
            (!near || option_distance(name, names[i]) < option_distance(name, near)))
            near = names[i];
    if (near)
        return cli_usage("%s: no script '%.60s'; did you mean '%s'?", command, name, near);
    return cli_usage("%s: no script '%.60s' ('flatfish script' lists them; a file ends in .lua)",
                     command, name);
}

int script_find(const char *name, char *path, size_t max)
{
    if (!strchr(name, '/') && !strstr(name, ".lua") &&
        (size_t)snprintf(path, max, "%s/%s.lua", paths_scripts(), name) < max &&
        access(path, R_OK) == 0)
        return 0;
    return (size_t)snprintf(path, max, "%s", name) < max && strstr(name, ".lua") &&
                   access(path, R_OK) == 0
               ? 0
               : -1;
}

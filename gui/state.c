/* gui/state.c -- a text file of five lines; see state.h. What cannot be read, or makes no sense, is
 * as if it were not there: a window opens all the same. SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gui/state.h"

static bool state_path(char path[PATH_MAX], bool make)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    int n;

    if (state && *state == '/')
        n = snprintf(path, PATH_MAX, "%s", state);
    else if (home && *home == '/')
        n = snprintf(path, PATH_MAX, "%s/.local/state", home);
    else
        return false;
    if (n + 32 > PATH_MAX)
        return false;
    if (make) /* the folder above belongs to others: it is made by whoever comes first */
        for (char *p = path + 1; (p = strchr(p, '/')); p++) {
            *p = 0;
            mkdir(path, 0755);
            *p = '/';
        }
    if (make)
        mkdir(path, 0700);
    strcat(path, "/flatfish");
    if (make)
        mkdir(path, 0700);
    strcat(path, "/view");
    return true;
}

void state_load(struct state *s)
{
    char path[PATH_MAX];
    int w, h, dark, threads, percent = 100;
    FILE *f = state_path(path, false) ? fopen(path, "re") : NULL;

    if (!f)
        return;
    if (fscanf(f, "width %d\nheight %d\ndark %d\nthreads %d\nscale %d", &w, &h, &dark, &threads,
               &percent) >= 4 &&
        w >= 200 && h >= 150 && w <= 8000 && h <= 8000)
        *s = (struct state){w, h, dark != 0, threads != 0, percent / 100.0};
    fclose(f);
}

void state_save(const struct state *s)
{
    char path[PATH_MAX];
    FILE *f = state_path(path, true) ? fopen(path, "we") : NULL;

    if (!f)
        return;
    fprintf(f, "width %d\nheight %d\ndark %d\nthreads %d\nscale %.0f\n", s->width, s->height,
            s->dark, s->threads, s->scale * 100);
    fclose(f);
}

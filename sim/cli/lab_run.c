/* sim/cli/lab_run.c -- starts labs/lab.lua and labs/grade.lua.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/lab_run.h"

#include <limits.h>
#include <stdlib.h>

#include "sim/cli/command.h"
#include "sim/cli/paths.h"

static char *word_make(const struct lab_word *w)
{
    char *text;

    return asprintf(&text, "%s=%s", w->name, w->value) < 0 ? NULL : text;
}

int lab_run(const char *script, const struct lab_word *first, int argc, char **argv,
            struct script_job job)
{
    char path[PATH_MAX], path_self[PATH_MAX];
    char **words;
    int n = 0, made, code;

    if (paths_lab(script, path, sizeof path) != 0)
        return cli_failure("the course is not installed: install Flatfish again");
    while (first[n].name)
        n++;
    words = calloc((size_t)(n + argc + 1), sizeof *words);
    if (!words)
        return cli_failure("out of memory");
    n = 0;
    if (paths_self(path_self, sizeof path_self) == 0 &&
        (words[n] = word_make(&(struct lab_word){"self", path_self})))
        n++;
    for (; first->name; first++)
        if (first->value && (words[n] = word_make(first)))
            n++;
    made = n;
    for (int i = 0; i < argc; i++)
        words[n++] = argv[i];
    job.argc = n;
    job.argv = words;
    code = script_run_file(path, &job);
    while (made-- > 0)
        free(words[made]);
    free(words);
    return code;
}

/* sim/cli/script_run.c -- what script, experiment, lab and grade have in common: a Lua program with
 * all that is installed at hand, and no machine but those that it makes.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/script_run.h"

#include <stdlib.h>

#include "sim/cli/paths.h"
#include "sim/cli/script_find.h"
#include "sim/cli/script_say.h"
#include "sim/lua/script.h"
#include "sim/machine.h"

int script_run_file(const char *path, const struct script_job *job)
{
    const struct script_config config = {
        .lib = paths_scripts(),
        .data = paths_data(),
        .find = paths_find,
        .nest = script_nest,
        .jobs = job->jobs,
        .csv = job->csv,
        .fresh = job->fresh,
    };
    int code = EXIT_SUCCESS;

    if (script_open(&config) != 0)
        return script_say();
    if (script_load(path, job->argc, job->argv) == 0)
        script_end(script_last());
    script_stopped(&code);
    if (script_failed())
        code = script_say();
    script_close();
    sim_destroy();
    return code;
}

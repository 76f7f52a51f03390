/* sim/tests/machine_cases.h -- for tests of the machine: a case gets a process of its own, because
 * a process has one machine. The test's arguments are the folders of guests and data.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_TESTS_MACHINE_CASES_H
#define SIM_TESTS_MACHINE_CASES_H

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/machine.h"
#include "sim/tests/check.h"

static const char *guests = "sim/tests/guests", *data = ".";

static void boot(const char *name, const char *append)
{
    char path[512];
    struct sim_config c = {.mem_mib = 64, .append = append, .data_dir = data};
    snprintf(path, sizeof path, "%s/%s.elf", guests, name);
    c.kernel = path;
    if (sim_create(&c) < 0) {
        fprintf(stderr, "%s: %s\n", name, sim_error());
        exit(1);
    }
}

static int run_cases(int argc, char **argv, const char *what, void (*const *cases)(void),
                     unsigned n)
{
    guests = argc > 1 ? argv[1] : guests;
    data = argc > 2 ? argv[2] : data;
    unsigned failed = 0;
    for (unsigned i = 0; i < n; i++) {
        int status = 1;
        pid_t pid = fork();
        if (pid == 0) {
            alarm(300); /* a case that hangs has failed */
            cases[i]();
            sim_destroy();
            _exit(check_failed != 0);
        }
        waitpid(pid, &status, 0);
        if (status) {
            fprintf(stderr, "%s: case %u failed\n", what, i);
            failed++;
        }
    }
    CHECK(failed == 0);
    return check_report(what);
}

#endif

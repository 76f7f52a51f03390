/* sim/tests/check.h -- the few lines that the host-side unit tests share: CHECK counts, says where
 * it failed and goes on; `return check_report("name")` ends main.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_TESTS_CHECK_H
#define SIM_TESTS_CHECK_H

#include <stdio.h>

static unsigned check_passed, check_failed;

#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (what) {                                                                                \
            check_passed++;                                                                        \
        } else if (++check_failed <= 20) {                                                         \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #what);                     \
        }                                                                                          \
    } while (0)

static inline int check_report(const char *name)
{
    printf("%s: %u checks passed, %u failed\n", name, check_passed, check_failed);
    return check_failed != 0;
}
#endif

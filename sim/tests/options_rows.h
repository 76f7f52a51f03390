/* sim/tests/options_rows.h -- a table with a row of every kind, and the settings behind it: what
 * the test of the options parser and its fuzzer both parse. SPDX-License-Identifier: MIT */
#ifndef SIM_TESTS_OPTIONS_ROWS_H
#define SIM_TESTS_OPTIONS_ROWS_H

#include "sim/cli/options.h"

struct settings {
    bool flag;
    const char *file, *text, *maybe;
    struct option_number n, mem, seconds, small;
    struct option_list list;
};

#define AT(member) offsetof(struct settings, member)

static const struct option_row rows[] = {
    {"flag", NULL, OPTION_FLAG, AT(flag), 0, 0, NULL, "A flag."},
    {"file", "FILE", OPTION_STRING, AT(file), 0, 0, NULL, "A file."},
    {"text", "TEXT", OPTION_TEXT, AT(text), 0, 0, NULL, "A text."},
    {"maybe", "X", OPTION_STRING, AT(maybe), 0, 0, "none", "A value or not."},
    {"number", "N", OPTION_NUMBER, AT(n), 0, 0, NULL, "A number."},
    {"small", "N", OPTION_NUMBER, AT(small), 3, 9, NULL, "A small number."},
    {"mem", "SIZE", OPTION_MEMORY, AT(mem), 16, 3072, NULL, "Memory."},
    {"seconds", "S", OPTION_SECONDS, AT(seconds), 1, 1000000, NULL, "Time."},
    {"list", "X", OPTION_LIST, AT(list), 0, 0, NULL, "More than one."},
    {.name = NULL},
};

#undef AT

#endif

/* sim/cli/options.h -- the table-driven parser of long options.
 * A row says where in the settings a value goes and what values are legal; the same table makes the
 * help text. The parser never exits and never prints: it fills `error` with one line.
 * Accepted: --name VALUE, --name=VALUE, --name (flag), --name[=VALUE] (optional value), -h, and
 * `--`, after which everything is positional (or, with an OPTION_REST row, somebody else's).
 * Options and positional arguments may be mixed. An option with one value can be given once: of two
 * values none is the right one. A flag may be repeated. SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_OPTIONS_H
#define SIM_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_kind {
    OPTION_FLAG,    /* bool */
    OPTION_STRING,  /* const char *; must not be empty */
    OPTION_TEXT,    /* const char *; may be empty */
    OPTION_NUMBER,  /* struct option_number; decimal k M G T, or 0x hexadecimal */
    OPTION_MEMORY,  /* struct option_number in MiB; bare numbers are MiB, or with M or G */
    OPTION_SECONDS, /* struct option_number in milliseconds; "1.5" */
    OPTION_LIST,    /* struct option_list; the option may be given OPTION_LIST_MAX times; min 1: one
                       dash will do, as in GDB's -ex */
    OPTION_REST     /* struct option_rest: what follows `--`; min 1: and the first argument */
};

enum { OPTION_LIST_MAX = 64 };

struct option_number {
    bool given;
    uint64_t n;
};

struct option_list {
    unsigned count;
    const char *value[OPTION_LIST_MAX];
};

struct option_rest { /* words for somebody else, unread */
    int argc;
    char **argv;
};

struct option_row {
    const char *name;  /* without the dashes; NULL ends the table. One letter: -o FILE */
    const char *value; /* what the help calls the value; NULL for a flag */
    enum option_kind kind;
    size_t offset;      /* in the settings */
    uint64_t min, max;  /* of numbers, in the unit that is stored; max 0 = no limit */
    const char *absent; /* value when only --name was given; NULL = a value must be there */
    const char *help;
};

struct option_result {
    bool help;       /* --help or -h was there */
    char error[256]; /* "" = none */
};

/* Parses argv[0..argc-1] into settings that are all zero; positional arguments are moved to the
 * front of argv and counted in the returned value, -1 on error. Strings in the settings point into
 * argv. */
int options_parse(const struct option_row *rows, void *settings, int argc, char **argv,
                  struct option_result *result);

/* The row of this name, or NULL. */
const struct option_row *option_find(const struct option_row *rows, const char *name);

/* "4k" -> 4000 and so on, as OPTION_NUMBER; false when `text` is no such number. */
bool option_number_parse(const char *text, uint64_t *to);

/* How many single edits (with swaps) make one word the other. */
unsigned option_distance(const char *a, const char *b);
/* True when `a` is near enough to `b` to be a slip of the finger. */
bool option_near(const char *a, const char *b);

/* The option part of a help text, one row each, wrapped at 80 columns. */
void options_help(const struct option_row *rows, FILE *to);

#endif

/* monitors/lib/options.c -- the options that a nester takes: its own, told by itself, and those
 * that any nester has for its children (nester.c). One that it does not know ends it, with the
 * list: a misspelt one must not be taken for its default. SPDX-License-Identifier: MIT */
#include "monitors/lib/nester.h"

static const struct mon_option_text common[] = {
    {"memory=BYTES", "at most so much memory for each child"},
    {"objects=BYTES", "so much kernel memory for each child"},
    {"cpu=N", "at most so many thousandths of the CPU for each child"},
    {"files=BYTES", "at most so much stored in files by each child"},
    {0},
};
static bool checked;

static bool is_listed(const struct mon_option_text *list, const char *arg)
{
    for (; list && list->written; list++)
        if (!strncmp(list->written, arg, strcspn(list->written, "=") + 1))
            return true;
    return false;
}

static void print_list(const struct mon_option_text *list)
{
    for (; list && list->written; list++)
        fprintf(stderr, "  %-14s %s\n", list->written, list->text);
}

void mon_options(const struct mon_option_text *list)
{
    for (int i = 1; i < mon.argc && !checked; i++) {
        if (is_listed(list, mon.argv[i]) || is_listed(common, mon.argv[i]))
            continue;
        fprintf(stderr,
                "%s: '%s' is no option of it. Options, written %s(key=value,...)/PROGRAM:\n",
                mon.argv[0], mon.argv[i], mon.argv[0]);
        print_list(list);
        print_list(common);
        exit(EXIT_FAILURE);
    }
    checked = true;
}

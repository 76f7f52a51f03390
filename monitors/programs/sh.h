/* monitors/programs/sh.h -- the shell's line, taken apart: sh_parse.c makes it, sh.c runs it.
 *   line     = pipeline { (";" | "&") [ pipeline ] }
 *   pipeline = command { "|" command }        "&" behind it: nobody waits for it
 *   command  = word { word | "<" word | ">" word | ">>" word }
 * A word ends at a blank or an operator; '...' and "..." keep them; $? is the last exit status; #
 * begins a comment. SPDX-License-Identifier: MIT */
#ifndef MONITORS_PROGRAMS_SH_H
#define MONITORS_PROGRAMS_SH_H

#include "monitors/lib/mon.h"

#define SH_LINE     1024
#define SH_WORDS    32
#define SH_COMMANDS 8

struct sh_command {
    char *word[SH_WORDS + 1]; /* a NULL after the last */
    unsigned words;
    const char *in, *out; /* paths, NULL = as they are */
    bool append;
};

struct sh_pipeline {
    struct sh_command command[SH_COMMANDS];
    unsigned commands;
    bool background;
};

struct sh_parser {
    const char *at;
    char text[SH_LINE * 2]; /* the words */
    size_t used;
    int status; /* for $? */
};

/* The next pipeline of the line: 1, or 0 at its end; -1 = *wrong says what is wrong with it. */
int sh_parse(struct sh_parser *parser, struct sh_pipeline *pipeline, const char **wrong);

#endif

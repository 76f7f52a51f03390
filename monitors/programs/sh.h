/* monitors/programs/sh.h -- the shell's line, taken apart: sh_parse.c makes it, sh.c runs it.
 *   line     = pipeline { (";" | "&" | "&&" | "||") [ pipeline ] }
 *   pipeline = command { "|" command }        "&" behind it: nobody waits for it
 *   command  = word { word | [ n ] ("<" | ">" | ">>") word | [ n ] (">&" | "<&") (m | "-") }
 * n and m are numbers of descriptors; without n it is 0 for input, 1 for output. A word ends at a
 * blank or an operator; '...' and "..." keep them; $? is the last exit status; # begins a comment.
 * SPDX-License-Identifier: MIT */
#ifndef MONITORS_PROGRAMS_SH_H
#define MONITORS_PROGRAMS_SH_H

#include "monitors/lib/mon.h"

#define SH_LINE     1024
#define SH_WORDS    32
#define SH_COMMANDS 8
#define SH_FILES    8

/* Descriptor `to` becomes a file, or with no path a copy of descriptor `from`, -1 = closed. */
struct sh_redirection {
    unsigned to;
    int from;
    const char *path;
    uint64_t flags;
};

struct sh_command {
    char *word[SH_WORDS + 1]; /* a NULL after the last */
    unsigned words;
    struct sh_redirection file[SH_FILES];
    unsigned files;
};

struct sh_pipeline {
    struct sh_command command[SH_COMMANDS];
    unsigned commands;
    bool background;
    enum { SH_ALWAYS, SH_IF_GOOD, SH_IF_BAD } when; /* by the status of what was before it */
};

struct sh_parser {
    const char *at;
    char text[SH_LINE * 2]; /* the words */
    size_t used;
    int when;   /* of the next pipeline */
    int status; /* for $? */
};

/* The next pipeline of the line: 1, or 0 at its end; -1 = *wrong says what is wrong with it. */
int sh_parse(struct sh_parser *parser, struct sh_pipeline *pipeline, const char **wrong);

#endif

/* monitors/lib/nest.h -- the language of nests, outermost first:
 *   nest    = part { "/" part }
 *   part    = name [ "(" [ key "=" value { "," key "=" value } ] ")" ] [ "*" count ]
 *           | "[" nest { "," nest } "]"          siblings; only as the last part
 * A name is letters, digits, "_", "-", "."; a value is anything but , ( ) / [ ] * blanks and
 * quotes, or anything between quotes. Blanks may stand between all of these. Each level takes the
 * first part and hands on the rest, so nobody needs the whole tree. Compiled for the machine and
 * for `flatfish run`, which checks before it boots anything. SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_NEST_H
#define MONITORS_LIB_NEST_H

#include <stdbool.h>
#include <stddef.h>

#define NEST_NAME   23   /* bytes of a name */
#define NEST_REPEAT 1000 /* count at most */
#define NEST_DEEP   16   /* brackets within brackets */
#define NEST_MAX    4096 /* bytes of a nest */

struct nest_error {
    size_t at; /* which character is wrong */
    const char *text;
};

/* One part, taken from the front. Pointers are into the text that was given. */
struct nest_part {
    char name[NEST_NAME + 1];
    const char *options; /* between the parentheses; NULL = none */
    size_t options_length;
    unsigned count;   /* of *count, 1 without */
    const char *rest; /* after the "/"; "" = nothing */
};

/* The whole text: true = fine. */
bool nest_check(const char *text, struct nest_error *error);
/* How many siblings begin here: 1, or the entries of a bracket. The text has been checked. */
unsigned nest_siblings(const char *text);
/* Copies the index-th of them; false = does not fit. */
bool nest_sibling(const char *text, unsigned index, char *to, size_t room);
/* The first part of one sibling. */
void nest_first(const char *text, struct nest_part *part);
/* What is below the first part: for null*3/x this is null*2/x. false = does not fit. */
bool nest_below(const char *text, char *to, size_t room);
/* The next option, as "key=value" without quotes; NULL = no more. *at is 0 at first. */
bool nest_option(const struct nest_part *part, size_t *at, char *to, size_t room);

#endif

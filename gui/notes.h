/* gui/notes.h -- bookmarks: moments with words, kept beside the trace in a text file that people
 * can read: a line each, the instruction count, a blank, the words. SPDX-License-Identifier: MIT */
#ifndef GUI_NOTES_H
#define GUI_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NOTES_NAME ".flatfish-notes"
enum { NOTE_WORDS = 200, NOTES_MAX = 1000 };

struct note {
    uint64_t at;
    char words[NOTE_WORDS];
};

struct notes {
    char path[4096];
    struct note *note; /* by time */
    unsigned n;
};

/* Those of the trace in `dir`; none when there are none. NULL: they are kept nowhere. False when
 * memory is out. */
bool notes_open(struct notes *notes, const char *dir);
void notes_close(struct notes *notes);
/* Adds one, or with no words removes the one there is, and saves. False with a line. */
bool notes_set(struct notes *notes, uint64_t at, const char *words, char *err, size_t max);
/* The first after `at`, or the first of all; NULL = there are none. */
const struct note *notes_next(const struct notes *notes, uint64_t at);
const struct note *notes_at(const struct notes *notes, uint64_t at);

#endif

/* gui/notes.c -- bookmarks in memory and on disk; see notes.h.
 * The file is replaced as a whole. Lines that are no notes are dropped, too long ones cut.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gui/notes.h"

static unsigned place(const struct notes *notes, uint64_t at)
{
    unsigned n = 0;

    while (n < notes->n && notes->note[n].at < at)
        n++;
    return n;
}

const struct note *notes_at(const struct notes *notes, uint64_t at)
{
    unsigned n = place(notes, at);

    return n < notes->n && notes->note[n].at == at ? &notes->note[n] : NULL;
}

static void insert(struct notes *notes, uint64_t at, const char *words)
{
    unsigned n = place(notes, at);

    if (!notes_at(notes, at)) {
        if (notes->n == NOTES_MAX)
            return;
        memmove(&notes->note[n + 1], &notes->note[n], (notes->n - n) * sizeof *notes->note);
        notes->n++;
    }
    notes->note[n].at = at;
    snprintf(notes->note[n].words, NOTE_WORDS, "%s", words);
}

static void take_out(struct notes *notes, uint64_t at)
{
    unsigned n = place(notes, at);

    if (!notes_at(notes, at))
        return;
    notes->n--;
    memmove(&notes->note[n], &notes->note[n + 1], (notes->n - n) * sizeof *notes->note);
}

static void read_line(struct notes *notes, char *line)
{
    char *end;
    uint64_t at = strtoull(line, &end, 10);

    line[strcspn(line, "\r\n")] = 0;
    if (end != line && *end == ' ' && end[1])
        insert(notes, at, end + 1);
}

bool notes_open(struct notes *notes, const char *dir)
{
    char line[NOTE_WORDS + 32];
    FILE *f;

    *notes = (struct notes){.note = calloc(NOTES_MAX, sizeof *notes->note)};
    if (!notes->note)
        return false;
    if (!dir)
        return true;
    snprintf(notes->path, sizeof notes->path, "%s/%s", dir, NOTES_NAME);
    f = fopen(notes->path, "re");
    for (unsigned lines = 0; f && lines < 2 * NOTES_MAX && fgets(line, sizeof line, f); lines++)
        read_line(notes, line);
    if (f)
        fclose(f);
    return true;
}

void notes_close(struct notes *notes)
{
    free(notes->note);
    notes->note = NULL;
    notes->n = 0;
}

static bool save(const struct notes *notes)
{
    char temp[sizeof notes->path + 8];
    bool good = true;
    FILE *f;

    if (!notes->n)
        return unlink(notes->path) == 0 || errno == ENOENT;
    snprintf(temp, sizeof temp, "%s.part", notes->path);
    f = fopen(temp, "we");
    for (unsigned i = 0; f && i < notes->n; i++)
        good &= fprintf(f, "%" PRIu64 " %s\n", notes->note[i].at, notes->note[i].words) > 0;
    good = f && fclose(f) == 0 && good && rename(temp, notes->path) == 0;
    if (!good)
        unlink(temp);
    return good;
}

bool notes_set(struct notes *notes, uint64_t at, const char *words, char *err, size_t max)
{
    if (*words)
        insert(notes, at, words);
    else
        take_out(notes, at);
    if (!notes->path[0] || save(notes))
        return true;
    snprintf(err, max, "cannot write %.200s: %s", notes->path, strerror(errno));
    return false;
}

const struct note *notes_next(const struct notes *notes, uint64_t at)
{
    unsigned n = place(notes, at + 1);

    return !notes->n ? NULL : &notes->note[n < notes->n ? n : 0];
}

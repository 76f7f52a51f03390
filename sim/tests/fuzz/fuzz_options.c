/* sim/tests/fuzz/fuzz_options.c -- libFuzzer target: whatever words stand on the command line, the
 * options parser either refuses with one printable line or gives settings that keep their promise:
 * numbers inside their range, strings out of argv, never more list entries than there is room.
 * Input: words, each ending with a NUL.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/cli/options.h"
#include "sim/tests/options_rows.h"

enum { WORDS = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void must(bool held)
{
    if (!held)
        abort();
}

static void check_number(struct option_number n, uint64_t min, uint64_t max)
{
    must(!n.given || (n.n >= min && n.n <= max));
}

static void check_string(const char *s, const char *words, size_t n)
{
    must(!s || strcmp(s, "none") == 0 || (s >= words && s < words + n));
}

static void check_error(const char *line)
{
    must(*line != 0);
    for (; *line; line++)
        must((unsigned char)*line >= ' ' && *line != 127);
}

static void check_settings(const struct settings *s, const char *words, size_t n)
{
    check_number(s->small, 3, 9);
    check_number(s->mem, 16, 3072);
    check_number(s->seconds, 1, 1000000);
    check_string(s->file, words, n);
    check_string(s->text, words, n);
    check_string(s->maybe, words, n);
    must(!s->file || *s->file);
    must(s->list.count <= OPTION_LIST_MAX);
    for (unsigned i = 0; i < s->list.count; i++)
        check_string(s->list.value[i], words, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct settings settings = {.flag = false};
    struct option_result result;
    char *words = malloc(n + 1), *argv[WORDS];
    int argc = 0, args;

    must(words != NULL);
    memcpy(words, bytes, n);
    words[n] = 0;
    for (size_t at = 0; at < n && argc < WORDS; at += strlen(words + at) + 1)
        argv[argc++] = words + at;
    args = options_parse(rows, &settings, argc, argv, &result);
    if (args < 0)
        check_error(result.error);
    else
        must(args <= argc && !result.error[0]);
    check_settings(&settings, words, n + 1);
    free(words);
    return 0;
}

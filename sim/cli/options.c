/* sim/cli/options.c -- the table-driven parser of long options and its help text.
 * Everything in argv is hostile: no length is trusted, no value is used before it is checked.
 * Called by main.c for every command, and by the fuzz target.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/options.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

enum { WORD_MAX = 40, HELP_COLUMN = 26, HELP_WIDTH = 80 };

static int fail(struct option_result *result, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Control characters would let a value forge lines or colour the terminal. */
static void clean(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = '?';
    }
}

static int fail(struct option_result *result, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(result->error, sizeof result->error, format, ap);
    va_end(ap);
    clean(result->error);
    return -1;
}

/* Optimal string alignment; words longer than WORD_MAX are never near anything. */
unsigned option_distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    unsigned row[3][WORD_MAX + 1];

    if (n > WORD_MAX || m > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= m; j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned *now = row[i % 3], *last = row[(i + 2) % 3], *older = row[(i + 1) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                older[j - 2] + 1 < best)
                best = older[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[n % 3][m];
}

bool option_near(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), longest = n > m ? n : m;

    if (n >= 3 && m > n && strncmp(a, b, n) == 0)
        return true;
    return option_distance(a, b) <= (longest > 4 ? 2u : 1u);
}

const struct option_row *option_find(const struct option_row *rows, const char *name)
{
    for (; rows->name; rows++) {
        if (rows->kind != OPTION_REST && strcmp(rows->name, name) == 0)
            return rows;
    }
    return NULL;
}

/* "-x": the option x; "-ex" where the table says so. */
static bool one_dash(const struct option_row *rows, const char *name)
{
    const struct option_row *row = option_find(rows, name);

    return row && (!name[1] || (row->kind == OPTION_LIST && row->min));
}

/* "-j2": the row of the one-letter option, a number, whose value is joined to it; else NULL. */
static const struct option_row *joined(const struct option_row *rows, const char *word)
{
    char name[2] = {word[1], 0};
    const struct option_row *row = option_find(rows, name);

    return row && row->kind == OPTION_NUMBER && word[2] >= '0' && word[2] <= '9' ? row : NULL;
}

static const struct option_row *rest_find(const struct option_row *rows)
{
    for (; rows->name; rows++) {
        if (rows->kind == OPTION_REST)
            return rows;
    }
    return NULL;
}

static const char *nearest(const struct option_row *rows, const char *name)
{
    const char *best = option_near(name, "help") ? "help" : NULL;

    for (; rows->name; rows++) {
        if (rows->kind != OPTION_REST && option_near(name, rows->name) &&
            (!best || option_distance(name, rows->name) < option_distance(name, best)))
            best = rows->name;
    }
    return best;
}

/* Digits into *n; returns where they end, NULL when there are none or too many. */
static const char *digits(const char *at, unsigned base, uint64_t *n)
{
    const char *start = at;

    *n = 0;
    for (; isxdigit((unsigned char)*at); at++) {
        unsigned d = *at <= '9' ? (unsigned)(*at - '0') : (unsigned)((*at | 32) - 'a' + 10);
        if (d >= base)
            break;
        if (__builtin_mul_overflow(*n, (uint64_t)base, n) || __builtin_add_overflow(*n, d, n))
            return NULL;
    }
    return at == start ? NULL : at;
}

bool option_number_parse(const char *text, uint64_t *to)
{
    static const char suffix[] = "kMGT";
    uint64_t n, unit = 1;
    bool hex = text[0] == '0' && (text[1] | 32) == 'x';
    const char *end = hex ? digits(text + 2, 16, &n) : digits(text, 10, &n);

    if (!end)
        return false;
    if (*end && !hex) {
        const char *s = strchr(suffix, *end == 'K' ? 'k' : *end);
        if (!s)
            return false;
        for (; s >= suffix; s--)
            unit *= 1000;
        end++;
    }
    if (*end || __builtin_mul_overflow(n, unit, &n))
        return false;
    *to = n;
    return true;
}

static bool memory_parse(const char *text, uint64_t *to)
{
    uint64_t n;
    const char *end = digits(text, 10, &n);

    if (!end)
        return false;
    if ((*end | 32) == 'g' && __builtin_mul_overflow(n, 1024u, &n))
        return false;
    if (*end && !strchr("MmGg", *end++))
        return false;
    if ((*end | 32) == 'i')
        end++;
    if ((*end | 32) == 'b')
        end++;
    *to = n;
    return *end == 0;
}

static bool seconds_parse(const char *text, uint64_t *to)
{
    uint64_t n, part = 0, scale = 100;
    const char *end = digits(text, 10, &n);

    if (!end || __builtin_mul_overflow(n, 1000u, &n))
        return false;
    if (*end == '.') {
        for (end++; isdigit((unsigned char)*end); end++, scale /= 10)
            part += (uint64_t)(*end - '0') * scale;
    }
    if (*end == 's')
        end++;
    *to = n + part;
    return *end == 0 && *to >= n;
}

static void range_text(const struct option_row *row, char *out, size_t max)
{
    unsigned long long low = row->min, high = row->max;
    const char *unit = row->kind == OPTION_MEMORY ? " MiB" : "";

    if (row->kind == OPTION_SECONDS)
        snprintf(out, max, "%.10g to %.10g seconds", (double)low / 1000, (double)high / 1000);
    else if (high)
        snprintf(out, max, "%llu to %llu%s", low, high, unit);
    else
        snprintf(out, max, "%llu or more%s", low, unit);
}

/* Settings begin as zeroes: what is not zero was set by the same option, further to the left. */
static bool given(const struct option_row *row, const void *at)
{
    switch (row->kind) {
    case OPTION_STRING:
    case OPTION_TEXT:
        return *(const char *const *)at != NULL;
    case OPTION_NUMBER:
    case OPTION_MEMORY:
    case OPTION_SECONDS:
        return ((const struct option_number *)at)->given;
    default:
        return false;
    }
}

static const char *dashes(const struct option_row *row)
{
    return row->name[1] ? "--" : "-";
}

static int number_set(const struct option_row *row, struct option_number *to, const char *text,
                      struct option_result *result)
{
    uint64_t n = 0;
    char range[80];
    bool good = row->kind == OPTION_NUMBER   ? option_number_parse(text, &n)
                : row->kind == OPTION_MEMORY ? memory_parse(text, &n)
                                             : seconds_parse(text, &n);

    range_text(row, range, sizeof range);
    if (!good)
        return fail(result, "%s%s: '%.60s' is not a number (%s)", dashes(row), row->name, text,
                    range);
    if (n < row->min || (row->max && n > row->max))
        return fail(result, "%s%s: %.60s is out of range (%s)", dashes(row), row->name, text,
                    range);
    *to = (struct option_number){.given = true, .n = n};
    return 0;
}

static int list_add(const struct option_row *row, struct option_list *list, const char *text,
                    struct option_result *result)
{
    if (list->count == OPTION_LIST_MAX)
        return fail(result, "%s%s: at most %d of them", dashes(row), row->name, OPTION_LIST_MAX);
    list->value[list->count++] = text;
    return 0;
}

static int value_set(const struct option_row *row, void *settings, const char *text,
                     struct option_result *result)
{
    void *to = (char *)settings + row->offset;

    if (given(row, to))
        return fail(result, "%s%s is there twice: give one value", dashes(row), row->name);
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)to = true;
        return 0;
    case OPTION_STRING:
        if (!*text)
            return fail(result, "%s%s: %s is empty", dashes(row), row->name, row->value);
        *(const char **)to = text;
        return 0;
    case OPTION_TEXT:
        *(const char **)to = text;
        return 0;
    case OPTION_LIST:
        return list_add(row, to, text, result);
    default:
        return number_set(row, to, text, result);
    }
}

static int unknown(const struct option_row *rows, const char *name, struct option_result *result)
{
    const char *near = nearest(rows, name);

    if (near)
        return fail(result, "unknown option --%.60s; did you mean --%s?", name, near);
    return fail(result, "unknown option --%.60s", name);
}

/* One option at argv[*i]; steps *i over a value that is an argument of its own. */
static int option_one(const struct option_row *rows, void *settings, int argc, char **argv, int *i,
                      struct option_result *result)
{
    char name[WORD_MAX + 1];
    const char *text = argv[*i] + (argv[*i][1] == '-' ? 2 : 1), *equals = strchr(text, '=');
    size_t n = equals ? (size_t)(equals - text) : strlen(text);
    const struct option_row *row;

    if (n > WORD_MAX)
        return fail(result, "unknown option --%.20s...", text);
    memcpy(name, text, n);
    name[n] = 0;
    if (strcmp(name, "help") == 0) {
        result->help = true;
        return equals ? fail(result, "--help takes no value") : 0;
    }
    row = option_find(rows, name);
    if (!row)
        return unknown(rows, name, result);
    if (row->kind == OPTION_FLAG && equals)
        return fail(result, "%s%s takes no value", dashes(row), name);
    if (row->kind == OPTION_FLAG || equals)
        return value_set(row, settings, equals ? equals + 1 : NULL, result);
    if (row->absent)
        return value_set(row, settings, row->absent, result);
    if (*i + 1 >= argc)
        return fail(result, "%s%s needs a value: %s%s %s", dashes(row), name, dashes(row), name,
                    row->value);
    return value_set(row, settings, argv[++*i], result);
}

/* A leading `--` is ours. */
static void rest_take(const struct option_row *row, void *settings, int argc, char **argv)
{
    struct option_rest *to = (struct option_rest *)((char *)settings + row->offset);
    int ours = argc > 0 && strcmp(argv[0], "--") == 0;

    *to = (struct option_rest){argc - ours, argv + ours};
}

int options_parse(const struct option_row *rows, void *settings, int argc, char **argv,
                  struct option_result *result)
{
    const struct option_row *rest = rest_find(rows), *row;
    int args = 0;
    bool only_args = false;

    *result = (struct option_result){.help = false};
    for (int i = 0; i < argc; i++) {
        char *word = argv[i];
        if (rest && (strcmp(word, "--") == 0 || (rest->min && args))) {
            rest_take(rest, settings, argc - i, argv + i);
            return args;
        }
        if (only_args || word[0] != '-' || word[1] == 0)
            argv[args++] = word;
        else if (strcmp(word, "--") == 0)
            only_args = true;
        else if (strcmp(word, "-h") == 0)
            result->help = true;
        else if ((row = joined(rows, word)) != NULL) {
            if (value_set(row, settings, word + 2, result) != 0)
                return -1;
        } else if (word[1] != '-' && !one_dash(rows, word + 1))
            return fail(result, "unknown option %.60s: options are long, as in --name", word);
        else if (option_one(rows, settings, argc, argv, &i, result) != 0)
            return -1;
    }
    return args;
}

/* Prints words from HELP_COLUMN to HELP_WIDTH. */
static void wrap(const char *text, FILE *to)
{
    int column = HELP_COLUMN;

    while (*text) {
        int n = (int)strcspn(text, " ");
        if (column > HELP_COLUMN && column + 1 + n > HELP_WIDTH) {
            fprintf(to, "\n%*s", HELP_COLUMN, "");
            column = HELP_COLUMN;
        }
        column += fprintf(to, "%s%.*s", column > HELP_COLUMN ? " " : "", n, text);
        text += n + (text[n] == ' ');
    }
    fputc('\n', to);
}

static void row_help(const struct option_row *row, FILE *to)
{
    char left[96];
    const char *open = row->absent ? "[=" : " ", *close = row->absent ? "]" : "";
    int n;

    if (row->value)
        n = snprintf(left, sizeof left, "  %s%s%s%s%s", dashes(row), row->name, open, row->value,
                     close);
    else
        n = snprintf(left, sizeof left, "  %s%s", dashes(row), row->name);
    if (n >= HELP_COLUMN - 1)
        fprintf(to, "%s\n%*s", left, HELP_COLUMN, "");
    else
        fprintf(to, "%-*s", HELP_COLUMN, left);
    wrap(row->help, to);
}

void options_help(const struct option_row *rows, FILE *to)
{
    static const struct option_row help = {.name = "help", .help = "Show this text."};

    for (; rows->name; rows++)
        if (rows->kind != OPTION_REST)
            row_help(rows, to);
    row_help(&help, to);
}

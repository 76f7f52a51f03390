/* monitors/programs/mk_tools.c -- what mk's rules run: a compiler for files of assignments such as
 *   v3 = v1 * 7 + v2 ;
 * from left to right, a word each, and a linker that puts the words of all files together. Both
 * read and write files, and compute. SPDX-License-Identifier: MIT */
#include "monitors/programs/mk.h"

#define VARIABLES 16
#define TERMS     6

/* ---- files ---- */

static void path_make(char *path, const char *name)
{
    snprintf(path, MK_PATH, MK_FOLDER "/%s", name);
}

FILE *mk_open(const char *name, const char *mode)
{
    char path[MK_PATH];
    path_make(path, name);
    FILE *file = fopen(path, mode);
    if (!file)
        fprintf(stderr, "mk: %s: %s\n", path, strerror(errno));
    return file;
}

void mk_remove(const char *name)
{
    char path[MK_PATH];
    path_make(path, name);
    remove(path);
}

bool mk_exists(const char *name)
{
    char path[MK_PATH];
    uint64_t type, size;
    path_make(path, name);
    return !filesystem_stat(mon.ref[PARENT_FILESYSTEM], path, &type, &size);
}

/* ---- the language: a line's text comes from its number, so it can be known without the file ----
 */

static char operator_of(uint64_t random)
{
    return "+*-^"[random & 3];
}

static uint64_t apply(uint64_t a, char operation, uint64_t b)
{
    switch (operation) {
    case '+':
        return a + b;
    case '*':
        return a * b;
    case '-':
        return a - b;
    default:
        return a ^ b;
    }
}

/* Writes the line if there is a file, works it out if there are variables. */
static void line_make(uint64_t *state, FILE *file, uint64_t *variable)
{
    uint64_t to = work_random(state) % VARIABLES, value = work_random(state) % 1000;
    if (file)
        fprintf(file, "v%lu = %lu ", to, value);
    for (uint64_t terms = work_random(state) % TERMS; terms; terms--) {
        char operation = operator_of(work_random(state) >> 4);
        uint64_t from = work_random(state) % VARIABLES;
        if (file)
            fprintf(file, "%c v%lu ", operation, from);
        if (variable)
            value = apply(value, operation, variable[from]);
    }
    if (file)
        fputs(";\n", file);
    if (variable)
        variable[to] = value;
}

void mk_source_write(uint64_t number, uint64_t lines)
{
    char name[MK_NAME];
    uint64_t state = number;
    snprintf(name, sizeof(name), "%lu.c", number);
    FILE *file = mk_open(name, "w");
    if (!file)
        exit(EXIT_FAILURE);
    for (uint64_t i = 0; i < lines; i++)
        line_make(&state, file, NULL);
    if (fclose(file))
        mon_fatal("%s: %s", name, strerror(errno));
}

uint64_t mk_expected(uint64_t files, uint64_t lines)
{
    uint64_t sum = 0;
    for (uint64_t number = 0; number < files; number++) {
        uint64_t state = number, variable[VARIABLES] = {0};
        for (uint64_t i = 0; i < lines; i++)
            line_make(&state, NULL, variable);
        sum = work_sum_bytes(sum, variable, sizeof(variable));
    }
    return sum;
}

/* ---- the compiler ---- */

/* The next word of the text, cut off with a NUL; NULL = no more. */
static char *token(char **rest)
{
    return strtok_r(NULL, " ", rest);
}

static bool operand(const char *word, const uint64_t *variable, uint64_t *value)
{
    char *end;
    if (!word)
        return false;
    uint64_t number = strtoul(word + (*word == 'v'), &end, 10);
    if (*end || (*word == 'v' && number >= VARIABLES))
        return false;
    *value = *word == 'v' ? variable[number] : number;
    return true;
}

static bool line_compile(char *line, uint64_t *variable)
{
    char *rest = line, *to = token(&rest), *word = token(&rest);
    uint64_t value, index, next;
    if (!to || *to != 'v' || !word || strcmp(word, "=") || !operand(token(&rest), variable, &value))
        return false;
    index = strtoul(to + 1, NULL, 10);
    while ((word = token(&rest)) && *word != ';') {
        if (word[1] || !operand(token(&rest), variable, &next))
            return false;
        value = apply(value, *word, next);
    }
    if (!word || index >= VARIABLES)
        return false;
    variable[index] = value;
    return true;
}

int mk_compile(const char *source, const char *object)
{
    char line[128];
    uint64_t variable[VARIABLES] = {0}, number = 0;
    FILE *in = mk_open(source, "r"), *out = mk_open(object, "w");
    if (!in || !out)
        return EXIT_FAILURE;
    while (fgets(line, sizeof(line), in)) {
        number++;
        if (!line_compile(line, variable)) {
            fprintf(stderr, "mk: %s:%lu: this is no assignment\n", source, number);
            return EXIT_FAILURE;
        }
    }
    fwrite(variable, sizeof(variable), 1, out);
    return fclose(in) || fclose(out);
}

/* ---- the linker ---- */

int mk_link(const char (*objects)[MK_NAME], unsigned count, const char *program)
{
    uint64_t variable[VARIABLES];
    FILE *out = mk_open(program, "w");
    if (!out)
        return EXIT_FAILURE;
    for (unsigned i = 0; i < count; i++) {
        FILE *in = mk_open(objects[i], "r");
        if (!in || fread(variable, sizeof(variable), 1, in) != 1)
            return EXIT_FAILURE;
        fwrite(variable, sizeof(variable), 1, out);
        fclose(in);
    }
    return fclose(out) != 0;
}

uint64_t mk_program_sum(const char *program)
{
    uint64_t variable[VARIABLES], sum = 0;
    FILE *in = mk_open(program, "r");
    if (!in)
        return 0;
    while (fread(variable, sizeof(variable), 1, in) == 1)
        sum = work_sum_bytes(sum, variable, sizeof(variable));
    fclose(in);
    return sum;
}

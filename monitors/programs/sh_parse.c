/* monitors/programs/sh_parse.c -- from a line to pipelines. Nothing is run here.
 * SPDX-License-Identifier: MIT */
#include "monitors/programs/sh.h"

static void skip_blanks(struct sh_parser *p)
{
    while (isspace(*p->at))
        p->at++;
    if (*p->at == '#')
        p->at += strlen(p->at);
}

static bool is_operator(char c)
{
    return c && strchr(";&|<>", c);
}

static bool put(struct sh_parser *p, char c)
{
    if (p->used == sizeof(p->text))
        return false;
    p->text[p->used++] = c;
    return true;
}

static bool put_status(struct sh_parser *p)
{
    char number[8];
    bool good = true;
    snprintf(number, sizeof(number), "%d", p->status);
    for (const char *c = number; *c; c++)
        good = good && put(p, *c);
    return good;
}

/* One word, its quotes taken off. NULL: there is none, or *wrong. */
static char *read_word(struct sh_parser *p, const char **wrong)
{
    char *word = p->text + p->used, quote = 0;
    const char *start;
    skip_blanks(p);
    for (start = p->at; *p->at && (quote || !(isspace(*p->at) || is_operator(*p->at))); p->at++) {
        bool good = true;
        if (*p->at == quote)
            quote = 0;
        else if (!quote && (*p->at == '\'' || *p->at == '"'))
            quote = *p->at;
        else if (quote != '\'' && *p->at == '$' && p->at[1] == '?')
            good = put_status(p), p->at++;
        else
            good = put(p, *p->at);
        if (!good)
            return *wrong = "the line is too long", NULL;
    }
    if (quote)
        return *wrong = "a quote is not closed", NULL;
    if (p->at == start || !put(p, 0))
        return NULL;
    return word;
}

/* A redirection begins here: an operator, or a digit and an operator. */
static bool is_redirection(const char *at)
{
    if (isdigit(*at))
        at++;
    return *at == '<' || *at == '>';
}

static bool read_descriptor(struct sh_parser *p, struct sh_redirection *file, const char **wrong)
{
    p->at++;
    if (*p->at != '-' && !isdigit(*p->at))
        return *wrong = "the number of a descriptor, or -, should follow &", false;
    file->from = *p->at == '-' ? -1 : *p->at - '0';
    p->at++;
    return true;
}

static bool read_redirection(struct sh_parser *p, struct sh_command *command, const char **wrong)
{
    struct sh_redirection *file = &command->file[command->files];
    if (command->files++ == SH_FILES)
        return *wrong = "a command has at most 8 redirections", false;
    *file = (struct sh_redirection){.to = *p->at != '<', .flags = FILE_READ};
    if (isdigit(*p->at))
        file->to = (unsigned)(*p->at++ - '0');
    if (*p->at++ == '>') {
        bool append = *p->at == '>';
        p->at += append;
        file->flags = FILE_WRITE | FILE_CREATE | (append ? FILE_APPEND : FILE_TRUNCATE);
    }
    if (*p->at == '&')
        return read_descriptor(p, file, wrong);
    file->path = read_word(p, wrong);
    if (!file->path && !*wrong)
        *wrong = "the name of a file should follow < or >";
    return file->path;
}

static bool read_command(struct sh_parser *p, struct sh_command *command, const char **wrong)
{
    *command = (struct sh_command){0};
    for (;;) {
        skip_blanks(p);
        if (is_redirection(p->at)) {
            if (!read_redirection(p, command, wrong))
                return false;
            continue;
        }
        char *word = read_word(p, wrong);
        if (!word)
            break;
        if (command->words == SH_WORDS)
            return *wrong = "a command has at most 32 words", false;
        command->word[command->words++] = word;
    }
    if (!*wrong && !command->words)
        *wrong = "a command should stand here";
    return !*wrong;
}

static bool read_pipeline(struct sh_parser *p, struct sh_pipeline *pipeline, const char **wrong)
{
    for (;;) {
        if (pipeline->commands == SH_COMMANDS)
            return *wrong = "at most 8 commands can be connected", false;
        if (!read_command(p, &pipeline->command[pipeline->commands++], wrong))
            return false;
        if (*p->at != '|' || p->at[1] == '|')
            return true;
        p->at++;
    }
}

int sh_parse(struct sh_parser *p, struct sh_pipeline *pipeline, const char **wrong)
{
    *wrong = NULL;
    pipeline->commands = 0;
    pipeline->background = false;
    pipeline->when = p->when;
    p->used = 0;
    skip_blanks(p);
    if (!*p->at && p->when == SH_ALWAYS)
        return 0;
    if (!read_pipeline(p, pipeline, wrong))
        return -1;
    p->when = *p->at && *p->at == p->at[1] ? (*p->at == '&' ? SH_IF_GOOD : SH_IF_BAD) : SH_ALWAYS;
    if (*p->at == ';')
        p->when = SH_ALWAYS;
    pipeline->background = *p->at == '&' && p->when == SH_ALWAYS;
    p->at += p->when != SH_ALWAYS ? 2 : *p->at != 0;
    return 1;
}

/* monitors/lib/nest.c -- reads the language of nests; nest.h has the grammar. The text comes from
 * users: everything is checked by nest_check first, the other functions only take apart what it
 * accepted. Uses nothing but the compiler. SPDX-License-Identifier: MIT */
#include "monitors/lib/nest.h"

struct reader {
    const char *text;
    size_t at;
    unsigned deep;
    struct nest_error *error;
};

static bool wrong(struct reader *r, const char *text)
{
    *r->error = (struct nest_error){r->at, text};
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '-' || c == '.';
}

static bool is_value(char c)
{
    if (c <= ' ' || c > '~')
        return false;
    for (const char *s = ",()/[]*\"'"; *s; s++)
        if (c == *s)
            return false;
    return true;
}

static void skip_blanks(struct reader *r)
{
    while (r->text[r->at] == ' ')
        r->at++;
}

static bool eat(struct reader *r, char c)
{
    skip_blanks(r);
    if (r->text[r->at] != c)
        return false;
    r->at++;
    skip_blanks(r);
    return true;
}

static bool read_name(struct reader *r, const char *missing)
{
    size_t start = r->at;
    while (is_name(r->text[r->at]))
        r->at++;
    if (r->at == start)
        return wrong(r, missing);
    if (r->at - start <= NEST_NAME)
        return true;
    r->at = start + NEST_NAME;
    return wrong(r, "a name has at most 23 characters");
}

static bool read_value(struct reader *r)
{
    char quote = r->text[r->at];
    size_t start = r->at;
    if (quote != '"' && quote != '\'') {
        while (is_value(r->text[r->at]))
            r->at++;
        return r->at > start || wrong(r, "a value should stand here");
    }
    for (r->at++; r->text[r->at] != quote; r->at++)
        if (!r->text[r->at])
            return wrong(r, "the quotes are not closed");
    r->at++;
    return true;
}

static bool read_options(struct reader *r)
{
    if (eat(r, ')'))
        return true;
    do {
        if (!read_name(r, "an option, key=value, should stand here"))
            return false;
        if (!eat(r, '='))
            return wrong(r, "an option is written key=value");
        if (!read_value(r))
            return false;
    } while (eat(r, ','));
    return eat(r, ')') || wrong(r, "a ) or a , should stand here");
}

static bool read_count(struct reader *r, unsigned *count)
{
    size_t start = r->at;
    unsigned value = 0;
    for (; is_digit(r->text[r->at]); r->at++) {
        value = value * 10 + (unsigned)(r->text[r->at] - '0');
        if (value > NEST_REPEAT)
            return wrong(r, "a repetition is at most *1000");
    }
    *count = value;
    return (r->at > start && value) || wrong(r, "a number from 1 should follow the *");
}

static bool read_nest(struct reader *r);

static bool read_siblings(struct reader *r)
{
    if (++r->deep > NEST_DEEP)
        return wrong(r, "brackets are nested too deep");
    do {
        skip_blanks(r);
        if (r->text[r->at] == '[')
            return wrong(r,
                         "brackets directly within brackets; write what is in them without them");
        if (!read_nest(r))
            return false;
    } while (eat(r, ','));
    r->deep--;
    if (!eat(r, ']'))
        return wrong(r, "a ] or a , should stand here");
    return r->text[r->at] != '/' || wrong(r, "nothing can be below siblings");
}

static bool read_part(struct reader *r)
{
    unsigned count;
    if (!read_name(r, "the name of a program should stand here"))
        return false;
    if (eat(r, '(') && !read_options(r))
        return false;
    return !eat(r, '*') || read_count(r, &count);
}

static bool read_nest(struct reader *r)
{
    for (;;) {
        skip_blanks(r);
        if (eat(r, '['))
            return read_siblings(r);
        if (!read_part(r))
            return false;
        if (!eat(r, '/'))
            return true;
    }
}

bool nest_check(const char *text, struct nest_error *error)
{
    struct reader r = {text, 0, 0, error};
    if (!read_nest(&r))
        return false;
    skip_blanks(&r);
    if (r.text[r.at])
        return wrong(&r, "a / and what is below should stand here");
    if (r.at < NEST_MAX)
        return true;
    return wrong(&r, "the nest is longer than 4095 characters");
}

/* ---- taking apart what was found to be right ---- */

/* Where the entry of a bracket, or a whole nest, that begins at `at` ends. */
static size_t entry_end(const char *text, size_t at)
{
    char quote = 0;
    for (int deep = 0; text[at]; at++) {
        char c = text[at];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '[' || c == '(')
            deep++;
        else if (!deep && (c == ',' || c == ']'))
            break;
        else if (c == ']' || c == ')')
            deep--;
    }
    return at;
}

static size_t after_blanks(const char *text, size_t at)
{
    while (text[at] == ' ')
        at++;
    return at;
}

static bool copy(char *to, size_t room, size_t *used, const char *from, size_t length)
{
    if (length >= room - *used)
        return false;
    for (size_t i = 0; i < length; i++)
        to[(*used)++] = from[i];
    to[*used] = 0;
    return true;
}

/* The start of the index-th sibling; its end is where entry_end says. false = there are fewer. */
static bool sibling_start(const char *text, unsigned index, size_t *at)
{
    *at = after_blanks(text, 0);
    if (text[*at] != '[')
        return !index;
    ++*at;
    for (; index; index--) {
        *at = entry_end(text, *at);
        if (text[*at] != ',')
            return false;
        ++*at;
    }
    *at = after_blanks(text, *at);
    return true;
}

unsigned nest_siblings(const char *text)
{
    unsigned count = 1;
    size_t at;
    while (sibling_start(text, count, &at))
        count++;
    return count;
}

bool nest_sibling(const char *text, unsigned index, char *to, size_t room)
{
    size_t at, used = 0;
    return sibling_start(text, index, &at) &&
           copy(to, room, &used, text + at, entry_end(text, at) - at);
}

void nest_first(const char *text, struct nest_part *part)
{
    struct nest_error error;
    struct reader r = {text, after_blanks(text, 0), 0, &error};
    size_t start = r.at, used = 0;
    *part = (struct nest_part){.count = 1};
    read_name(&r, "");
    copy(part->name, sizeof(part->name), &used, text + start, r.at - start);
    if (eat(&r, '(')) {
        part->options = text + r.at;
        read_options(&r);
        size_t end = r.at;
        while (text[end - 1] != ')')
            end--;
        part->options_length = (size_t)(text + end - 1 - part->options);
    }
    if (eat(&r, '*'))
        read_count(&r, &part->count);
    part->rest = eat(&r, '/') ? text + r.at : "";
}

bool nest_below(const char *text, char *to, size_t room)
{
    struct nest_part part;
    size_t used = 0, digits = 0;
    char number[12];
    nest_first(text, &part);
    to[0] = 0;
    if (part.count > 1) {
        if (!copy(to, room, &used, part.name, __builtin_strlen(part.name)))
            return false;
        if (part.options && (!copy(to, room, &used, "(", 1) ||
                             !copy(to, room, &used, part.options, part.options_length) ||
                             !copy(to, room, &used, ")", 1)))
            return false;
        for (unsigned n = part.count - 1; n; n /= 10)
            number[sizeof(number) - ++digits] = (char)('0' + n % 10);
        if (!copy(to, room, &used, "*", 1) ||
            !copy(to, room, &used, number + sizeof(number) - digits, digits))
            return false;
        if (*part.rest && !copy(to, room, &used, "/", 1))
            return false;
    }
    return copy(to, room, &used, part.rest, __builtin_strlen(part.rest));
}

bool nest_option(const struct nest_part *part, size_t *at, char *to, size_t room)
{
    size_t used = 0;
    char quote = 0;
    to[0] = 0;
    if (!part->options || *at >= part->options_length)
        return false;
    for (; *at < part->options_length; ++*at) {
        char c = part->options[*at];
        if (quote && c == quote)
            quote = 0;
        else if (!quote && (c == '"' || c == '\''))
            quote = c;
        else if (!quote && c == ',')
            break;
        else if ((quote || c != ' ') && !copy(to, room, &used, &c, 1))
            return false;
    }
    ++*at;
    return used;
}

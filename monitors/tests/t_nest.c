/* The grammar of nests: what is right is taken apart as written, what is wrong is told with the
 * place of the first wrong character, and no text whatever is read beyond its end.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitors/lib/nest.h"

static int failed;

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            printf("FAIL %s:%d: %s\n", __FILE__, __LINE__, #cond);                                 \
            failed = 1;                                                                            \
        }                                                                                          \
    } while (0)

static const struct {
    const char *text;
    size_t at;
} wrong[] = {{"", 0},        {"/a", 0},       {"a/", 2},
             {"a//b", 2},    {"a b", 2},      {"a(", 2},
             {"a(x", 3},     {"a(x=", 4},     {"a(x=1", 5},
             {"a(x=1,", 6},  {"a(x=1)b", 6},  {"a*", 2},
             {"a*0", 3},     {"a*x/b", 2},    {"a*1001", 5},
             {"[a", 2},      {"[a,", 3},      {"[]", 1},
             {"[a]/b", 3},   {"[a]b", 3},     {"a/[b,]", 5},
             {"a(x='1)", 7}, {"a(=1)", 2},    {"a*2*3", 3},
             {"a)", 1},      {"[a/[b]", 6},   {"a(x=1,,)", 6},
             {"a\tb", 1},    {"a(x=1 2)", 6}, {"abcdefghijklmnopqrstuvwx", 23},
             {"a,b", 1},     {"a]", 1},       {"a*99999999999", 5},
             {"[[a]]", 1},   {"[a, [b]]", 4}, {"a/[b/c, [d,e]]", 8}};

static const char *const right[] = {"a",
                                    "a/b",
                                    "a*3/b",
                                    "a(x=1)",
                                    "a( x = 1 , y = 2 ) * 2 / b",
                                    "[a]",
                                    "[a, b]",
                                    "a/[b/c, f/[d,e]]",
                                    "a(x='1,2)/[')",
                                    "a(x=\"\")/b",
                                    "A-b_c.d0/x",
                                    "a()",
                                    "a*1000",
                                    " a / b ",
                                    "procmgr/pager(frames=64)/memtest"};

static void test_errors(void)
{
    struct nest_error error;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        error.at = 999;
        if (nest_check(wrong[i].text, &error) || error.at != wrong[i].at || !error.text) {
            printf("FAIL '%s': at %zu, not %zu\n", wrong[i].text, error.at, wrong[i].at);
            failed = 1;
        }
    }
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        if (!nest_check(right[i], &error)) {
            printf("FAIL '%s': %s at %zu\n", right[i], error.text, error.at);
            failed = 1;
        }
}

static void test_parts(void)
{
    struct nest_part part;
    char text[64];
    size_t at = 0;
    nest_first("pager(frames=64, order='a, b')*3/x/y", &part);
    CHECK(!strcmp(part.name, "pager") && part.count == 3 && !strcmp(part.rest, "x/y"));
    CHECK(nest_option(&part, &at, text, sizeof text) && !strcmp(text, "frames=64"));
    CHECK(nest_option(&part, &at, text, sizeof text) && !strcmp(text, "order=a, b"));
    CHECK(!nest_option(&part, &at, text, sizeof text));
    CHECK(nest_below("null*3/x", text, sizeof text) && !strcmp(text, "null*2/x"));
    CHECK(nest_below("null*2/x", text, sizeof text) && !strcmp(text, "null*1/x"));
    CHECK(nest_below("null*1/x", text, sizeof text) && !strcmp(text, "x"));
    CHECK(nest_below("a(x=')/')*2/y", text, sizeof text) && !strcmp(text, "a(x=')/')*1/y"));
    CHECK(nest_below("a", text, sizeof text) && !*text);
    CHECK(nest_below("a*2", text, sizeof text) && !strcmp(text, "a*1"));
    CHECK(!nest_below("null*3/abcdef", text, 8));
}

static void test_siblings(void)
{
    char text[64];
    CHECK(nest_siblings("a/[b,c]") == 1 && nest_siblings("[a]") == 1);
    CHECK(nest_siblings("[a, b(x=1,y=2)/[c,d], 'x']") == 3);
    CHECK(nest_sibling("[ a, b(x=']')/[c,d]]", 1, text, sizeof text));
    CHECK(!strcmp(text, "b(x=']')/[c,d]"));
    CHECK(nest_sibling("a/b", 0, text, sizeof text) && !strcmp(text, "a/b"));
    CHECK(!nest_sibling("[a,b]", 2, text, sizeof text));
    CHECK(!nest_sibling("[abcdefgh]", 0, text, 4));
}

/* Random texts of the grammar's characters, each in memory of its exact size: with the address
 * sanitizer or without, nothing hangs, and what is right can be taken apart to its end. */
static void test_random(void)
{
    static const char chars[] = "ab/*(=,)[]'\" 19";
    unsigned accepted = 0;
    srand(1);
    for (int i = 0; i < 400000; i++) {
        size_t length = (size_t)(rand() % 14);
        char *text = malloc(length + 1), *below = malloc(NEST_MAX);
        for (size_t k = 0; k < length; k++)
            text[k] = chars[(unsigned)rand() % (sizeof chars - 1)];
        text[length] = 0;
        struct nest_error error;
        struct nest_part part;
        if (nest_check(text, &error)) {
            accepted++;
            for (unsigned k = 0; k < nest_siblings(text); k++) {
                CHECK(nest_sibling(text, k, below, NEST_MAX));
                CHECK(nest_check(below, &error));
                nest_first(below, &part);
            }
        } else {
            CHECK(error.at <= length);
        }
        free(text);
        free(below);
    }
    CHECK(accepted > 1000);
}

int main(void)
{
    test_errors();
    test_parts();
    test_siblings();
    test_random();
    if (!failed)
        puts("PASS");
    return failed;
}

/* sim/tests/t_options.c -- the options parser: what it accepts, what it refuses and how it says so.
 * SPDX-License-Identifier: MIT */
#include <string.h>

#include "sim/cli/options.h"
#include "sim/tests/check.h"
#include "sim/tests/options_rows.h"

/* Words for somebody else: after `--`, or after the first argument as well. */
struct rest_settings {
    bool flag;
    struct option_rest rest;
};

static const struct option_row after_dashes[] = {
    {"flag", NULL, OPTION_FLAG, offsetof(struct rest_settings, flag), 0, 0, NULL, "A flag."},
    {"", NULL, OPTION_REST, offsetof(struct rest_settings, rest), 0, 0, NULL, ""},
    {.name = NULL},
};

static const struct option_row after_first[] = {
    {"flag", NULL, OPTION_FLAG, offsetof(struct rest_settings, flag), 0, 0, NULL, "A flag."},
    {"", NULL, OPTION_REST, offsetof(struct rest_settings, rest), 1, 0, NULL, ""},
    {.name = NULL},
};

static struct settings s;
static struct option_result result;
static char *argv[256];

static int parse(int argc, const char *const *words)
{
    memset(&s, 0, sizeof s);
    for (int i = 0; i < argc; i++)
        argv[i] = (char *)(uintptr_t)words[i];
    return options_parse(rows, &s, argc, argv, &result);
}

#define PARSE(...)                                                                                 \
    parse((int)(sizeof(const char *[]){__VA_ARGS__} / sizeof(const char *)),                       \
          (const char *[]){__VA_ARGS__})

#define REFUSED(words, ...) (PARSE(__VA_ARGS__) == -1 && strstr(result.error, words) != NULL)

static void test_rest(void)
{
    char *words[] = {"a", "--flag", "--", "--flag", "b"};
    struct rest_settings r = {false, {0, NULL}};

    CHECK(options_parse(after_dashes, &r, 5, words, &result) == 1 && r.flag);
    CHECK(r.rest.argc == 2 && strcmp(r.rest.argv[0], "--flag") == 0);
    char *more[] = {"a", "--flag", "--help"};
    r = (struct rest_settings){false, {0, NULL}};
    CHECK(options_parse(after_first, &r, 3, more, &result) == 1 && !r.flag && !result.help);
    CHECK(r.rest.argc == 2 && strcmp(r.rest.argv[1], "--help") == 0);
    char *ours[] = {"a", "--", "x"};
    CHECK(options_parse(after_first, &r, 3, ours, &result) == 1 && r.rest.argc == 1);
}

static void test_accepted(void)
{
    CHECK(PARSE("--flag", "a", "--file", "f", "b") == 2 && s.flag);
    CHECK(strcmp(argv[0], "a") == 0 && strcmp(argv[1], "b") == 0 && strcmp(s.file, "f") == 0);
    CHECK(PARSE("--file=x=y") == 0 && strcmp(s.file, "x=y") == 0);
    CHECK(PARSE("--file", "--flag") == 0 && strcmp(s.file, "--flag") == 0 && !s.flag);
    CHECK(PARSE("--", "--flag") == 1 && !s.flag && strcmp(argv[0], "--flag") == 0);
    CHECK(PARSE("-") == 1);
    CHECK(PARSE("--text=") == 0 && s.text && !*s.text);
    CHECK(PARSE("--maybe", "x") == 1 && strcmp(s.maybe, "none") == 0);
    CHECK(PARSE("--maybe=x") == 0 && strcmp(s.maybe, "x") == 0);
    CHECK(PARSE("--list", "1", "--list=2") == 0 && s.list.count == 2);
    CHECK(PARSE("-h") == 0 && result.help);
    CHECK(PARSE("--help", "x") == 1 && result.help);
    CHECK(PARSE("--flag", "--flag") == 0 && s.flag);
}

static void test_numbers(void)
{
    CHECK(PARSE("--number", "0") == 0 && s.n.given && s.n.n == 0);
    CHECK(PARSE("--number=12k") == 0 && s.n.n == 12000);
    CHECK(PARSE("--number=3M") == 0 && s.n.n == 3000000);
    CHECK(PARSE("--number=2G") == 0 && s.n.n == 2000000000);
    CHECK(PARSE("--number=0x1fF") == 0 && s.n.n == 0x1ff);
    CHECK(PARSE("--number=18446744073709551615") == 0 && s.n.n == UINT64_MAX);
    CHECK(PARSE("--mem=64") == 0 && s.mem.n == 64);
    CHECK(PARSE("--mem=64M") == 0 && s.mem.n == 64);
    CHECK(PARSE("--mem=1GiB") == 0 && s.mem.n == 1024);
    CHECK(PARSE("--mem=16MiB") == 0 && s.mem.n == 16);
    CHECK(PARSE("--mem=3g") == 0 && s.mem.n == 3072);
    CHECK(REFUSED("is not a number", "--mem=16k") && REFUSED("is not a number", "--mem=16i") &&
          REFUSED("is not a number", "--mem=16b") && REFUSED("is not a number", "--mem=0.5G"));
    CHECK(PARSE("--seconds=1.5") == 0 && s.seconds.n == 1500);
    CHECK(PARSE("--seconds=0.0005", "x") == -1);
    CHECK(PARSE("--seconds=2s") == 0 && s.seconds.n == 2000);
}

static void test_refused(void)
{
    CHECK(REFUSED("unknown option --flga; did you mean --flag?", "--flga"));
    CHECK(REFUSED("unknown option --fil; did you mean --file?", "--fil=x"));
    CHECK(REFUSED("unknown option --elephant", "--elephant") && !strstr(result.error, "mean"));
    CHECK(REFUSED("unknown option -x", "-x"));
    CHECK(REFUSED("unknown option --", "--=x"));
    CHECK(REFUSED("needs a value", "--file"));
    CHECK(REFUSED("is empty", "--file="));
    CHECK(REFUSED("takes no value", "--flag=1") && REFUSED("takes no value", "--help=x"));
    CHECK(REFUSED("is not a number", "--number", "-1"));
    CHECK(REFUSED("is not a number", "--number", ""));
    CHECK(REFUSED("is not a number", "--number", "12q"));
    CHECK(REFUSED("is not a number", "--number", "0x"));
    CHECK(REFUSED("is not a number", "--number", "0x1k"));
    CHECK(REFUSED("is not a number", "--number", "1kk"));
    CHECK(REFUSED("is not a number", "--number", "18446744073709551616"));
    CHECK(REFUSED("is not a number", "--number", "99999999999999999T"));
    CHECK(REFUSED("--number is there twice", "--number", "0", "--number=0"));
    CHECK(REFUSED("--file is there twice", "--file=a", "--flag", "--file", "b"));
    CHECK(REFUSED("--text is there twice", "--text=", "--text="));
    CHECK(REFUSED("--maybe is there twice", "--maybe", "--maybe=x"));
    CHECK(REFUSED("--mem is there twice", "--mem=16", "--mem=16"));
    CHECK(REFUSED("--seconds is there twice", "--seconds=1", "--seconds=2"));
    CHECK(REFUSED("3 to 9", "--small", "2") && REFUSED("3 to 9", "--small", "10"));
    CHECK(REFUSED("16 to 3072 MiB", "--mem", "4G"));
    CHECK(REFUSED("is not a number", "--mem", "64k"));
    CHECK(REFUSED("is not a number", "--mem", "99999999999999999999G"));
    CHECK(REFUSED("is not a number", "--seconds", "1.x"));
    CHECK(REFUSED("out of range", "--seconds", "0"));
}

static void test_hostile(void)
{
    static char name[5000] = "--";
    const char *many[2 * (OPTION_LIST_MAX + 1)];

    memset(name + 2, 'a', sizeof name - 3);
    CHECK(REFUSED("unknown option", name));
    memcpy(name, "--number=", 9);
    CHECK(REFUSED("is not a number", name));
    CHECK(REFUSED("unknown option", "--\033[31m\n"));
    CHECK(!strchr(result.error, '\n') && !strchr(result.error, '\033'));
    for (unsigned i = 0; i <= OPTION_LIST_MAX; i++) {
        many[2 * i] = "--list";
        many[2 * i + 1] = "x";
    }
    CHECK(parse(2 * OPTION_LIST_MAX, many) == 0 && s.list.count == OPTION_LIST_MAX);
    CHECK(parse(2 * OPTION_LIST_MAX + 2, many) == -1 && strstr(result.error, "at most"));
}

static void test_distance(void)
{
    CHECK(option_distance("run", "run") == 0);
    CHECK(option_distance("", "abc") == 3);
    CHECK(option_distance("kernel", "kernal") == 1);
    CHECK(option_distance("stats", "statss") == 1);
    CHECK(option_distance("trace", "rtace") == 1);
    CHECK(option_near("snap", "snapshots") && !option_near("run", "bench"));
}

int main(void)
{
    test_accepted();
    test_rest();
    test_numbers();
    test_refused();
    test_hostile();
    test_distance();
    return check_report("t_options");
}

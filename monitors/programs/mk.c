/* monitors/programs/mk.c -- a make-like job. Before the measured region it writes sources and a
 * file of rules; then it reads the rules and makes what is not there yet, each target by a process
 * of its own, up to `jobs` at the same time, and checks what came out. A rule is a line "target:
 * needed needed ..." and a line with a tab and the tool: compile or link. SPDX-License-Identifier:
 * MIT */
#include "monitors/programs/mk.h"

enum { FILES, LINES, JOBS };
#define RULES_MAX 65
#define RULES     "rules"
#define PROGRAM   "program"

static struct work_option options[] = {
    [FILES] = {"files", 6, 1, RULES_MAX - 1, "sources to compile"},
    [LINES] = {"lines", 100, 1, 100000, "lines of each"},
    [JOBS] = {"jobs", 2, 1, 16, "processes at the same time"},
    {0},
};

struct rule {
    char target[MK_NAME], tool[MK_NAME];
    char needed[RULES_MAX][MK_NAME];
    unsigned needs;
    uint64_t pid; /* of the process that makes it */
    bool done;
};

static struct rule *rules;
static unsigned rule_count, running, made;

/* ---- the rules ---- */

static void rules_write(void)
{
    FILE *file = mk_open(RULES, "w");
    if (!file)
        exit(EXIT_FAILURE);
    fputs(PROGRAM ":", file);
    for (uint64_t i = 0; i < options[FILES].value; i++)
        fprintf(file, " %lu.o", i);
    fputs("\n\tlink\n", file);
    for (uint64_t i = 0; i < options[FILES].value; i++)
        fprintf(file, "%lu.o: %lu.c\n\tcompile\n", i, i);
    if (fclose(file))
        mon_fatal("%s: %s", RULES, strerror(errno));
}

static void rule_read(char *line)
{
    char *rest = line, *word = strtok_r(NULL, " :\n", &rest);
    if (!word || rule_count == RULES_MAX)
        mon_fatal("%s: too many rules, or none in a line", RULES);
    struct rule *rule = &rules[rule_count++];
    strlcpy(rule->target, word, MK_NAME);
    while ((word = strtok_r(NULL, " :\n", &rest)) && rule->needs < RULES_MAX)
        strlcpy(rule->needed[rule->needs++], word, MK_NAME);
    rule->done = mk_exists(rule->target);
}

static void rules_read(void)
{
    char line[1024];
    FILE *file = mk_open(RULES, "r");
    if (!file)
        exit(EXIT_FAILURE);
    while (fgets(line, sizeof(line), file)) {
        char *rest = line, *tool;
        if (*line != '\t')
            rule_read(line);
        else if (rule_count && (tool = strtok_r(NULL, "\t\n", &rest)))
            strlcpy(rules[rule_count - 1].tool, tool, MK_NAME);
    }
    fclose(file);
}

/* ---- making ---- */

static const struct rule *rule_of(const char *target)
{
    for (unsigned i = 0; i < rule_count; i++)
        if (!strcmp(rules[i].target, target))
            return &rules[i];
    return NULL;
}

static bool ready(const struct rule *rule)
{
    for (unsigned i = 0; i < rule->needs; i++) {
        const struct rule *needed = rule_of(rule->needed[i]);
        if (needed && !needed->done)
            return false;
    }
    return !rule->done && !rule->pid;
}

static int tool_run(const struct rule *rule)
{
    if (!strcmp(rule->tool, "compile"))
        return mk_compile(rule->needed[0], rule->target);
    if (!strcmp(rule->tool, "link"))
        return mk_link(rule->needed, rule->needs, rule->target);
    fprintf(stderr, "mk: %s: there is no tool '%s'\n", rule->target, rule->tool);
    return EXIT_FAILURE;
}

static struct rule *rule_next(void)
{
    for (unsigned i = 0; i < rule_count; i++)
        if (ready(&rules[i]))
            return &rules[i];
    return NULL;
}

static void wait_for_one(void)
{
    uint64_t who, status;
    work_check(process_wait(work_process(), 0, 0, &who, &status), "wait");
    for (unsigned i = 0; i < rule_count; i++) {
        if (rules[i].pid != who)
            continue;
        if (status)
            mon_fatal("%s could not be made", rules[i].target);
        rules[i].done = true;
        running--;
        made++;
        return;
    }
}

static void make(void)
{
    for (;;) {
        struct rule *rule = running < options[JOBS].value ? rule_next() : NULL;
        if (rule) {
            rule->pid = work_fork();
            if (!rule->pid)
                exit(tool_run(rule));
            running++;
        } else if (running) {
            wait_for_one();
        } else {
            return;
        }
    }
}

static void tidy(void)
{
    char name[MK_NAME];
    for (uint64_t i = 0; i < options[FILES].value; i++) {
        snprintf(name, sizeof(name), "%lu.c", i);
        mk_remove(name);
        snprintf(name, sizeof(name), "%lu.o", i);
        mk_remove(name);
    }
    mk_remove(PROGRAM);
    mk_remove(RULES);
    remove(MK_FOLDER);
}

int main(void)
{
    work_options("makes a program of several files", options);
    work_process();
    filesystem_mkdir(mon.ref[PARENT_FILESYSTEM], MK_FOLDER);
    rules = calloc(RULES_MAX, sizeof(*rules));
    if (!rules)
        mon_fatal("out of memory");
    for (uint64_t i = 0; i < options[FILES].value; i++)
        mk_source_write(i, options[LINES].value);
    rules_write();
    work_begin(WORK_MAIN);
    rules_read();
    make();
    uint64_t sum = mk_program_sum(PROGRAM);
    work_end(WORK_MAIN);
    bool wrong = sum != mk_expected(options[FILES].value, options[LINES].value);
    tidy();
    printf("mk: %u targets made, checksum %016lx, %s\n", made, sum, wrong ? "WRONG" : "right");
    return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

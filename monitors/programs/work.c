/* monitors/programs/work.c -- the workloads' common part. SPDX-License-Identifier: MIT */
#include "monitors/programs/work.h"

#define EXIT_USAGE 2

_Noreturn static void usage(const char *purpose, const struct work_option *options)
{
    fprintf(stderr, "%s: %s. Options, written key=value:\n", mon.argv[0], purpose);
    for (; options->key; options++)
        fprintf(stderr, "  %s=%lu  %s (%lu to %lu)\n", options->key, options->value, options->text,
                options->least, options->most);
    exit(EXIT_USAGE);
}

static const struct work_option *option_find(const struct work_option *options, const char *arg)
{
    for (; options->key; options++) {
        size_t length = strlen(options->key);
        if (!strncmp(arg, options->key, length) && arg[length] == '=')
            return options;
    }
    return NULL;
}

void work_options(const char *purpose, struct work_option *options)
{
    for (int i = 1; i < mon.argc; i++)
        if (!option_find(options, mon.argv[i])) {
            fprintf(stderr, "%s: '%s' is no option of it\n", mon.argv[0], mon.argv[i]);
            usage(purpose, options);
        }
    for (struct work_option *o = options; o->key; o++) {
        uint64_t value = mon_option_number(o->key, o->value);
        if (value < o->least || value > o->most) {
            fprintf(stderr, "%s: %s=%lu is out of range\n", mon.argv[0], o->key, value);
            usage(purpose, options);
        }
        o->value = value;
    }
}

uint64_t work_sum_bytes(uint64_t sum, const void *at, size_t bytes)
{
    const unsigned char *byte = at;
    for (; bytes >= 8; bytes -= 8, byte += 8) {
        uint64_t word;
        __builtin_memcpy(&word, byte, 8);
        sum = work_sum(sum, word);
    }
    for (; bytes; bytes--)
        sum = work_sum(sum, *byte++);
    return sum;
}

void work_check(long outcome, const char *what)
{
    if (outcome)
        mon_fatal("%s: %s", what, strerror((int)-outcome));
}

uint64_t work_process(void)
{
    if (!mon.ref[PARENT_PROCESS])
        mon_fatal("this nest has no process manager; put procmgr/ before %s", mon.argv[0]);
    return mon.ref[PARENT_PROCESS];
}

uint64_t work_fork(void)
{
    uint64_t pid;
    work_check(mon_fork(&pid), "fork");
    return pid;
}

uint64_t work_wait(void)
{
    uint64_t who, status;
    work_check(process_wait(work_process(), 0, 0, &who, &status), "wait");
    return status;
}

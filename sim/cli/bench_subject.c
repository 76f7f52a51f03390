/* sim/cli/bench_subject.c -- the subjects of `flatfish bench sim`: what command runs a guest on
 * each of them, and whether it ended as it should. All boot the same ELF with the same n; each has
 * files and folders of its own, because all run at the same time. What runs mean is bench_sim.c's.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/bench_subject.h"
#include "sim/cli/command.h"

enum { ARGS = 32, WORDS_MAX = 6 * PATH_MAX };

const struct subject subjects[SUBJECTS] = {
    {"stock", "stock Bochs", STOCK, {NULL}, false},
    {"idle", "Flatfish, nothing armed", OURS, {NULL}, false},
    {"probes", "Flatfish, 1,000 idle probes", OURS, {"--idle-probes", "1000"}, false},
    {"ring", "Flatfish, trace into a ring", OURS, {"--trace", "%T", "--trace-last", "100k"}, false},
    {"disk", "Flatfish, trace to disk", OURS, {"--trace", "%T"}, false},
    {"qemu", "QEMU TCG", QEMU, {NULL}, false},
    {"qemu-int", "QEMU TCG, -d int to a file", QEMU, {NULL}, true},
};

struct command_line {
    char *word[ARGS];
    unsigned n;
    char text[WORDS_MAX]; /* the words lie here: at most five of them are paths */
    size_t used;
};

static void add(struct command_line *c, const char *word)
{
    char *to = c->text + c->used;

    c->used += (size_t)snprintf(to, WORDS_MAX - c->used, "%s", word) + 1;
    c->word[c->n++] = to;
    c->word[c->n] = NULL;
}

/* A file or folder of this subject's own: all run at the same time. */
static const char *own(const struct subject *s, const char *what)
{
    char name[60];

    snprintf(name, sizeof name, "%s.%s", what, s->name);
    return bench_path(name);
}

static void add_all(struct command_line *c, const struct subject *s, const char *const *words)
{
    for (; *words; words++)
        add(c, strcmp(*words, "%T") == 0 ? own(s, "trace") : *words);
}

static void line_ours(struct command_line *c, const struct subject_place *p,
                      const struct subject *s, const char *append)
{
    char mem[16];

    snprintf(mem, sizeof mem, "%d", BENCH_MEM_MIB);
    add_all(c, s,
            (const char *const[]){p->self, "run", "--kernel", p->kernel, "--append", append,
                                  "--mem", mem, "--cpu", BENCH_CPU, "--quiet", NULL});
    add_all(c, s, s->extra);
}

static void line_qemu(struct command_line *c, const struct subject_place *p,
                      const struct subject *s, const char *append)
{
    char mem[16], serial[PATH_MAX + 80];

    snprintf(mem, sizeof mem, "%d", BENCH_MEM_MIB);
    snprintf(serial, sizeof serial, "file:%s", own(s, "console"));
    add_all(c, s,
            (const char *const[]){"qemu-system-x86_64",
                                  "-accel",
                                  "tcg",
                                  "-nodefaults",
                                  "-m",
                                  mem,
                                  "-kernel",
                                  p->kernel,
                                  "-append",
                                  append,
                                  "-display",
                                  "none",
                                  "-monitor",
                                  "none",
                                  "-serial",
                                  serial,
                                  "-no-reboot",
                                  "-device",
                                  "isa-debug-exit,iobase=0xf4,iosize=4",
                                  NULL});
    if (s->log_int)
        add_all(c, s, (const char *const[]){"-d", "int", "-D", own(s, "log"), NULL});
}

static int line_stock(struct command_line *c, const struct subject_place *p,
                      const struct subject *s, const char *append)
{
    const char *rc = own(s, "bochsrc");

    if (bench_stock_prepare(p->kernel, append, rc, own(s, "console")) != 0)
        return -1;
    add_all(c, s, (const char *const[]){p->stock, "-q", "-f", rc, NULL});
    return 0;
}

/* The command that runs the guest with this n. */
static int line_make(struct command_line *c, const struct subject_place *p,
                     const struct subject_work *w)
{
    const struct subject *s = w->subject;
    char append[40];

    snprintf(append, sizeof append, "n=%" PRIu64, w->n);
    c->n = 0;
    c->used = 0;
    if (s->engine == STOCK)
        return line_stock(c, p, s, append);
    if (s->engine == OURS)
        line_ours(c, p, s, append);
    else
        line_qemu(c, p, s, append);
    return 0;
}

static void text_read(const char *path, char *text, size_t max)
{
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(text, 1, max - 1, f) : 0;

    text[n] = 0;
    if (f)
        fclose(f);
}

static bool ended_well(const struct subject *s, int status)
{
    switch (s->engine) {
    case OURS:
        return status == 0;
    case QEMU:
        return status == 1; /* isa-debug-exit: code << 1 | 1 */
    default:
        return status < 126; /* its shutdown port always gives a failure code */
    }
}

static int run_failed(const char *guest, const struct subject *s, const struct bench_child *used)
{
    char text[CONSOLE_MAX];

    text_read(own(s, "errors"), text, sizeof text);
    text[strcspn(text, "\n")] = 0;
    cli_say("bench: %s on %s: the run failed, exit code %d: %.300s", guest, s->text, used->status,
            text);
    return -1;
}

/* `console` gets what the guest printed. */
static int check_run(const char *guest, const struct subject *s, const struct bench_child *used,
                     char *console)
{
    char wanted[40];

    text_read(own(s, "console"), console, CONSOLE_MAX);
    bench_remove(own(s, "trace"));
    bench_remove(own(s, "log"));
    snprintf(wanted, sizeof wanted, "%s: ", guest);
    if (!ended_well(s, used->status) || strncmp(console, wanted, strlen(wanted)) != 0)
        return run_failed(guest, s, used);
    return 0;
}

/* What each of them is to run; the console file of an earlier run must not be taken for this one's.
 */
static int runs_make(const struct subject_place *p, const struct subject_work *work, unsigned count,
                     struct bench_run *run)
{
    static struct command_line lines[SUBJECTS];
    static char out[SUBJECTS][PATH_MAX + 64], errors[SUBJECTS][PATH_MAX + 64];

    for (unsigned i = 0; i < count; i++) {
        const struct subject *s = work[i].subject;
        bench_remove(own(s, "console"));
        snprintf(out[i], sizeof out[i], "%s", own(s, s->engine == OURS ? "console" : "output"));
        snprintf(errors[i], sizeof errors[i], "%s", own(s, "errors"));
        if (line_make(&lines[i], p, &work[i]) != 0)
            return -1;
        run[i] = (struct bench_run){lines[i].word, out[i], errors[i], {0, 0, 0}};
    }
    return 0;
}

int subjects_run(const struct subject_place *place, const struct subject_work *work, unsigned count,
                 unsigned first, struct bench_child *used, char console[CONSOLE_MAX])
{
    struct bench_run run[SUBJECTS];

    if (runs_make(place, work, count, run) != 0 || bench_children_run(run, count, first) != 0)
        return -1;
    for (unsigned i = 0; i < count; i++) {
        used[i] = run[i].used;
        if (check_run(place->guest, work[i].subject, &used[i], console) != 0)
            return -1;
    }
    return 0;
}

/* monitors/programs/sh.c -- a tiny shell: runs programs of /bin with arguments, one after another
 * (; && ||), behind its back (&), connected (|), with files for their descriptors (< > >> 2> 2>&1).
 * It reads lines from standard input, or runs the one of the option c. Needs a process manager.
 * Each command is a process of its own, but built-ins that stand alone. At the console the
 * interrupt key ends what is in the foreground: the shell and what is behind its back ignore INT.
 * SPDX-License-Identifier: MIT */
#include "monitors/programs/sh.h"

#define NOT_FOUND 127
#define NONE      UINT64_MAX

static uint64_t process;
static int status;
static bool ended, interactive;
static uint64_t interrupts; /* how often its key had been typed when the line was asked for */

/* ---- built-ins: the index-th names and texts go with the functions ---- */

static int do_echo(struct sh_command *command)
{
    for (unsigned i = 1; i < command->words; i++)
        printf("%s%s", command->word[i], i + 1 < command->words ? " " : "");
    putchar('\n');
    return fflush(stdout) != 0;
}

static int do_exit(struct sh_command *command)
{
    ended = true;
    return command->words > 1 ? atoi(command->word[1]) & 0xff : status;
}

static int do_ps(struct sh_command *command)
{
    char line[256];
    (void)command;
    for (uint64_t i = 0;; i++) {
        uint64_t bytes = sizeof(line);
        long outcome = process_list(process, i, line, &bytes);
        if (outcome || !bytes)
            return outcome && outcome != -PROTO_NOT_FOUND;
        printf("%.*s\n", (int)strnlen(line, bytes), line);
    }
}

static int do_ls(struct sh_command *command)
{
    const char *path = command->words > 1 ? command->word[1] : "/";
    char name[PROTO_NAME_MAX + 1];
    for (uint64_t i = 0;; i++) {
        uint64_t bytes = sizeof(name);
        long outcome = filesystem_list(mon.ref[PARENT_FILESYSTEM], path, i, name, &bytes);
        if (outcome == -PROTO_NOT_FOUND && i)
            return 0;
        if (outcome) {
            fprintf(stderr, "sh: ls: %s: %s\n", path, strerror((int)-outcome));
            return 1;
        }
        if (!bytes)
            return 0;
        printf("%.*s\n", (int)strnlen(name, bytes), name);
    }
}

static int do_wait(struct sh_command *command)
{
    uint64_t who, last = 0;
    (void)command;
    while (!process_wait(process, 0, 0, &who, &last))
        ;
    return (int)(last & 0xff);
}

static uint64_t signal_named(const char *name)
{
    static const struct {
        const char *name;
        uint64_t number;
    } signals[] = {
#define PROTO_SIGNAL(number, name, text) {#name, number},
#include "abi/proto/signals.def"
    };
    char *end;
    uint64_t number = strtoul(name, &end, 10);
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        if (!strcmp(signals[i].name, name))
            return signals[i].number;
    return isdigit(*name) && !*end ? number : NONE;
}

static int do_kill(struct sh_command *command)
{
    unsigned first = command->words > 1 && *command->word[1] == '-' ? 2 : 1;
    uint64_t signal = first == 2 ? signal_named(command->word[1] + 1) : SIGNAL_TERM;
    int failed = 0;
    if (command->words <= first || signal == NONE) {
        fputs("sh: kill: write kill [-SIGNAL] NUMBER..., SIGNAL is a number or a name as TERM\n",
              stderr);
        return 2;
    }
    for (unsigned i = first; i < command->words; i++) {
        long outcome = process_kill(process, strtoul(command->word[i], NULL, 10), signal);
        if (outcome)
            fprintf(stderr, "sh: kill: %s: %s\n", command->word[i], strerror((int)-outcome));
        failed |= outcome != 0;
    }
    return failed;
}

static int do_help(struct sh_command *command);

static const struct builtin {
    const char *name, *text;
    int (*run)(struct sh_command *command);
} builtins[] = {
    {"echo", "WORD...            prints the words", do_echo},
    {"exit", "[STATUS]           ends the shell", do_exit},
    {"help", "                   prints this", do_help},
    {"kill", "[-SIGNAL] NUMBER.. sends a signal to processes, TERM unless said", do_kill},
    {"ls", "[FOLDER]           the names in a folder", do_ls},
    {"ps", "                   the processes", do_ps},
    {"wait", "                   until all processes of this shell have ended", do_wait},
    {0},
};

static int do_help(struct sh_command *command)
{
    (void)command;
    puts("PROGRAM WORD... runs /bin/PROGRAM; connect by | ; & && || and use < > >> 2> 2>&1 for "
         "files. "
         "Built in:");
    for (const struct builtin *b = builtins; b->name; b++)
        printf("  %-5s %s\n", b->name, b->text);
    return 0;
}

static const struct builtin *builtin_find(const struct sh_command *command)
{
    for (const struct builtin *b = builtins; b->name; b++)
        if (!strcmp(b->name, command->word[0]))
            return b;
    return NULL;
}

/* ---- in the new process ---- */

_Noreturn static void give_up(const char *what, long outcome, int code)
{
    fprintf(stderr, "sh: %s: %s\n", what, strerror((int)-outcome));
    exit(code);
}

static void become(uint64_t from, uint64_t to)
{
    uint64_t number;
    if (from == to)
        return;
    long outcome = process_duplicate(process, from, to, &number);
    if (outcome)
        give_up("descriptor", outcome, 1);
    process_close(process, from);
}

static void redirect(const struct sh_redirection *file)
{
    uint64_t number;
    long outcome;
    if (file->path) {
        outcome = process_open(process, file->path, file->flags, &number);
        if (outcome)
            give_up(file->path, outcome, 1);
        become(number, file->to);
    } else if (file->from < 0) {
        process_close(process, file->to);
    } else {
        outcome = process_duplicate(process, (uint64_t)file->from, file->to, &number);
        if (outcome)
            give_up("descriptor", outcome, 1);
    }
}

/* A built-in in a process of its own writes to what its descriptors mean now. */
_Noreturn static void run_builtin(const struct builtin *builtin, struct sh_command *command)
{
    mon_streams();
    exit(builtin->run(command));
}

_Noreturn static void run_program(struct sh_command *command)
{
    static char text[SH_LINE * 2];
    size_t used;
    const char *name = command->word[0], *folder = strchr(name, '/') ? "" : "/bin/";
    used = (size_t)snprintf(text, sizeof(text), "%s%s", folder, name) + 1;
    for (unsigned i = 0; i < command->words && used < sizeof(text); i++)
        used += strlcpy(text + used, command->word[i], sizeof(text) - used) + 1;
    if (used > sizeof(text))
        give_up(name, -PROTO_TOO_LONG, 1);
    long outcome = process_exec(process, mon_thread_ref(), text, used, command->words);
    give_up(name, outcome, NOT_FOUND);
}

_Noreturn static void run_command(struct sh_command *command)
{
    const struct builtin *builtin = builtin_find(command);
    for (unsigned i = 0; i < command->files; i++)
        redirect(&command->file[i]);
    if (command->files)
        mon_streams();
    if (builtin)
        run_builtin(builtin, command);
    run_program(command);
}

static uint64_t interrupts_now(void)
{
    uint64_t count = interrupts;
    console_interrupt(mon.ref[PARENT_CONSOLE], NONE, &count);
    return count;
}

/* What is behind the shell's back does not read from the console, and hears no interrupt key; a key
 * that was typed before another process could hear it was meant for that one. */
static void settle(bool background)
{
    uint64_t before, reader, writer;
    if (!background) {
        if (interactive)
            process_signal(process, SIGNAL_INT, 0, &before);
        if (interactive && interrupts_now() != interrupts)
            exit(128 + SIGNAL_INT);
        return;
    }
    process_signal(process, SIGNAL_INT, 1, &before);
    if (!process_pipe(process, &reader, &writer)) {
        process_close(process, writer);
        become(reader, 0);
    }
}

/* ---- in the shell ---- */

static uint64_t fork_now(void)
{
    uint64_t pid;
    long outcome = mon_fork(&pid);
    if (!outcome)
        return pid;
    fprintf(stderr, "sh: fork: %s\n", strerror((int)-outcome));
    return NONE;
}

/* Starts one command of a pipeline. *from is where its input comes from (NONE: as it is), and then
 * where the next one's does. Returns its number. */
static uint64_t start(struct sh_command *command, uint64_t *from, bool last, bool background)
{
    uint64_t reader = NONE, writer = NONE;
    if (!last && process_pipe(process, &reader, &writer)) {
        fputs("sh: no more pipes\n", stderr);
        return NONE;
    }
    uint64_t pid = fork_now();
    if (!pid) {
        settle(background);
        if (*from != NONE)
            become(*from, 0);
        if (!last) {
            process_close(process, reader);
            become(writer, 1);
        }
        run_command(command);
    }
    if (*from != NONE)
        process_close(process, *from);
    if (!last)
        process_close(process, writer);
    *from = reader;
    return pid;
}

static int wait_for(uint64_t pid)
{
    uint64_t who, how;
    long outcome = process_wait(process, pid, 0, &who, &how);
    if (!outcome && how > 0xff && how != 0x100 + SIGNAL_INT)
        fprintf(stderr, "sh: process %lu was ended by signal %lu\n", pid, how & 0xff);
    return outcome ? 1 : how > 0xff ? 128 + (int)(how & 0x7f) : (int)how;
}

static void run(struct sh_pipeline *pipeline)
{
    uint64_t pid[SH_COMMANDS], from = NONE;
    struct sh_command *only = pipeline->command;
    const struct builtin *builtin = builtin_find(only);
    if (builtin && pipeline->commands == 1 && !pipeline->background && !only->files) {
        status = builtin->run(only);
        return;
    }
    for (unsigned i = 0; i < pipeline->commands; i++)
        pid[i] =
            start(&pipeline->command[i], &from, i + 1 == pipeline->commands, pipeline->background);
    if (pipeline->background) {
        printf("[%lu]\n", pid[pipeline->commands - 1]);
        status = 0;
        return;
    }
    for (unsigned i = 0; i < pipeline->commands; i++)
        status = pid[i] == NONE ? 1 : wait_for(pid[i]);
}

static void run_line(const char *line)
{
    static struct sh_parser parser;
    static struct sh_pipeline pipeline;
    const char *wrong;
    int found = 1;
    parser.at = line;
    parser.when = SH_ALWAYS;
    while (!ended && found > 0) {
        parser.status = status;
        found = sh_parse(&parser, &pipeline, &wrong);
        if (found > 0 && (pipeline.when == SH_ALWAYS || (pipeline.when == SH_IF_GOOD) == !status))
            run(&pipeline);
    }
    if (found < 0) {
        fprintf(stderr, "sh: character %zu: %s\n", (size_t)(parser.at - line) + 1, wrong);
        status = 2;
    }
}

/* Processes that ended in the background are taken note of, so that they go away. */
static void reap(void)
{
    uint64_t who, how;
    while (!process_wait(process, 0, 1, &who, &how) && who)
        ;
}

/* At the console: the interrupt key is for what it runs, not for itself. */
static bool is_interactive(void)
{
    uint64_t type, size, before;
    if (mon.ref[PARENT_INPUT] &&
        (file_stat(mon.ref[PARENT_INPUT], &type, &size) || type != FILE_IS_CONSOLE))
        return false;
    process_signal(process, SIGNAL_INT, 1, &before);
    process_keys(process);
    return true;
}

static bool read_line(char *line, int room)
{
    for (;;) {
        if (interactive)
            interrupts = interrupts_now();
        if (interactive)
            fputs("$ ", stdout);
        fflush(stdout);
        errno = 0;
        if (fgets(line, room, stdin))
            return true;
        if (errno != PROTO_INTERRUPTED)
            return false;
        clearerr(stdin);
    }
}

int main(void)
{
    static char line[SH_LINE];
    const char *only = mon_option("c");
    process = mon.ref[PARENT_PROCESS];
    if (!process)
        mon_fatal("this nest has no process manager; put procmgr/ before %s", mon.argv[0]);
    if (mon.argc > 1 + (only != NULL))
        mon_fatal("it takes one option, c=\"COMMANDS\"; without it, it reads them");
    if (only) {
        run_line(only);
        return status;
    }
    interactive = is_interactive();
    while (!ended && read_line(line, sizeof(line))) {
        run_line(line);
        reap();
    }
    return status;
}

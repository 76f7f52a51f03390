/* sim/cli/repl_line.c -- lines of a prompt: edited on a terminal, with history and completion, or
 * read plainly. Ctrl-C never ends the session: it drops the line that is being typed, or stops what
 * runs and comes back to the prompt. SPDX-License-Identifier: MIT */
#include <editline/readline.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/repl.h"
#include "sim/lua/script.h"
#include "sim/machine.h"

enum { HISTORY = 1000 };

static char history_path[PATH_MAX];
static sigjmp_buf typing; /* where a Ctrl-C goes while a line is typed */
static volatile sig_atomic_t is_typing, interrupted;

static void on_interrupt(int signal)
{
    (void)signal;
    if (is_typing)
        siglongjmp(typing, 1);
    interrupted = 1;
    if (script_running()) /* else the next run would end at once */
        sim_stop_request();
}

bool repl_interrupted(void)
{
    return interrupted;
}

static char *complete(const char *text, int state)
{
    const char *name = script_complete(text, (unsigned)state);

    return name ? strdup(name) : NULL;
}

void repl_open(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    const char *home = getenv("HOME");

    if (!isatty(STDIN_FILENO))
        return;
    sigaction(SIGINT, &action, NULL);
    rl_readline_name = (char *)(uintptr_t) "flatfish";
    rl_catch_signals = 0; /* ours stays */
    rl_completion_entry_function = complete;
    rl_completion_append_character = 0;
    rl_completer_word_break_characters = (char *)(uintptr_t) " \t\n\"'(){}[]=+-*/,;<>~#%^";
    using_history();
    stifle_history(HISTORY);
    if (home && *home &&
        (size_t)snprintf(history_path, sizeof history_path, "%s/.flatfish_history", home) <
            sizeof history_path)
        read_history(history_path);
}

void repl_close(void)
{
    if (history_path[0])
        write_history(history_path);
}

static char *plain_line(char *line, size_t max)
{
    if (!fgets(line, (int)max, stdin))
        return NULL;
    line[strcspn(line, "\n")] = 0;
    return strdup(line);
}

char *repl_line(const char *prompt, bool *dropped)
{
    static char plain[REPL_LINE];

    *dropped = false;
    interrupted = 0;
    if (!isatty(STDIN_FILENO))
        return plain_line(plain, sizeof plain);
    if (sigsetjmp(typing, 1)) {
        is_typing = 0;
        putchar('\n');
        *dropped = true;
        return strdup("");
    }
    is_typing = 1;
    char *line = readline(prompt);
    is_typing = 0;
    if (line && *line)
        add_history(line);
    return line;
}

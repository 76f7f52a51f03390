/* sim/cli/pair.h -- a simulator and a debugger as one: the two processes of `flatfish gdb`, the
 * private socket between them, and the guest's console beside them. Invariant: whichever of the
 * three processes dies first, by kill -9 too, none of the others and no file stays (but for the
 * empty folder, when the simulator and this process are killed at once). SPDX-License-Identifier:
 * MIT */
#ifndef SIM_CLI_PAIR_H
#define SIM_CLI_PAIR_H

/* A folder that only this user can enter. The name of the socket to be in it, or NULL, said why. */
const char *pair_socket(void);

struct pair {
    /* Runs the machine in a process of its own, and returns the exit code: writes a byte to `ready`
     * when the debugger may come, the guest's console to `console`. */
    int (*machine)(void *ctx, int ready, int console);
    void *ctx;
    const char *console;   /* the console's file; NULL = marked lines on standard error */
    char *const *debugger; /* what to execute, with its arguments */
};

/* Starts both, gives the terminal to the debugger, waits for it, ends what is left. The exit code
 * is the debugger's, or the simulator's when it ended before it was ready. */
int pair_run(const struct pair *pair);

/* Standard output of a short command, at most max - 1 bytes; its exit code, or -1. */
int pair_ask(char *const argv[], char *out, int max);

#endif

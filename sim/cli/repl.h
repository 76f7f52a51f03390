/* sim/cli/repl.h -- lines for the prompt of `flatfish repl` (cmd_repl.c), from repl_line.c.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_REPL_H
#define SIM_CLI_REPL_H

#include <stdbool.h>

enum { REPL_LINE = 65536 }; /* bytes of one */

void repl_open(void);
void repl_close(void); /* keeps the history */
/* Without its end, from malloc; NULL = there are no more. *dropped: Ctrl-C ended it. */
char *repl_line(const char *prompt, bool *dropped);
bool repl_interrupted(void); /* Ctrl-C since the last line */

#endif

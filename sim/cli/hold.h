/* sim/cli/hold.h -- signals that ask the program to end wait until it can answer them.
 *
 * Much is built before main() begins; Ctrl-C in those milliseconds must not lose the statistics of
 * a run. Held from the first instruction of ours on, before any constructor; released once by
 * whoever is ready: the command that set its handlers, or main() for a command that has none.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_HOLD_H
#define SIM_CLI_HOLD_H

void hold_release(void);

#endif

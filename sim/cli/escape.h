/* sim/cli/escape.h -- backslash escapes in texts of the command line: \n \r \t \e \0 \\ \xHH.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CLI_ESCAPE_H
#define SIM_CLI_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

/* One escape, from behind its backslash; returns characters used, 0 = there is no such escape. */
size_t escape_read(const char *text, uint8_t *out);

#endif

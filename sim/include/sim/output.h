/* sim/include/sim/output.h -- which output paths are written straight, and not under a temporary
 * name that is renamed when the file is whole. SPDX-License-Identifier: MIT */
#ifndef SIM_OUTPUT_H
#define SIM_OUTPUT_H

#include <stdbool.h>

/* A device, a pipe, or a name of /dev or /proc for a file that somebody has open (/dev/stdout):
 * another file put in its place would not be it. Append to what it is. */
bool sim_output_straight(const char *path);

#endif

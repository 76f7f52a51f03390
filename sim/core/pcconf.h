/* sim/core/pcconf.h -- the configuration lines with which the engine (Bochs) builds the machine:
 * the bare one of the direct boot, and the ordinary PC of `--pc`.
 *
 * Pure: a struct sim_config in, lines out; no machine is touched. Everything in the lines is ours:
 * files that a user names are opened here and appear as /proc/self/fd/N, so no name, however odd,
 * can be mistaken for configuration. Nothing in the lines depends on the host or the time of day.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_CORE_PCCONF_H
#define SIM_CORE_PCCONF_H

#include "sim/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PCCONF_LINES 32
#define PCCONF_CPU   "broadwell_ult"
#define PCCONF_IPS   100000000u
#define PCCONF_TIME0 946684800u /* the clock starts at 2000-01-01 00:00:00 UTC */

struct pcconf {
    const char *lines[PCCONF_LINES];
    size_t n;
    char text[4096]; /* what `lines` point to */
    size_t used;
    int rom, vgarom, disk, cdrom; /* open files, -1 = none */
};

/* 0, or -1 with sim_error(): a file that is missing or of no use, a missing firmware package. Then
 * nothing stays open. The struct must not be moved afterwards. */
int pcconf_make(struct pcconf *c, const struct sim_config *config);
/* Closes the files; the machine that was built from the lines has opened its own by then. */
void pcconf_free(struct pcconf *c);

#ifdef __cplusplus
}
#endif
#endif

/* sim/view/view.h -- a live viewer of the machine: what the command calls.
 * There is at most one at a time; where there is a door, one may come when another has gone. It
 * costs the machine little and changes nothing in it: the run's results are those of a run without
 * one, whatever the viewer does and however it ends.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_VIEW_VIEW_H
#define SIM_VIEW_VIEW_H

#include "sim/machine.h"

struct view_config {
    int fd;   /* the socket to the viewer, -1 = none is there yet; view_close() closes both */
    int door; /* a socket that listens, for viewers that come and go; -1 = none */
    const char *title;   /* what runs, for people */
    bool (*ended)(void); /* somebody else has ended the run */
    bool paused;         /* the machine is to wait before its first instruction, for a viewer
                            where none is there yet, and for what he says */
};

int view_open(const struct view_config *config);
void view_close(void); /* says that the run is over; harmless without view_open() */

/* From the machine's host tick: tells what is new. true = the viewer wants something: stop. */
bool view_tick(void);
/* How far the machine may run now, `due` at most. */
uint64_t view_until(uint64_t due);
/* After every stop, with the machine standing: does what is asked and returns when the machine is
 * to run, at once where nothing is. `end`: it stands at its end. */
enum view_turn {
    VIEW_GOES_ON, /* to run, up to view_until() */
    VIEW_OVER     /* nothing is left to do: it stands at its end and nobody looks, or ended() */
};
enum view_turn view_serve(bool end, const char *why);

#endif

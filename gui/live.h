/* gui/live.h -- a machine that runs, as far as its viewer knows it: the simulator's messages taken
 * in and kept, what is asked of it sent out. abi/viewer/viewer.h has the messages.
 *
 * What is kept: stretches of time with all their events (as many as there is room for), and the
 * account at many moments, so that between the stretches, too, it is known who ran how long.
 * live_picture() makes a model of it, which all panes draw like that of a trace. No byte that comes
 * is trusted. SPDX-License-Identifier: MIT */
#ifndef GUI_LIVE_H
#define GUI_LIVE_H

#include "abi/viewer/viewer.h"
#include "gui/model.h"

enum { LIVE_EVENTS = 1 << 19, LIVE_SUMS = 1024 };

struct live_chain { /* the last one asked for */
    bool known;
    struct view_chain head;
    struct view_link link[VIEW_LINKS];
    struct view_sharer sharer[VIEW_SHARERS];
    char words[VIEW_TEXT];
};

struct live_stretch {
    uint64_t from, to;
    uint32_t thread; /* who runs at `from` */
    uint16_t domain, behalf;
    struct trace_record *record;
    size_t n;
};

struct live_sums {
    uint64_t icount;
    struct view_row *row;
    size_t rows;
};

struct live {
    int fd;               /* -1 = the machine, or the connection, is gone */
    char gone[VIEW_TEXT]; /* why */
    uint8_t *in;
    size_t in_n;
    uint8_t out[4096];
    size_t out_n;

    bool greeted;
    uint64_t start;
    bool backs;
    char title[VIEW_TEXT];
    struct view_state state;
    char why[VIEW_TEXT]; /* the machine's end */
    struct live_place {
        bool known;
        struct view_place at;
        char symbol[VIEW_TEXT];
    } here, looked; /* where it stands; what was asked for */
    struct live_chain chain;
    char said[VIEW_TEXT]; /* "" = nothing new */

    struct trace_extra *space; /* by index; cr3 = UINT64_MAX: not known */
    unsigned spaces;
    char (*label)[TRACE_NAME_MAX]; /* by id */
    unsigned labels;
    struct live_stretch *stretch; /* by time, apart from one another */
    size_t stretches, room, events;
    struct live_sums sums[LIVE_SUMS]; /* by time */
    size_t sums_n;
    struct live_sums recent[2]; /* the two that came last: what goes on now */
    unsigned changes;           /* grows with what a picture is made of */
};

bool live_open(struct live *l, int fd); /* false: no memory */
void live_close(struct live *l);
/* Takes what has come; true = something has. */
bool live_poll(struct live *l);
/* Asks for something; b and text as the message wants. */
void live_ask(struct live *l, enum view_message kind, uint64_t a, uint64_t b, const char *text);

/* Messages as from the socket, for whoever reads it himself; returns how many bytes they were. */
size_t live_take(struct live *l, const uint8_t *bytes, size_t n);

/* A model of what is known now; NULL = nothing is yet, or memory is out. The picture holds what the
 * model stands on. */
struct live_picture {
    struct model *model;
    uint8_t *events;
    struct index_live live;
    struct index_gap *gap;
    struct index_share *share;
};
struct live_picture *live_picture(const struct live *l);
void live_picture_close(struct live_picture *p); /* NULL is fine */

#endif

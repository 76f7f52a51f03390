/* gui/app.h -- what the window is about, without any window: what keys and mouse do, and how it
 * looks. window.c feeds it SDL's events and shows what app_draw() draws. SPDX-License-Identifier:
 * MIT */
#ifndef GUI_APP_H
#define GUI_APP_H

#include "gui/layout.h"
#include "gui/live.h"
#include "gui/notes.h"
#include "gui/search.h"

enum app_key { /* those that are no letters */
               APP_LEFT = 256,
               APP_RIGHT,
               APP_UP,
               APP_DOWN,
               APP_PAGE_UP,
               APP_PAGE_DOWN,
               APP_HOME,
               APP_ENTER,
               APP_ESCAPE,
               APP_BACKSPACE,
               APP_TAB,
               APP_BACK_TAB,
               APP_LARGER,
               APP_SMALLER
};

enum app_prompt { APP_NO_PROMPT, APP_SEARCH, APP_NOTE, APP_EXPORT, APP_REACH, APP_ADDRESS };

#define APP_TITLE 512

struct app {
    struct view view;
    const char *name; /* of what is shown */
    struct notes notes;
    const struct pane *alone; /* NULL = all */
    double width, height;     /* in points */
    double scale;             /* how large a point is: 1 = as the screen has it */
    bool quit, help, changed; /* changed: to be drawn again */
    enum app_prompt prompt;
    char line[NOTE_WORDS]; /* what is typed there */
    char said[PANE_WORDS], pointed[PANE_WORDS];
    struct search search;
    bool searching;
    double x, y; /* of the mouse */
    bool down, dragged, choosing;
    double down_x, down_y;
    uint64_t down_from, down_to;
    /* Of a machine that runs; app_live.c and app_bar.c. */
    struct live *live; /* NULL: it is a finished trace; not the app's own */
    struct live_picture *picture;
    unsigned shown;       /* of live->changes */
    double renewed, took; /* when the picture was made, and how long that took */
    double *glow;
    bool once; /* it ends with the machine */
    bool gone, sliding, hovering;
    uint64_t slide_at, selected;
    uint64_t hovered,
        asked; /* the moment under the mouse; the one whose registers were asked for */
    double hovered_since;
    uint64_t followed; /* where it was asked last where an address leads; UINT64_MAX = nowhere */
};

/* `dir` is where notes are kept; NULL = nowhere. */
bool app_init(struct app *a, struct model *m, const char *dir);
/* Of a machine that runs: the picture becomes the app's. */
bool app_init_live(struct app *a, struct live *l, struct live_picture *p);
void app_close(struct app *a);
void app_say(struct app *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

void app_scale(struct app *a, double scale);
void app_key(struct app *a, int key);           /* a character, or an app_key */
void app_type(struct app *a, const char *text); /* while there is a prompt */
void app_move(struct app *a, double x, double y);
void app_press(struct app *a, double x, double y, bool choose, int clicks);
void app_release(struct app *a, double x, double y);
void app_wheel(struct app *a, double x, double y, double turns, bool sideways);
/* What goes on by itself; false = nothing does. */
bool app_tick(struct app *a);

void app_draw(cairo_t *cr, struct app *a);
/* The window's; of a machine that runs, with what it does and where it stands. */
void app_title(const struct app *a, char title[APP_TITLE]);
/* Where the panes lie. */
struct rect app_area(const struct app *a);

#endif

/* sim/cli/run_screen.c -- the PC's screen, drawn in the terminal as it changes (--screen=live).
 *
 * Invariant: `shown` is what the terminal shows, cell by cell, so only what differs is written. The
 * last line of the terminal is ours: it says how the run is ended. A screen larger than the rest is
 * shown in part, and that part follows the cursor.
 * run_console.c calls, at its ticks, and owns the terminal's modes.
 * SPDX-License-Identifier: MIT */
#include "sim/cli/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sim/screen.h"

enum { CELLS = 200 * 100, LINE = 256, COLS_MIN = 20 /* fewer: nobody has set it up yet */ };

/* The other screen of the terminal, no line wrapping; and back, as it was. */
const char live_enter[] = "\033[?1049h\033[?7l\033[2J";
const char live_leave[] = "\033[0m\033[?7h\033[?25h\033[?1049l";

struct view { /* the part of the screen that is shown */
    unsigned left, top, cols, rows;
};

static struct {
    struct sim_screen screen;
    struct sim_cell cells[CELLS], shown[CELLS];
    struct winsize size; /* of the terminal */
    struct view view;
    unsigned shown_cols, shown_rows; /* of what `shown` holds */
    char status[LINE];
    /* Of the terminal, while drawing. */
    live_put *put;
    bool begun; /* something has been written */
    unsigned col, row;
    struct sim_cell pen; /* its colours */
} live;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    char text[LINE];
    va_list ap;

    va_start(ap, format);
    int n = vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (!live.begun)
        live.put("\033[?25l", 6); /* the cursor does not dance */
    live.begun = true;
    live.put(text, n < LINE ? (size_t)n : LINE - 1);
}

static void say_char(uint16_t c)
{
    if (c < 0x80)
        say("%c", c < ' ' ? ' ' : c);
    else if (c < 0x800)
        say("%c%c", 0xc0 | c >> 6, 0x80 | (c & 0x3f));
    else
        say("%c%c%c", 0xe0 | c >> 12, 0x80 | (c >> 6 & 0x3f), 0x80 | (c & 0x3f));
}

/* The PC counts blue, green, red; a terminal red, green, blue. */
static unsigned ansi(unsigned color, unsigned normal, unsigned bright)
{
    static const uint8_t order[8] = {0, 4, 2, 6, 1, 5, 3, 7};

    return order[color & 7] + (color & 8 ? bright : normal);
}

static bool same_pen(const struct sim_cell *a, const struct sim_cell *b)
{
    return a->fore == b->fore && a->back == b->back && a->blink == b->blink;
}

/* One cell, at a place of the terminal. */
static void cell_draw(unsigned row, unsigned col, const struct sim_cell *cell)
{
    if (row != live.row || col != live.col)
        say("\033[%u;%uH", row + 1, col + 1);
    if (!same_pen(&live.pen, cell))
        say("\033[0;%s%u;%um", cell->blink ? "5;" : "", ansi(cell->fore, 30, 90),
            ansi(cell->back, 40, 100));
    say_char(cell->c);
    live.pen = *cell;
    live.row = row;
    live.col = col + 1;
}

/* ---- what is shown ---- */

/* A line of ours instead of the guest's text. */
static void notice(const char *text)
{
    struct sim_screen *s = &live.screen;

    s->rows = 1;
    s->cols = (unsigned)strlen(text);
    s->cursor_on = false;
    for (unsigned i = 0; i < s->cols; i++)
        live.cells[i] = (struct sim_cell){.c = (uint8_t)text[i], .fore = 7};
}

static void look(void)
{
    struct sim_screen *s = &live.screen;
    char text[LINE];

    sim_screen_cells(s, live.cells, CELLS);
    if (s->off || (s->cols && s->cols < COLS_MIN)) {
        notice("The screen is off.");
    } else if (!s->cols) {
        snprintf(text, sizeof text,
                 "The screen shows graphics, %u x %u: --screenshot FILE.png saves it at the end.",
                 s->width, s->height);
        notice(text);
    }
}

/* Where a window of `room` begins on a line of `all` so that `at` is in it, moved least. */
static unsigned follow(unsigned begin, unsigned room, unsigned all, bool wanted, unsigned at)
{
    if (wanted && at < begin)
        begin = at;
    if (wanted && at >= begin + room)
        begin = at - room + 1;
    return all <= room ? 0 : begin + room > all ? all - room : begin;
}

static void view_set(void)
{
    struct sim_screen *s = &live.screen;
    struct view *v = &live.view;
    unsigned cols = live.size.ws_col, rows = live.size.ws_row > 1 ? live.size.ws_row - 1u : 1;

    v->left = follow(v->left, cols, s->cols, s->cursor_on, s->cursor_col);
    v->top = follow(v->top, rows, s->rows, s->cursor_on, s->cursor_row);
    v->cols = s->cols < cols ? s->cols : cols;
    v->rows = s->rows < rows ? s->rows : rows;
}

static void cells_draw(void)
{
    const struct view *v = &live.view;

    for (unsigned row = 0; row < v->rows; row++) {
        for (unsigned col = 0; col < v->cols; col++) {
            const struct sim_cell *new =
                &live.cells[(row + v->top) * live.screen.cols + col + v->left];
            struct sim_cell *old = &live.shown[row * v->cols + col];
            if (new->c != old->c || !same_pen(new, old))
                cell_draw(row, col, new);
            *old = *new;
        }
    }
}

static void status_draw(const char *keys)
{
    char text[LINE];
    const struct view *v = &live.view;
    int n = snprintf(text, sizeof text, " flatfish: %s", keys);

    if (v->rows < live.screen.rows || v->cols < live.screen.cols)
        snprintf(text + n, sizeof text - (size_t)n, "   part of %u x %u, from %u, %u",
                 live.screen.cols, live.screen.rows, v->left + 1, v->top + 1);
    if (live.size.ws_col < LINE)
        text[live.size.ws_col] = 0;
    if (live.size.ws_row < 2 || strcmp(text, live.status) == 0)
        return;
    snprintf(live.status, sizeof live.status, "%s", text);
    say("\033[%u;1H\033[0;7m", live.size.ws_row);
    say("%s\033[K\033[0m", text);
    live.pen.fore = 255; /* no cell's */
    live.row = ~0u;
}

static void cursor_draw(void)
{
    const struct sim_screen *s = &live.screen;
    static struct sim_screen before;
    bool moved = s->cursor_on != before.cursor_on || s->cursor_row != before.cursor_row ||
                 s->cursor_col != before.cursor_col;

    before = *s;
    if (!live.begun && !moved)
        return;
    if (s->cursor_on)
        say("\033[%u;%uH\033[?25h", s->cursor_row - live.view.top + 1,
            s->cursor_col - live.view.left + 1);
    live.row = ~0u;
}

/* Another size of either: the terminal is cleared, and `shown` with it. */
static void start_again(void)
{
    for (size_t i = 0; i < CELLS; i++)
        live.shown[i] = (struct sim_cell){.fore = 255};
    live.status[0] = 0;
    live.shown_cols = live.view.cols;
    live.shown_rows = live.view.rows;
    live.pen.fore = 255;
    say("\033[0m\033[2J");
}

static bool size_changed(void)
{
    struct winsize now = {.ws_row = 0};

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &now) != 0 || !now.ws_row || !now.ws_col)
        now = (struct winsize){.ws_row = 25, .ws_col = 80}; /* it does not know */
    bool changed = now.ws_row != live.size.ws_row || now.ws_col != live.size.ws_col;
    live.size = now;
    return changed;
}

void live_draw(live_put *put, bool all, const char *keys)
{
    live.put = put;
    live.begun = false;
    live.row = ~0u;
    all = size_changed() || all;
    look();
    view_set();
    if (all || live.view.cols != live.shown_cols || live.view.rows != live.shown_rows)
        start_again();
    cells_draw();
    status_draw(keys);
    cursor_draw();
}

/* gui/window.c -- SDL: a texture that cairo draws into, and events.
 * Everything is drawn in points; on a screen of high density, or where the user wants all larger, a
 * point is several pixels, which only this file knows. Drawn only when something changed.
 * SPDX-License-Identifier: MIT */
#include <SDL.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gui/open.h"
#include "gui/window.h"

enum { LIVE_MS = 20 /* how long a window of a running machine waits for a hand */, KEYS = 64 };

struct window {
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    int width, height, wide, high; /* as the screen counts; in pixels */
    double scale;                  /* points of ours are so much larger */
    double told;                   /* when the bar was drawn last */
    SDL_Event later[KEYS];         /* typed during a search, for when it has ended */
    int laters;
};

struct window *window_open(const char *title, int width, int height, bool hidden, char *err,
                           size_t max)
{
    struct window *w = calloc(1, sizeof *w);
    Uint32 flags = SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI |
                   (hidden ? SDL_WINDOW_HIDDEN : SDL_WINDOW_SHOWN);

    if (hidden) {
        SDL_SetHint(SDL_HINT_VIDEODRIVER, "dummy");
        SDL_SetHint(SDL_HINT_RENDER_DRIVER, "software");
    } else { /* or what $SDL_VIDEODRIVER says; never a bare console, which nobody would see */
        SDL_SetHint(SDL_HINT_VIDEODRIVER, getenv("WAYLAND_DISPLAY") ? "x11,wayland" : "x11");
    }
    SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS,
                "1"); /* Ctrl-C in the terminal ends it as any program */
    if (!w || SDL_Init(SDL_INIT_VIDEO) != 0) {
        snprintf(err, max, "no display to open a window on (%s); -o FILE draws into a file",
                 SDL_GetError());
        free(w);
        return NULL;
    }
    w->window = SDL_CreateWindow(title, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, width,
                                 height, flags);
    if (w->window)
        w->renderer = SDL_CreateRenderer(w->window, -1, 0);
    if (!w->renderer) {
        snprintf(err, max, "no window (%s); -o FILE draws into a file", SDL_GetError());
        window_close(w);
        return NULL;
    }
    SDL_SetWindowMinimumSize(w->window, 400, 300);
    w->scale = 1;
    return w;
}

void window_close(struct window *w)
{
    if (!w)
        return;
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    if (w->renderer)
        SDL_DestroyRenderer(w->renderer);
    if (w->window)
        SDL_DestroyWindow(w->window);
    SDL_Quit();
    free(w);
}

void window_size(const struct window *w, int *width, int *height)
{
    *width = w->width;
    *height = w->height;
}

/* ---- drawing ---- */

/* A texture of the window's size, as it is now. */
static bool texture_fit(struct window *w)
{
    int wide, high;

    SDL_GetWindowSize(w->window, &w->width, &w->height);
    if (SDL_GetRendererOutputSize(w->renderer, &wide, &high) != 0 || wide < 1 || high < 1)
        return false;
    if (w->texture && wide == w->wide && high == w->high)
        return true;
    if (w->texture)
        SDL_DestroyTexture(w->texture);
    w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING,
                                   wide, high);
    w->wide = wide;
    w->high = high;
    return w->texture != NULL;
}

static void paint(struct window *w, void (*draw)(cairo_t *, void *), void *ctx)
{
    cairo_surface_t *s;
    cairo_t *cr;
    void *pixels;
    int pitch;

    if (!texture_fit(w) || SDL_LockTexture(w->texture, NULL, &pixels, &pitch) != 0)
        return;
    s = cairo_image_surface_create_for_data(pixels, CAIRO_FORMAT_RGB24, w->wide, w->high, pitch);
    cairo_surface_set_device_scale(s, w->scale * w->wide / w->width,
                                   w->scale * w->high / w->height);
    cr = cairo_create(s);
    draw(cr, ctx);
    cairo_destroy(cr);
    cairo_surface_destroy(s);
    SDL_UnlockTexture(w->texture);
    SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
    SDL_RenderPresent(w->renderer);
}

static void paint_app(cairo_t *cr, void *app)
{
    app_draw(cr, app);
}

void window_show(struct window *w, struct app *a)
{
    SDL_GetWindowSize(w->window, &w->width, &w->height);
    w->scale = a->scale;
    a->width = w->width / a->scale;
    a->height = w->height / a->scale;
    a->changed = false;
    paint(w, paint_app, a);
}

struct bar {
    const struct window *w;
    double part;
};

static void paint_bar(cairo_t *cr, void *ctx)
{
    const struct bar *b = ctx;
    struct look look = {.dark = false};
    struct rect r = {b->w->width / 4.0, b->w->height / 2.0, b->w->width / 2.0, 16};

    look_ink(cr, &look, LOOK_PAPER);
    cairo_paint(cr);
    look_ink(cr, &look, LOOK_TEXT);
    look_text(cr, b->w->width / 2.0, r.y - 20, 13, LOOK_CENTRE, 0,
              "making the index of this trace, once");
    look_box(cr, r, 1);
    look_paint(cr, (struct rect){r.x, r.y, r.w * b->part, r.h});
}

void window_tell(void *window, double part)
{
    struct window *w = window;
    struct bar bar = {w, part};
    SDL_Event e;

    if (open_now() - w->told < 0.05)
        return;
    w->told = open_now();
    paint(w, paint_bar, &bar);
    while (SDL_PollEvent(&e)) /* nothing half made is ever on the disk: so one may just go */
        if (e.type == SDL_QUIT || (e.type == SDL_KEYDOWN && e.key.keysym.sym == SDLK_q))
            exit(EXIT_SUCCESS);
}

struct message {
    const struct window *w;
    const char *words;
};

static void paint_words(cairo_t *cr, void *ctx)
{
    const struct message *m = ctx;
    struct look look = {.dark = false};

    look_ink(cr, &look, LOOK_PAPER);
    cairo_paint(cr);
    look_ink(cr, &look, LOOK_TEXT);
    look_text(cr, m->w->width / 2.0, m->w->height / 2.0, 14, LOOK_CENTRE, 0, m->words);
}

bool window_say(struct window *w, const char *words)
{
    struct message m = {w, words};
    SDL_Event e;

    paint(w, paint_words, &m);
    if (!SDL_WaitEventTimeout(&e, LIVE_MS))
        return true;
    return e.type != SDL_QUIT && (e.type != SDL_KEYDOWN || e.key.keysym.sym != SDLK_q);
}

/* ---- events ---- */

static int sizing(SDL_Keycode sym)
{
    switch (sym) {
    case SDLK_PLUS:
    case SDLK_EQUALS:
    case SDLK_KP_PLUS:
        return APP_LARGER;
    case SDLK_MINUS:
    case SDLK_KP_MINUS:
        return APP_SMALLER;
    default:
        return 0;
    }
}

static int key_of(const SDL_KeyboardEvent *k)
{
    static const struct {
        SDL_Keycode sym;
        int key;
    } keys[] = {
        {SDLK_LEFT, APP_LEFT},     {SDLK_RIGHT, APP_RIGHT},         {SDLK_UP, APP_UP},
        {SDLK_DOWN, APP_DOWN},     {SDLK_PAGEUP, APP_PAGE_UP},      {SDLK_PAGEDOWN, APP_PAGE_DOWN},
        {SDLK_HOME, APP_HOME},     {SDLK_RETURN, APP_ENTER},        {SDLK_KP_ENTER, APP_ENTER},
        {SDLK_ESCAPE, APP_ESCAPE}, {SDLK_BACKSPACE, APP_BACKSPACE},
    };

    if (k->keysym.mod & KMOD_CTRL)
        return sizing(k->keysym.sym);
    if (k->keysym.sym == SDLK_TAB)
        return k->keysym.mod & KMOD_SHIFT ? APP_BACK_TAB : APP_TAB;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].sym == k->keysym.sym)
            return keys[i].key;
    return 0;
}

/* Letters come as text, so that any keyboard's `?` is one. */
static void text_event(struct app *a, const char *text)
{
    if (SDL_GetModState() & KMOD_CTRL)
        return;
    if (a->prompt)
        app_type(a, text);
    else
        app_key(a, (unsigned char)*text);
}

static void mouse_event(struct app *a, const SDL_MouseButtonEvent *b)
{
    bool choose = b->button == SDL_BUTTON_RIGHT || SDL_GetModState() & KMOD_SHIFT;

    if (b->button != SDL_BUTTON_LEFT && b->button != SDL_BUTTON_RIGHT)
        return;
    if (b->type == SDL_MOUSEBUTTONDOWN)
        app_press(a, b->x / a->scale, b->y / a->scale, choose, b->clicks);
    else
        app_release(a, b->x / a->scale, b->y / a->scale);
}

static void event(struct app *a, const SDL_Event *e)
{
    int key;

    switch (e->type) {
    case SDL_QUIT:
        a->quit = true;
        break;
    case SDL_WINDOWEVENT:
        a->changed = true;
        break;
    case SDL_KEYDOWN:
        if ((key = key_of(&e->key)))
            app_key(a, key);
        break;
    case SDL_TEXTINPUT:
        text_event(a, e->text.text);
        break;
    case SDL_MOUSEMOTION:
        app_move(a, e->motion.x / a->scale, e->motion.y / a->scale);
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        mouse_event(a, &e->button);
        break;
    case SDL_MOUSEWHEEL:
        app_wheel(a, a->x, a->y, e->wheel.y ? e->wheel.y : e->wheel.x,
                  e->wheel.x || SDL_GetModState() & KMOD_SHIFT);
        break;
    }
}

/* What is typed during a search is meant for what it finds; Esc ends it. */
static bool is_for_later(const struct window *w, const struct app *a, const SDL_Event *e)
{
    return a->searching && w->laters < KEYS &&
           (e->type == SDL_TEXTINPUT ||
            (e->type == SDL_KEYDOWN && e->key.keysym.sym != SDLK_ESCAPE));
}

static void take(struct window *w, struct app *a, const SDL_Event *e)
{
    if (is_for_later(w, a, e))
        w->later[w->laters++] = *e;
    else
        event(a, e);
}

/* As far as no new search begins. */
static void take_laters(struct window *w, struct app *a)
{
    int n = 0;

    while (n < w->laters && !a->searching)
        event(a, &w->later[n++]);
    w->laters -= n;
    memmove(w->later, w->later + n, (size_t)w->laters * sizeof *w->later);
}

/* Named once it shows something: whoever looks for it by its name finds what can be used. */
static void name(struct window *w, const struct app *a)
{
    char title[APP_TITLE];

    app_title(a, title);
    if (strcmp(title, SDL_GetWindowTitle(w->window)) != 0)
        SDL_SetWindowTitle(w->window, title);
}

void window_run(struct window *w, struct app *a)
{
    SDL_Event e;

    SDL_StartTextInput();
    while (!a->quit) {
        if (a->changed)
            window_show(w, a);
        name(w, a);
        if (!app_tick(a) && !w->laters &&
            (a->live ? SDL_WaitEventTimeout(&e, LIVE_MS) : SDL_WaitEvent(&e)))
            take(w, a, &e);
        take_laters(w, a);
        while (SDL_PollEvent(&e)) /* all that came meanwhile, then one picture */
            take(w, a, &e);
    }
}

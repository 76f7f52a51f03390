/* gui/live.c -- messages: taken in, kept, and sent. See live.h. SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gui/live_keep.h"

enum { SPACES = 4096, LABELS = 1024, IN_ROOM = VIEW_BYTES };

static void lost(struct live *l, const char *why)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    if (!l->gone[0])
        snprintf(l->gone, sizeof l->gone, "%s", why);
}

bool live_open(struct live *l, int fd)
{
    *l = (struct live){.fd = fd};
    l->in = malloc(IN_ROOM);
    l->space = malloc(SPACES * sizeof *l->space);
    l->label = calloc(LABELS, sizeof *l->label);
    if (!l->in || !l->space || !l->label) {
        live_close(l);
        return false;
    }
    for (unsigned i = 0; i < SPACES; i++)
        l->space[i] = (struct trace_extra){.cr3 = UINT64_MAX};
    if (fd >= 0)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    live_ask(l, VIEW_HELLO, (uint64_t)VIEW_VERSION << 32 | VIEW_MAGIC, 0, NULL);
    return true;
}

void live_close(struct live *l)
{
    if (l->fd >= 0)
        close(l->fd);
    keep_free(l);
    free(l->in);
    free(l->space);
    free(l->label);
    *l = (struct live){.fd = -1};
}

/* ---- out ---- */

static void send_out(struct live *l)
{
    while (l->fd >= 0 && l->out_n) {
        ssize_t n = send(l->fd, l->out, l->out_n, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            l->out_n = 0; /* it hears no more; what it said last is still to be read */
        if (n <= 0)
            return;
        l->out_n -= (size_t)n;
        memmove(l->out, l->out + n, l->out_n);
    }
}

void live_ask(struct live *l, enum view_message kind, uint64_t a, uint64_t b, const char *text)
{
    struct view_ask ask = {a, b};
    size_t words = text ? strnlen(text, VIEW_TEXT - 1) : 0;
    struct view_head head = {.kind = (uint16_t)kind};

    head.bytes = (uint32_t)(sizeof head + sizeof ask + words);
    if (l->fd < 0 || head.bytes > sizeof l->out - l->out_n)
        return;
    memcpy(l->out + l->out_n, &head, sizeof head);
    memcpy(l->out + l->out_n + sizeof head, &ask, sizeof ask);
    if (words)
        memcpy(l->out + l->out_n + sizeof head + sizeof ask, text, words);
    l->out_n += head.bytes;
    send_out(l);
}

/* ---- in ---- */

/* A body being read: what is not there reads as zero. */
struct body {
    const uint8_t *at;
    size_t n;
};

static bool get(struct body *b, void *to, size_t n)
{
    bool whole = b->n >= n;
    size_t part = whole ? n : b->n;

    memset(to, 0, n);
    memcpy(to, b->at, part);
    b->at += part;
    b->n -= part;
    return whole;
}

/* The rest, made printable. */
static void get_text(struct body *b, char *to, size_t max)
{
    size_t n = b->n < max ? b->n : max - 1;

    for (size_t i = 0; i < n; i++)
        to[i] = b->at[i] >= ' ' && b->at[i] <= '~' ? (char)b->at[i] : '?';
    to[n] = 0;
}

static void take_hello(struct live *l, struct body *b, unsigned kind)
{
    struct view_hello h;

    if (kind != VIEW_HELLO || !get(b, &h, sizeof h) || h.magic != VIEW_MAGIC ||
        h.version != VIEW_VERSION || h.start > MODEL_END_MAX) {
        lost(l, "the other side speaks another version: use the Flatfish that this viewer is of");
        return;
    }
    l->greeted = true;
    l->start = h.start;
    l->backs = h.backs != 0;
    get_text(b, l->title, sizeof l->title);
}

static void take_state(struct live *l, struct body *b)
{
    struct view_state s;

    if (!get(b, &s, sizeof s) || s.icount > MODEL_END_MAX || s.furthest > MODEL_END_MAX ||
        s.what > VIEW_ENDED)
        return;
    l->state = s;
    get_text(b, l->why, sizeof l->why);
    l->changes++;
}

static void take_space(struct live *l, struct body *b)
{
    struct view_space s;

    if (!get(b, &s, sizeof s) || s.index >= SPACES)
        return;
    l->space[s.index] = (struct trace_extra){
        .cr3 = s.cr3, .id = s.id, .parent = s.parent, .level = s.level, .live = s.live != 0};
    if (s.cr3 == UINT64_MAX)
        l->space[s.index].cr3 = 0;
    get_text(b, l->space[s.index].text, sizeof l->space->text);
    if (s.index >= l->spaces)
        l->spaces = s.index + 1;
    l->changes++;
}

static void take_label(struct live *l, struct body *b)
{
    struct view_label v;

    if (!get(b, &v, sizeof v) || v.id >= LABELS)
        return;
    get_text(b, l->label[v.id], sizeof *l->label);
    if (v.id >= l->labels)
        l->labels = v.id + 1;
}

static void take_chain(struct live *l, struct body *b)
{
    struct live_chain *c = &l->chain;

    c->known = get(b, &c->head, sizeof c->head) && c->head.links <= VIEW_LINKS &&
               c->head.sharers <= VIEW_SHARERS &&
               get(b, c->link, c->head.links * sizeof *c->link) &&
               get(b, c->sharer, c->head.sharers * sizeof *c->sharer);
    get_text(b, c->words, sizeof c->words);
}

static void take_place(struct live *l, struct body *b)
{
    struct live_place p;

    p.known = get(b, &p.at, sizeof p.at);
    get_text(b, p.symbol, sizeof p.symbol);
    l->looked = p;
    if (p.at.icount == l->state.icount)
        l->here = p;
}

static void take_found(struct live *l, struct body *b)
{
    struct view_found f;
    char text[VIEW_TEXT];

    get(b, &f, sizeof f);
    get_text(b, text, sizeof text);
    snprintf(l->said, sizeof l->said, "%.180s is at 0x%llx", text, (unsigned long long)f.address);
}

static void take_one(struct live *l, unsigned kind, struct body b)
{
    switch (kind) {
    case VIEW_STATE:
        take_state(l, &b);
        break;
    case VIEW_SPACE:
        take_space(l, &b);
        break;
    case VIEW_LABEL:
        take_label(l, &b);
        break;
    case VIEW_EVENTS:
        keep_events(l, b.at, b.n);
        break;
    case VIEW_SUMS:
        keep_sums(l, b.at, b.n);
        break;
    case VIEW_PLACE:
        take_place(l, &b);
        break;
    case VIEW_CHAIN:
        take_chain(l, &b);
        break;
    case VIEW_FOUND:
        take_found(l, &b);
        break;
    case VIEW_SAID:
        get_text(&b, l->said, sizeof l->said);
        break;
    }
}

/* The first message at `at`; its length, 0 = it is not whole yet. */
static size_t take_first(struct live *l, const uint8_t *at, size_t n)
{
    struct view_head head;

    if (n < sizeof head)
        return 0;
    memcpy(&head, at, sizeof head);
    if (head.bytes < sizeof head || head.bytes > VIEW_BYTES) {
        lost(l, "what came from the machine is no message");
        return 0;
    }
    if (n < head.bytes)
        return 0;
    struct body b = {at + sizeof head, head.bytes - sizeof head};
    if (!l->greeted)
        take_hello(l, &b, head.kind);
    else
        take_one(l, head.kind, b);
    return head.bytes;
}

size_t live_take(struct live *l, const uint8_t *bytes, size_t n)
{
    size_t at = 0, one;

    while (!l->gone[0] && (one = take_first(l, bytes + at, n - at)))
        at += one;
    return at;
}

static bool take_all(struct live *l)
{
    size_t at = live_take(l, l->in, l->in_n);

    l->in_n -= at;
    memmove(l->in, l->in + at, l->in_n);
    return at > 0;
}

/* At most so much at a time that a window lives on. */
bool live_poll(struct live *l)
{
    bool some = false;

    send_out(l);
    for (int turn = 0; turn < 8 && l->fd >= 0; turn++) {
        ssize_t n = recv(l->fd, l->in + l->in_n, IN_ROOM - l->in_n, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n <= 0) {
            lost(l, l->changes || !l->said[0] ? "the machine is gone; what it told is shown"
                                              : l->said);
            return true;
        }
        l->in_n += (size_t)n;
        some |= take_all(l);
    }
    return some;
}

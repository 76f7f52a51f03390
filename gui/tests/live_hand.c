/* gui/tests/live_hand.c -- a viewer without a window, led by words: what a hand at the live viewer
 * does, judged by what is then known. `live_hand SOCKET WORD...` listens, takes one run, does word
 * after word and prints a line for those that ask something; with `attach:SOCKET` it joins a run,
 * as soon as one listens there. Every model that it makes must account for each instruction.
 * SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gui/live.h"

enum { TURN_US = 2000, WAIT_TURNS = 60 * 500 /* a minute, however busy the host is */ };

static struct live live;
static FILE *kept; /* all that came, for who asked to keep it */

static void die(const char *why)
{
    fprintf(stderr, "live_hand: %s\n", why);
    exit(1);
}

static int take_run(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;

    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    unlink(path);
    if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 1) != 0)
        die("cannot listen");
    alarm(120);
    fd = accept(listener, NULL, NULL);
    alarm(0);
    close(listener);
    return fd;
}

/* A run that listens there, sooner or later. */
static int join_run(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    for (int turn = 0; turn < WAIT_TURNS; turn++) {
        if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
            return fd;
        usleep(TURN_US);
    }
    die("no run to join");
    return -1;
}

/* ---- waiting ---- */

static bool stands(void)
{
    return live.state.what != VIEW_RUNS && live.here.known &&
           live.here.at.icount == live.state.icount;
}

static bool ended(void)
{
    return live.state.what == VIEW_ENDED && stands();
}

static bool runs(void)
{
    return live.changes && live.state.icount > 0;
}

static bool gone(void)
{
    return live.gone[0] != 0;
}

static bool answered(void)
{
    return live.chain.known || live.said[0];
}

static bool looked(void)
{
    return live.looked.known;
}

/* As live_poll(); or by hand, with a copy. */
static bool take(void)
{
    static uint8_t bytes[1 << 20];
    static size_t n;
    size_t taken;
    ssize_t more;

    if (!kept)
        return live_poll(&live);
    more = recv(live.fd, bytes + n, sizeof bytes - n, MSG_DONTWAIT);
    if (more <= 0)
        return false;
    fwrite(bytes + n, 1, (size_t)more, kept);
    n += (size_t)more;
    taken = live_take(&live, bytes, n);
    n -= taken;
    memmove(bytes, bytes + taken, n);
    return true;
}

static void wait_for(bool (*there)(void), const char *what)
{
    for (int turn = 0; turn < WAIT_TURNS && !there(); turn++)
        if (!take()) {
            if (live.gone[0] && there != gone)
                die(live.gone);
            usleep(TURN_US);
        }
    if (!there())
        die(what);
}

static bool said(void)
{
    return live.said[0] != 0;
}

/* Who joins a machine that stands is told so, and told again when he asks it to: what is still on
 * its way must not be taken for the answer to what comes next. Answers come in order. */
static void settle(void)
{
    live.said[0] = 0;
    live_ask(&live, VIEW_FIND, 0, 0, "nobody:nothing");
    wait_for(said, "no answer");
    live.said[0] = 0;
}

/* Does it, and waits until the machine stands again. */
static void act(enum view_message kind, uint64_t a, uint64_t b, const char *text)
{
    if (stands())
        settle();
    live.here.known = false;
    live_ask(&live, kind, a, b, text);
    wait_for(stands, "the machine does not stand");
}

/* ---- judging ---- */

static uint64_t account(struct model *m, uint64_t from, uint64_t to, bool show)
{
    struct model_cost *cost = calloc(m->entities, sizeof *cost);
    uint64_t sum = 0;

    model_costs(m, from, to, cost);
    for (unsigned i = 0; i < m->entities; i++) {
        sum += cost[i].own + cost[i].others + cost[i].kernel;
        if (show && cost[i].own + cost[i].others + cost[i].kernel)
            printf("%s %" PRIu64 " %" PRIu64 "\n", m->entity[i].name, cost[i].own + cost[i].others,
                   cost[i].kernel);
    }
    free(cost);
    return sum;
}

static void check_model(bool show)
{
    struct live_picture *p = live_picture(&live);
    struct model *m = p ? p->model : NULL;
    uint64_t third, part, wanted;

    if (!m)
        die("no picture");
    third = m->start + (m->end - m->start) / 3;
    if (model_damage(m))
        die(model_damage(m));
    if ((part = account(m, 0, UINT64_MAX, show)) != m->end - m->start) {
        fprintf(stderr, "live_hand: %" PRIu64 " of %" PRIu64 "\n", part, m->end - m->start);
        die("the whole is not accounted for");
    }
    part = account(m, third, m->end - third / 7, false);
    wanted = m->end - third / 7 - third;
    if (part > wanted + 2 * index_lanes(m->index) || part + 2 * index_lanes(m->index) < wanted)
        die("a part is not accounted for"); /* each lane's share of a gap is rounded */
    live_picture_close(p);
}

/* ---- words ---- */

static void chain_print(void)
{
    const struct live_chain *c = &live.chain;

    if (!c->known)
        die(live.said);
    for (uint32_t i = 0; i < c->head.links; i++)
        printf("link %u 0x%" PRIx64 " mapping %u region %u\n", c->link[i].space, c->link[i].va,
               c->link[i].mapping, c->link[i].region);
    printf("%s 0x%" PRIx64 " sharers %u: %s\n", c->head.reached ? "memory" : "none", c->head.pa,
           c->head.sharers, c->words);
}

static uint32_t space_named(const char *name)
{
    for (unsigned i = 0; i < live.spaces; i++)
        if (strcmp(live.space[i].text, name) == 0 && live.space[i].live)
            return live.space[i].id;
    die("no such space");
    return 0;
}

static void follow(char *value)
{
    char *colon = strchr(value, ':');

    if (!colon)
        die("chain=SPACE:ADDRESS");
    *colon = 0;
    live.chain.known = false;
    live_ask(&live, VIEW_FOLLOW, strtoull(colon + 1, NULL, 0), space_named(value), NULL);
    wait_for(answered, "no chain");
    chain_print();
}

static void look(uint64_t at)
{
    uint64_t home = live.state.icount;

    live.looked.known = false;
    live_ask(&live, VIEW_LOOK, at, 0, NULL);
    wait_for(looked, "no registers");
    if (live.state.icount != home)
        die("the machine was said to be elsewhere during a look");
    printf("looked %" PRIu64 " 0x%" PRIx64 " %s\n", live.looked.at.icount,
           live.looked.at.reg[VIEW_REG_rip], live.looked.symbol);
}

static void junk(void)
{
    uint8_t bytes[256];

    memset(bytes, 0xff, sizeof bytes);
    if (write(live.fd, bytes, sizeof bytes) < 0)
        die("cannot write");
    wait_for(gone, "the machine still listens");
}

static void word(char *w)
{
    char *value = strchr(w, '=');
    uint64_t n;

    if (value)
        *value++ = 0;
    n = value ? strtoull(value, NULL, 0) : 0;
#define IS(name) (strcmp(w, name) == 0)
    if (IS("end"))
        wait_for(ended, "it does not end");
    else if (IS("some"))
        wait_for(runs, "it does not run");
    else if (IS("gone"))
        wait_for(gone, "it is not gone");
    else if (IS("pause"))
        act(VIEW_PAUSE, 0, 0, NULL);
    else if (IS("run"))
        live_ask(&live, VIEW_RUN, 0, 0, NULL);
    else if (IS("step"))
        act(VIEW_STEP, n, 0, NULL);
    else if (IS("crossing"))
        act(VIEW_CROSSING, 0, 0, NULL);
    else if (IS("goto"))
        act(VIEW_GOTO, n, 100000, NULL);
    else if (IS("back"))
        act(VIEW_GOTO, live.state.icount - n, 0, NULL);
    else if (IS("reach"))
        act(VIEW_REACH, 0, 0, value);
    else if (IS("speed"))
        live_ask(&live, VIEW_SPEED, n, 0, NULL);
    else if (IS("look"))
        look(n);
    else if (IS("find")) {
        live.said[0] = 0;
        live_ask(&live, VIEW_FIND, 0, 0, value);
        wait_for(answered, "no answer");
        printf("found %s\n", live.said);
    } else if (IS("chain"))
        follow(value);
    else if (IS("at"))
        printf("at %" PRIu64 " of %" PRIu64 "\n", live.state.icount, live.state.furthest);
    else if (IS("place"))
        printf("%" PRIu64 " 0x%" PRIx64 " %s\n", live.state.icount, live.here.at.reg[VIEW_REG_rip],
               live.here.symbol);
    else if (IS("dropped"))
        printf("dropped %s\n", live.state.dropped ? "some" : "none");
    else if (IS("check"))
        check_model(false);
    else if (IS("costs"))
        check_model(true);
    else if (IS("why"))
        printf("why %s\n", live.gone);
    else if (IS("touch")) { /* a file, for whoever waits for this moment */
        FILE *f = fopen(value, "we");
        if (!f || fclose(f) != 0)
            die("cannot touch");
    } else if (IS("leave")) { /* when that file is there */
        for (int turn = 0; turn < WAIT_TURNS && access(value, F_OK) != 0; turn++)
            usleep(TURN_US);
    } else if (IS("deaf")) /* reads nothing for so many milliseconds */
        usleep((useconds_t)n * 1000);
    else if (IS("keep"))
        kept = fopen(value, "we");
    else if (IS("junk"))
        junk();
    else if (IS("die"))
        kill(getpid(), SIGKILL);
    else
        die(w);
#undef IS
}

int main(int argc, char **argv)
{
    static const char attach[] = "attach:";
    bool joins = argc > 1 && strncmp(argv[1], attach, strlen(attach)) == 0;

    if (argc < 2 ||
        !live_open(&live, joins ? join_run(argv[1] + strlen(attach)) : take_run(argv[1])))
        die("usage: live_hand [attach:]SOCKET WORD...");
    for (int i = 2; i < argc; i++)
        word(argv[i]);
    live_close(&live);
    return kept && fclose(kept) != 0;
}

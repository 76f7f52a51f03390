/* gui/tests/fuzz_view.c -- libFuzzer target: whatever bytes stand for a trace, its index accounts
 * for every instruction of it, of any part too, and all panes draw any range; whatever bytes stand
 * for an index, with a digest that fits, the same but for the account. Input: a byte, odd = an
 * index follows; else u16 length of the metadata, the metadata, the events file.
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "gui/chain.h"
#include "gui/index_file.h"
#include "gui/layout.h"
#include "gui/search.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { WIDTH = 420, HEIGHT = 260 };

static const uint8_t nobody[INDEX_DIGEST];

static void must(bool held)
{
    if (!held)
        abort();
}

static uint64_t account(struct model *m, uint64_t from, uint64_t to)
{
    struct model_cost *cost = calloc(m->entities, sizeof *cost);
    uint64_t sum = 0;

    must(cost != NULL);
    model_costs(m, from, to, cost);
    for (unsigned i = 0; i < m->entities; i++)
        sum += cost[i].own + cost[i].others + cost[i].kernel;
    free(cost);
    return sum;
}

static void check_account(struct model *m)
{
    uint64_t length = m->end - m->start, a = m->start + length / 3, b = m->end - length / 5;

    if (!index_points(m->index) || !index_lanes(m->index))
        return;
    must(account(m, 0, UINT64_MAX) == length);
    if (a < b)
        must(account(m, a, b) == b - a);
}

static void draw(struct view *v)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
    cairo_t *cr = cairo_create(s);

    layout_draw(cr, v, (struct rect){0, 0, WIDTH, HEIGHT}, NULL);
    must(cairo_status(cr) == CAIRO_STATUS_SUCCESS);
    cairo_destroy(cr);
    cairo_surface_destroy(s);
}

static void touch(struct view *v)
{
    struct rect area = {0, 0, WIDTH, HEIGHT}, r;
    char words[PANE_WORDS];

    for (double x = 10; x < WIDTH; x += 97)
        for (double y = 10; y < HEIGHT; y += 61) {
            const struct pane *pane = layout_find(v, area, NULL, x, y, &r);
            if (!pane)
                continue;
            pane->hover(v, r, x, y, words);
            pane->click(v, r, x, y);
        }
}

static void look_at(struct model *m)
{
    static struct search s;
    struct view v;

    view_init(&v, m);
    draw(&v);
    touch(&v);
    view_go(&v, m->start + (m->end - m->start) / 2);
    view_zoom(&v, v.at, 0.01);
    v.threads = true;
    draw(&v);
    touch(&v);
    search_begin(&s, m, "fault", m->start, false);
    while (!search_step(&s))
        ;
}

static void as_trace(const uint8_t *bytes, size_t n)
{
    size_t meta = n < 2 ? SIZE_MAX : codec_word(bytes, 2);
    char err[256] = "";
    struct trace_reader *t;
    struct index *x;
    struct model *m;
    int fd;

    if (n < 2 || meta > n - 2)
        return;
    t = trace_read_memory(bytes + 2, meta, bytes + 2 + meta, n - 2 - meta, err, sizeof err);
    if (!t)
        return;
    fd = memfd_create("index", MFD_CLOEXEC);
    must(fd >= 0 && index_build(t, fd, nobody, NULL, NULL, NULL, err, sizeof err));
    x = index_load(fd, nobody);
    must(x != NULL);
    close(fd);
    m = model_new(t, x, NULL);
    if (!m)
        return;
    check_account(m);
    look_at(m);
    model_close(m);
}

static void as_index(const uint8_t *bytes, size_t n)
{
    static const char metadata[] =
        "/* CTF 1.8 */\nenv {\n    tracer_name = \"flatfish\";\n    format = 2;\n"
        "    state = \"open\";\n};\n";
    struct index_header h;
    struct trace_reader *t;
    struct index *x;
    struct model *m;
    char err[256];
    int fd = n < sizeof h ? -1 : memfd_create("index", MFD_CLOEXEC);

    if (fd < 0)
        return;
    memcpy(&h, bytes, sizeof h);
    h.magic = INDEX_MAGIC;
    h.version = INDEX_VERSION;
    h.size = n;
    memcpy(h.trace, nobody, sizeof nobody);
    must(write(fd, bytes, n) == (ssize_t)n && pwrite(fd, &h, sizeof h, 0) == sizeof h);
    must(index_digest(fd, n, h.content) && pwrite(fd, &h, sizeof h, 0) == sizeof h);
    x = index_load(fd, nobody);
    close(fd);
    t = x ? trace_read_memory(metadata, sizeof metadata - 1, "", 0, err, sizeof err) : NULL;
    must(!x || t);
    m = x ? model_new(t, x, NULL) : NULL;
    if (!m)
        return;
    account(m, 0, UINT64_MAX);
    look_at(m);
    model_close(m);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n && *bytes & 1)
        as_index(bytes + 1, n - 1);
    else if (n)
        as_trace(bytes + 1, n - 1);
    return 0;
}

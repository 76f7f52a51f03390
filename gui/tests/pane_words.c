/* gui/tests/pane_words.c -- what a pane says wherever the mouse is put, a line each, for a script
 * to judge. pane_words PANE TRACE [OTHER]. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "gui/pane.h"

static void say(const struct pane *pane, struct view *v, struct rect r)
{
    char words[PANE_WORDS], before[PANE_WORDS] = "";

    for (double y = r.y; y < r.y + r.h; y += 2) {
        if (!pane->hover(v, r, r.x + r.w / 2, y, words) || strcmp(words, before) == 0)
            continue;
        puts(words);
        strcpy(before, words);
    }
}

int main(int argc, char **argv)
{
    const struct pane *pane = argc > 2 ? pane_find(argv[1]) : NULL;
    char err[256] = "usage: pane_words PANE TRACE [OTHER]";
    struct model *m = pane ? model_open(argv[2], NULL, NULL, err, sizeof err) : NULL;
    bool priced = argc > 3 && !strncmp(argv[3], "price=", 6);
    struct model *other =
        m && argc > 3 && !priced ? model_open(argv[3], NULL, NULL, err, sizeof err) : NULL;
    struct view v;

    if (!m || (argc > 3 && !other && !priced)) {
        fprintf(stderr, "pane_words: %s\n", err);
        return 1;
    }
    view_init(&v, m);
    v.other = other;
    if (priced)
        v.priced = price_read(&v.price[0], argv[3] + 6) ? 0 : -1;
    say(pane, &v, (struct rect){0, 0, 900, 600});
    model_close(other);
    model_close(m);
    return 0;
}

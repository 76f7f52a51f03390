/* gui/tests/view_sums.c -- prints the costs that the panes draw, for a script to judge.
 * view_sums TRACE [FROM TO]...: for each range (the whole trace without one) a line a space, a
 * "sum". SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "gui/model.h"

static void print_range(struct model *m, uint64_t from, uint64_t to)
{
    struct model_cost *cost = calloc(m->entities, sizeof *cost);
    uint64_t sum = 0;

    if (!cost)
        exit(99);
    model_costs(m, from, to, cost);
    for (unsigned i = 0; i < m->entities; i++) {
        struct model_cost *c = &cost[i];
        sum += c->own + c->others + c->kernel;
        if (c->own || c->others || c->kernel || c->entries)
            printf("%s own=%" PRIu64 " others=%" PRIu64 " kernel=%" PRIu64 " entries=%" PRIu64
                   " served=%" PRIu64 " waiting=%" PRIu64 "\n",
                   m->entity[i].name, c->own, c->others, c->kernel, c->entries, c->served,
                   c->waiting);
    }
    printf("sum %" PRIu64 "\n", sum);
    free(cost);
}

int main(int argc, char **argv)
{
    char err[256] = "which trace?";
    struct model *m = argc > 1 ? model_open(argv[1], NULL, NULL, err, sizeof err) : NULL;

    if (!m) {
        fprintf(stderr, "view_sums: %s\n", err);
        return 1;
    }
    if (argc == 2)
        print_range(m, 0, UINT64_MAX);
    for (int i = 2; i + 1 < argc; i += 2)
        print_range(m, strtoull(argv[i], NULL, 10), strtoull(argv[i + 1], NULL, 10));
    if (model_damage(m))
        printf("damage %s\n", model_damage(m));
    model_close(m);
    return 0;
}

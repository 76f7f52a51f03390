/* gui/search.c -- looks through packets, forwards or backwards; see search.h.
 * Most events of a trace are alike: whether words are about one is judged once for each kind,
 * reason and place. SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gui/search.h"

enum { PACKETS_A_STEP = 16 };

void search_begin(struct search *s, struct model *m, const char *words, uint64_t at, bool backward)
{
    char *end;
    size_t n = 0;

    *s = (struct search){.model = m, .at = at, .backward = backward};
    snprintf(s->words, sizeof s->words, "%s", words);
    s->wanted = strtoull(words, &end, 0);
    s->address = !strncmp(words, "0x", 2) && !*end && end > words + 2;
    while (n + 1 < index_points(m->index) && trace_packet(m->reader, n + 1)->begin <= at)
        n++;
    s->packet = n;
    s->done = !*words || !index_points(m->index);
}

static bool about(const struct search *s, const struct trace_record *r)
{
    const struct model *m = s->model;
    char text[MODEL_LABEL];

    if (r->kind == TRACE_MARK)
        return strcasestr(model_mark(m, r->reason, text), s->words) != NULL;
    if (!trace_kind_crosses(r->kind))
        return strcasestr(trace_kind_name(r->kind), s->words) != NULL;
    model_reason(m, r, text);
    return strcasestr(text, s->words) ||
           (r->to & 1 && strcasestr(m->entity[model_entity(m, r->to)].label, s->words));
}

static bool judged(struct search *s, const struct trace_record *r)
{
    uint64_t key = (uint64_t)r->reason << 24 | (uint64_t)r->to << 8 | r->kind;
    size_t slot = (key * 0x9e3779b97f4a7c15ull) >> 52;

    if (s->address)
        return r->addr == s->wanted;
    if (s->key[slot] != key) {
        s->key[slot] = key;
        s->yes[slot] = about(s, r);
    }
    return s->yes[slot];
}

/* The first, or backwards the last, in one packet. */
static void look(struct search *s)
{
    struct trace_record r;
    uint64_t found = 0;

    trace_read_packets(s->model->reader, s->packet, s->packet + 1);
    while (trace_read_next(s->model->reader, &r)) {
        if (s->backward ? r.icount >= s->at : r.icount <= s->at)
            continue;
        if (!judged(s, &r))
            continue;
        s->found = true;
        found = r.icount;
        if (!s->backward)
            break;
    }
    if (s->found)
        s->at = found;
}

bool search_step(struct search *s)
{
    for (int i = 0; i < PACKETS_A_STEP && !s->done; i++) {
        look(s);
        s->done = s->found || s->packet == (s->backward ? 0 : index_points(s->model->index) - 1);
        s->packet += s->backward ? -1 : 1;
    }
    return s->done;
}

/* gui/view.c -- changes of what is being looked at, kept within what there is.
 * SPDX-License-Identifier: MIT */
#include <math.h>

#include "gui/view.h"

enum { RANGE_MIN = 8 };

void view_init(struct view *v, struct model *m)
{
    *v = (struct view){.model = m, .entity = -1, .priced = -1};
    view_range(v, m->start, m->end);
}

void view_range(struct view *v, double from, double to)
{
    double start = v->model->start, end = v->model->end;
    double length = fmax(to - from, RANGE_MIN);

    if (end < start + RANGE_MIN)
        end = start + RANGE_MIN;
    if (!(length < end - start)) {
        v->from = v->model->start;
        v->to = end > v->model->end ? (uint64_t)end : v->model->end;
        return;
    }
    from = fmin(fmax(from, start), end - length);
    v->from = from;
    v->to = v->from + (uint64_t)length;
}

void view_zoom(struct view *v, double centre, double factor)
{
    double from = centre - (centre - v->from) * factor, to = centre + (v->to - centre) * factor;

    view_range(v, from, to);
}

void view_pan(struct view *v, double instructions)
{
    view_range(v, v->from + instructions, v->to + instructions);
}

struct finding {
    struct view *view;
    uint64_t at;
};

static bool found(void *ctx, const struct trace_span *span, uint64_t begun)
{
    struct finding *f = ctx;

    if (span->end <= f->at && span->begin < f->at)
        return true;
    f->view->at_known = true;
    f->view->at = span->by.to == INDEX_UNSEEN ? f->at : begun; /* of a gap nothing is known */
    f->view->entity = model_charged(f->view->model, span->by.to, span->by.behalf);
    f->view->legs_above = 0;
    return false;
}

void view_select(struct view *v, uint64_t icount)
{
    struct finding f = {v, icount};
    struct model_visit visit = {.span = found, .ctx = &f};

    model_visit(v->model, icount, icount + 1 ? icount + 1 : icount, &visit);
}

void view_go(struct view *v, uint64_t icount)
{
    double length = v->to - v->from;

    if (icount < v->from || icount > v->to)
        view_range(v, icount - length / 3, icount + length * 2 / 3);
    view_select(v, icount);
}

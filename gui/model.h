/* gui/model.h -- a trace as the panes see it: who there is, who ran when, exact sums of any range.
 * Owns the reader and the index. Nothing here draws, and nothing here changes once it is open.
 *
 * An *entity* is what a picture shows as one: a space; or, as entity 0, the kernel before there
 * were spaces, whose several page tables nobody wants to tell apart. SPDX-License-Identifier: MIT
 */
#ifndef GUI_MODEL_H
#define GUI_MODEL_H

#include "gui/index.h"
#include "gui/price.h"

#define MODEL_LABEL 96

struct model_entity {
    unsigned space; /* its index in the trace; of entity 0 any */
    uint32_t id;    /* kernel's name for it, 0 = not known */
    int parent;     /* entity; 0 = the kernel, -1 for entity 0 */
    unsigned level; /* 0 = kernel, or a space of no known level */
    unsigned shade; /* the level whose colour it has: its own, or one of its own making */
    char name[MODEL_LABEL], label[MODEL_LABEL]; /* "pager", "L3 pager" */
    uint64_t first, last; /* icount: it, or somebody on its behalf, ran at no other time */
};

/* What an entity cost in a range. Its own work, its work for others and the kernel's on its behalf
 * of all entities add up to the range. `served` is a part of the others' work for others, by whom
 * it is for; `waiting` is what else passed between the entity's first and last instruction. */
struct model_cost {
    uint64_t own, others, kernel, served, waiting;
    uint64_t entries; /* crossings into it, and into the kernel on its behalf */
};

struct model {
    struct trace_reader *reader;
    struct index *index;
    const struct index_live *live; /* NULL for a trace; not the model's own */

    unsigned long number; /* no other model of this program has it */
    uint64_t start, end;
    struct model_entity *entity; /* by level, then by index */
    unsigned entities;
    uint32_t *of_space; /* space index -> entity */
    struct index_cell *sums;
    uint32_t *lane_hash;
    size_t lane_hashed;
};

/* No run is so long; beyond, numbers of pictures would no longer be exact. */
#define MODEL_END_MAX (1ull << 52)

/* Of a trace and its index, which become the model's. NULL when memory is out, or time is. */
struct model *model_new(struct trace_reader *t, struct index *x, const struct index_live *live);
/* NULL with a line in `err`. */
struct model *model_open(const char *dir, index_tell *tell, void *ctx, char *err, size_t max);
void model_close(struct model *m);

/* NULL, or how far the trace is whole. */
const char *model_damage(const struct model *m);

unsigned model_entity(const struct model *m, unsigned domain);
/* Whom a lane's, or a span's, instructions are charged to. */
unsigned model_charged(const struct model *m, unsigned to, unsigned behalf);
uint32_t model_lane(const struct model *m, const struct trace_record *by);

/* By lane, exactly what lies in [from, to); valid until the next call. */
const struct index_cell *model_sums(struct model *m, uint64_t from, uint64_t to);
/* By entity; `cost` has room for all. */
void model_costs(struct model *m, uint64_t from, uint64_t to, struct model_cost *cost);

/* The same in modelled cycles. Crossings of stretches that nobody
 * watched have no price: their kinds are not known. */
struct model_cycles {
    double own, others, kernel, served;
};
void model_cycles(struct model *m, uint64_t from, uint64_t to, const struct price *price,
                  struct model_cycles *cycles);

/* Every span that touches [from, to), in order, cut to it; and every event that is no crossing. A
 * callback may be NULL; false from one ends the visit. */
struct model_visit {
    bool (*span)(void *ctx, const struct trace_span *span, uint64_t begun);
    bool (*event)(void *ctx, const struct trace_record *event);
    void *ctx;
};
void model_visit(struct model *m, uint64_t from, uint64_t to, const struct model_visit *v);

/* How often each region is open just before `icount`: by the order of region lanes in the index. */
void model_regions(struct model *m, uint64_t icount, uint16_t open[INDEX_REGIONS]);
/* The how-manieth region lane is that of this id. */
unsigned model_region(const struct model *m, uint32_t id);

/* Why control came, for people: "page fault 0x101d2000 write", "port_create", "sysret". */
void model_reason(const struct model *m, const struct trace_record *by, char text[MODEL_LABEL]);
const char *model_mark(const struct model *m, uint32_t id, char text[MODEL_LABEL]);

#endif

/* gui/index.h -- the index of a trace: who ran how long in every stretch of it, at every scale.
 *
 * Time is cut into buckets of 2^shift instructions, for the smallest shift that leaves some 64
 * events a bucket, and for each larger one up to the whole run. A bucket holds a cell for each
 * *lane* that had a part in it. So a picture costs what its width costs, whatever the length of the
 * run; only what lies closer than the smallest bucket is read from the trace itself.
 *
 * It is built in one pass and kept beside the trace in a file of its own (gui/index_file.h).
 * SPDX-License-Identifier: MIT */
#ifndef GUI_INDEX_H
#define GUI_INDEX_H

#include "trace/walk.h"

enum index_what {
    INDEX_RUN,    /* control was in domain `to`, on behalf of `behalf`, in thread `thread` */
    INDEX_REGION, /* the measured region `id` was open */
    INDEX_MARK,   /* markers with label `id`: counted, they take no time */
    INDEX_KIND    /* crossings of kind `id` into `to` on behalf: counted */
};

enum {
    INDEX_LANES = 16384, /* then threads are no longer told apart, see INDEX_ANY */
    INDEX_REGIONS = 64,  /* region ids that are told apart */
    INDEX_LABELS = 256,  /* labels of markers that are told apart */
    INDEX_LANES_MAX = 65536,
};
#define INDEX_ANY UINT32_MAX /* thread or id of a lane that stands for all further ones */

struct index_lane {
    uint64_t instructions, entries; /* in the whole trace */
    uint64_t first, last;           /* icount: when it began first, and ended last */
    uint32_t what;                  /* enum index_what */
    uint32_t id, thread;
    uint16_t to, behalf;
};

struct index_cell {
    uint32_t lane, entries; /* entries: crossings into it, or markers, or regions begun */
    uint64_t instructions;
};

/* What a walk knows before the first event of a packet, so that any packet can be read alone. */
struct index_point {
    struct trace_span now;
    uint16_t open[INDEX_REGIONS]; /* how often region lane n is open */
};

struct index_space {
    uint32_t index;
    struct trace_extra known;
};

struct index_label {
    uint32_t id;
    char text[TRACE_NAME_MAX + 4]; /* 4: a multiple of 8 in all */
};

/* Of a machine that runs some stretches are known by sums alone. Their events are one crossing into
 * INDEX_UNSEEN, and one out of it again. */
#define INDEX_UNSEEN UINT16_MAX
struct index_share {
    uint64_t instructions, entries;
    uint16_t domain, behalf;
};
struct index_gap { /* [from, to) is a part of a time of which the shares are known */
    uint64_t from, to;
    uint64_t before, whole; /* instructions of that time before this part; all of it */
    const struct index_share *share;
    size_t shares;
};
struct index_live {
    uint64_t start, end; /* of the run, so far */
    const struct index_gap *gap;
    size_t gaps; /* by time, apart from one another */
};
/* What of `n` falls into [a, b) of a gap, to less than one instruction. All parts together are
 * exactly n. */
static inline uint64_t index_part(const struct index_gap *g, uint64_t n, uint64_t a, uint64_t b)
{
    unsigned __int128 m = n;

    return (uint64_t)(m * (g->before + (b - g->from)) / g->whole) -
           (uint64_t)(m * (g->before + (a - g->from)) / g->whole);
}

struct index;

/* Opens the index of the trace in `dir`, or builds it; `t` is that trace. Without one in `dir` that
 * fits, or a place for it there, it is built and kept only until the end. NULL with a line in
 * `err`. `tell` may be NULL. */
typedef void index_tell(void *ctx, double part);
struct index *index_open(struct trace_reader *t, const char *dir, index_tell *tell, void *ctx,
                         char *err, size_t max);
/* The same for a machine that runs: in memory alone. */
struct index *index_live(struct trace_reader *t, const struct index_live *live, char *err,
                         size_t max);
void index_close(struct index *x); /* NULL is fine */

uint64_t index_start(const struct index *x), index_end(const struct index *x); /* of the trace */
unsigned index_lanes(const struct index *x);
const struct index_lane *index_lane(const struct index *x, unsigned n);
size_t index_points(const struct index *x);
const struct index_point *index_point(const struct index *x, size_t n); /* of packet n */
size_t index_spaces(const struct index *x), index_labels(const struct index *x);
const struct index_space *index_space(const struct index *x, size_t n);
const struct index_label *index_label(const struct index *x, size_t n);
const char *index_damage(const struct index *x); /* as trace_damage after a whole reading */
bool index_kept(const struct index *x);          /* a file beside the trace holds it */
bool index_built(const struct index *x);         /* it was made just now */

/* The shift of the smallest bucket. */
unsigned index_base(const struct index *x);
/* The largest shift whose buckets are not longer than `instructions`; base when there is none. */
unsigned index_shift(const struct index *x, uint64_t instructions);
/* The cells of the bucket [k << shift, (k + 1) << shift); *n of them. Cells with a lane that is not
 * there (a damaged index) end the list. */
const struct index_cell *index_bucket(struct index *x, unsigned shift, uint64_t k, size_t *n);

#endif

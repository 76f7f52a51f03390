/* gui/index_file.h -- the index as a file, byte by byte; private to gui/index*.c.
 *
 * Written beside the trace as TRACE_INDEX, whose dot keeps it out of other programs' sight. Host
 * byte order (little-endian, as the trace). A header, then sections and pages in any order, each at
 * a multiple of 8. Cells and heads of a bucket lie in pages of INDEX_PAGE bytes, because all scales
 * are written at once, in one pass; a table of page offsets a scale tells where. The header has
 * the SHA-256 of the file, and one that ties it to the trace: an index that does not fit is
 * thrown away and built again. A changed layout gets a new INDEX_VERSION.
 * SPDX-License-Identifier: MIT */
#ifndef GUI_INDEX_FILE_H
#define GUI_INDEX_FILE_H

#include "gui/index.h"

#define INDEX_MAGIC   0x58444e4948534c46ull /* "FLSHINDX" */
#define INDEX_VERSION 3
#define INDEX_PAGE    65536u
#define INDEX_DIGEST  32

struct index_section {
    uint64_t offset, count;
};

/* One scale. Bucket k has cells head[k - first] up to head[k - first + 1]. */
struct index_level {
    uint64_t first, buckets, cells;
    struct index_section head_page, cell_page; /* arrays of u64 offsets in the file */
};

enum index_sections {
    INDEX_LEVEL_TABLE,
    INDEX_LANE_TABLE,
    INDEX_POINT_TABLE,
    INDEX_SPACE_TABLE,
    INDEX_LABEL_TABLE,
    INDEX_SECTIONS
};

struct index_header {
    uint64_t magic, version;
    uint64_t size;                 /* of the file */
    uint8_t trace[INDEX_DIGEST];   /* index_identify() */
    uint8_t content[INDEX_DIGEST]; /* of the file, with zeros here */
    uint64_t start, end;           /* icount */
    uint64_t base;                 /* shift of level 0 */
    struct index_section section[INDEX_SECTIONS];
    char damage[256];
};

/* What ties an index to its trace: sizes, the metadata, the beginning and end of the events. */
bool index_identify(const char *dir, uint8_t digest[INDEX_DIGEST]);

/* Walks `t` from its first event and writes the index to the empty file `fd`. False with a line.
 * `live` is NULL for a trace. */
bool index_build(struct trace_reader *t, int fd, const uint8_t identity[INDEX_DIGEST],
                 const struct index_live *live, index_tell *tell, void *ctx, char *err, size_t max);

/* An index in `fd`, or NULL when it is damaged or not that of this trace. */
struct index *index_load(int fd, const uint8_t identity[INDEX_DIGEST]);

/* What index_built() and index_kept() will say. */
void index_tell_origin(struct index *x, bool built, bool kept);

/* SHA-256 of the file, with zeros for h.content. */
bool index_digest(int fd, uint64_t size, uint8_t digest[INDEX_DIGEST]);

#endif

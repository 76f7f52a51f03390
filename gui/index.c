/* gui/index.c -- an index that is there: loads it from its file and answers.
 * The digest shows a file that was damaged; a file made on purpose can have the right digest and
 * any content, so each offset and number is held to the file all the same: sections and pages when
 * it is loaded, cells when they are asked for. SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gui/index_file.h"

enum { HELD = 16 << 20 /* bytes of cells that are held in memory; the rest is read again */ };

struct index {
    const uint8_t *file;
    uint64_t size;
    const struct index_header *head;
    const struct index_level *level;
    unsigned levels;
    const struct index_lane *lane;
    struct index_cell *cells; /* of the bucket asked for last */
    size_t touched;           /* bytes of it read since memory was given back */
    bool kept, built;
};

static const void *section(const struct index *x, const struct index_section *s, size_t size)
{
    if (s->offset % 8 || s->offset > x->size || s->count > (x->size - s->offset) / size)
        return NULL;
    return x->file + s->offset;
}

/* The pages of one stream of `items`, each within the file. */
static bool pages_fit(const struct index *x, const struct index_section *s, uint64_t items,
                      size_t size)
{
    const uint64_t *page = section(x, s, sizeof *page);
    uint64_t each = INDEX_PAGE / size;

    if (!page || items > UINT32_MAX || s->count != (items + each - 1) / each)
        return false;
    for (uint64_t i = 0; i < s->count; i++) {
        uint64_t bytes = (i + 1 < s->count ? each : items - i * each) * size;
        if (page[i] % 8 || page[i] > x->size || bytes > x->size - page[i])
            return false;
    }
    return true;
}

static bool level_fits(const struct index *x, unsigned n)
{
    const struct index_level *l = &x->level[n];
    uint64_t buckets = (x->head->end >> (x->head->base + n)) - l->first;

    /* One more when the last bucket is not full. */
    return (l->buckets == buckets || l->buckets == buckets + 1) &&
           l->first == x->head->start >> (x->head->base + n) && l->buckets < UINT32_MAX &&
           pages_fit(x, &l->head_page, l->buckets + 1, sizeof(uint32_t)) &&
           pages_fit(x, &l->cell_page, l->cells, sizeof(struct index_cell));
}

static bool names_end(const struct index *x)
{
    for (size_t i = 0; i < index_spaces(x); i++)
        if (!memchr(index_space(x, i)->known.text, 0, sizeof index_space(x, i)->known.text))
            return false;
    for (size_t i = 0; i < index_labels(x); i++)
        if (!memchr(index_label(x, i)->text, 0, sizeof index_label(x, i)->text))
            return false;
    return memchr(x->head->damage, 0, sizeof x->head->damage) != NULL;
}

static bool tables_fit(struct index *x)
{
    const struct index_section *s = x->head->section;

    x->level = section(x, &s[INDEX_LEVEL_TABLE], sizeof *x->level);
    x->lane = section(x, &s[INDEX_LANE_TABLE], sizeof *x->lane);
    if (!x->level || !x->lane || s[INDEX_LANE_TABLE].count > INDEX_LANES_MAX ||
        x->head->base + s[INDEX_LEVEL_TABLE].count > 64 || s[INDEX_LEVEL_TABLE].count < 1 ||
        x->head->base > 63 || x->head->end < x->head->start ||
        !section(x, &s[INDEX_POINT_TABLE], sizeof(struct index_point)) ||
        !section(x, &s[INDEX_SPACE_TABLE], sizeof(struct index_space)) ||
        !section(x, &s[INDEX_LABEL_TABLE], sizeof(struct index_label)))
        return false;
    x->levels = s[INDEX_LEVEL_TABLE].count;
    for (unsigned i = 0; i < x->levels; i++)
        if (!level_fits(x, i))
            return false;
    return names_end(x);
}

static bool header_fits(const struct index *x, int fd, const uint8_t identity[INDEX_DIGEST])
{
    uint8_t digest[INDEX_DIGEST];

    return x->head->magic == INDEX_MAGIC && x->head->version == INDEX_VERSION &&
           x->head->size == x->size && !memcmp(x->head->trace, identity, INDEX_DIGEST) &&
           index_digest(fd, x->size, digest) && !memcmp(x->head->content, digest, INDEX_DIGEST);
}

struct index *index_load(int fd, const uint8_t identity[INDEX_DIGEST])
{
    struct index *x = calloc(1, sizeof *x);
    struct stat st;
    void *map;

    if (!x || fstat(fd, &st) || (uint64_t)st.st_size < sizeof(struct index_header)) {
        free(x);
        return NULL;
    }
    x->size = st.st_size;
    map = mmap(NULL, x->size, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        free(x);
        return NULL;
    }
    x->file = map;
    x->head = map;
    if (!header_fits(x, fd, identity) || !tables_fit(x) ||
        !(x->cells = malloc((index_lanes(x) + 1) * sizeof *x->cells))) {
        index_close(x);
        return NULL;
    }
    return x;
}

void index_close(struct index *x)
{
    if (!x)
        return;
    munmap((void *)x->file, x->size);
    free(x->cells);
    free(x);
}

uint64_t index_start(const struct index *x)
{
    return x->head->start;
}

uint64_t index_end(const struct index *x)
{
    return x->head->end;
}

unsigned index_lanes(const struct index *x)
{
    return x->head->section[INDEX_LANE_TABLE].count;
}

const struct index_lane *index_lane(const struct index *x, unsigned n)
{
    return n < index_lanes(x) ? &x->lane[n] : NULL;
}

#define TABLE(name, table, type)                                                                   \
    size_t index_##name##s(const struct index *x)                                                  \
    {                                                                                              \
        return x->head->section[table].count;                                                      \
    }                                                                                              \
    const type *index_##name(const struct index *x, size_t n)                                      \
    {                                                                                              \
        const type *t = (const type *)(x->file + x->head->section[table].offset);                  \
        return n < index_##name##s(x) ? &t[n] : NULL;                                              \
    }
TABLE(point, INDEX_POINT_TABLE, struct index_point)
TABLE(space, INDEX_SPACE_TABLE, struct index_space)
TABLE(label, INDEX_LABEL_TABLE, struct index_label)

const char *index_damage(const struct index *x)
{
    return x->head->damage[0] ? x->head->damage : NULL;
}

bool index_kept(const struct index *x)
{
    return x->kept;
}

bool index_built(const struct index *x)
{
    return x->built;
}

void index_tell_origin(struct index *x, bool built, bool kept)
{
    x->built = built;
    x->kept = kept;
}

unsigned index_base(const struct index *x)
{
    return x->head->base;
}

unsigned index_shift(const struct index *x, uint64_t instructions)
{
    unsigned shift = x->head->base;

    while (shift + 1 < x->head->base + x->levels && (2ull << shift) <= instructions)
        shift++;
    return shift;
}

/* Item `n` of a stream whose pages fit. */
static const void *item(const struct index *x, const struct index_section *s, uint64_t n,
                        size_t size)
{
    const uint64_t *page = (const uint64_t *)(x->file + s->offset);
    uint64_t each = INDEX_PAGE / size;

    return x->file + page[n / each] + n % each * size;
}

static void touch(struct index *x, size_t bytes)
{
    x->touched += bytes;
    if (x->touched < HELD)
        return;
    madvise((void *)x->file, x->size, MADV_DONTNEED);
    x->touched = 0;
}

const struct index_cell *index_bucket(struct index *x, unsigned shift, uint64_t k, size_t *n)
{
    unsigned at = shift - x->head->base;
    const struct index_level *l = &x->level[at];
    uint32_t from, to;

    *n = 0;
    if (shift < x->head->base || at >= x->levels || k < l->first || k - l->first >= l->buckets)
        return NULL;
    from = *(const uint32_t *)item(x, &l->head_page, k - l->first, sizeof from);
    to = *(const uint32_t *)item(x, &l->head_page, k - l->first + 1, sizeof to);
    if (to > l->cells || from > to || to - from > index_lanes(x))
        return NULL;
    for (uint32_t i = from; i < to; i++) {
        const struct index_cell *c = item(x, &l->cell_page, i, sizeof *c);
        if (c->lane >= index_lanes(x))
            break;
        x->cells[(*n)++] = *c;
    }
    touch(x, (to - from) * sizeof *x->cells);
    return x->cells;
}

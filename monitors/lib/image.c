/* monitors/lib/image.c -- a program file becomes the memory of a space: code and constants are
 * mapped from the file itself, data is copied into fresh memory of the pool. The file may be
 * damaged or hostile: every number in it is checked against the file's size and the layout.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/nester.h"

#define SEGMENT_LOAD 1
#define PAGE_DOWN(x) ((x) & ~(FK_PAGE - 1ull))
#define PAGE_UP(x)   PAGE_DOWN((x) + FK_PAGE - 1)

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments, sections;
    uint32_t flags;
    uint16_t size, segment_size, segment_count, section_size, section_count, names;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, va, pa, file_size, memory_size, align;
};

static bool add_mapping(struct mon_image *image, uint64_t mapping)
{
    if (!mapping)
        return false;
    image->mapping[image->mappings++] = mapping;
    return true;
}

long mon_image_memory(struct mon_image *image, uint64_t start, uint64_t bytes, unsigned rights,
                      void **window)
{
    uint64_t region = mon_ref();
    long outcome = -PROTO_TOO_MANY;
    *window = NULL;
    if (!region)
        return -PROTO_NO_OBJECTS;
    if (image->mappings < image->room)
        outcome = mempool_alloc(image->pool, bytes, region);
    if (!outcome && !add_mapping(image, mon_map(image->space, region, start, bytes, 0, rights)))
        outcome = -PROTO_NO_OBJECTS;
    if (!outcome && !(*window = mon_window(region, bytes, 0, FK_READ | FK_WRITE)))
        outcome = -PROTO_NO_OBJECTS;
    mon_ref_free(region);
    return outcome;
}

static unsigned rights_of(const struct elf_segment *segment)
{
    return (segment->flags & 4 ? FK_READ : 0) | (segment->flags & 2 ? FK_WRITE : 0) |
           (segment->flags & 1 ? FK_EXECUTE : 0);
}

static bool segment_good(const struct elf_segment *segment, uint64_t file_bytes)
{
    return segment->offset <= file_bytes && segment->file_size <= file_bytes - segment->offset &&
           segment->file_size <= segment->memory_size && segment->va >= MON_PROGRAM &&
           segment->va < MON_AREA && segment->memory_size <= MON_AREA - segment->va &&
           segment->va % FK_PAGE == segment->offset % FK_PAGE;
}

/* A segment that is never written and holds nothing but the file's bytes. */
static long share(struct mon_image *image, uint64_t file, const struct elf_segment *segment)
{
    uint64_t start = PAGE_DOWN(segment->va);
    if (image->mappings == image->room)
        return -PROTO_NO_PROGRAM;
    return add_mapping(image, mon_map(image->space, file, start,
                                      PAGE_UP(segment->va + segment->memory_size) - start,
                                      PAGE_DOWN(segment->offset), rights_of(segment)))
               ? 0
               : -PROTO_NO_PROGRAM;
}

static long fill(struct mon_image *image, const char *bytes, const struct elf_segment *segment)
{
    uint64_t start = PAGE_DOWN(segment->va), skew = segment->va - start;
    char *window;
    long outcome = mon_image_memory(image, start, skew + segment->memory_size, rights_of(segment),
                                    (void **)&window);
    if (!outcome)
        memcpy(window + skew, bytes + segment->offset, segment->file_size);
    mon_window_close(window);
    return outcome;
}

static long load_segments(struct mon_image *image, uint64_t region, const char *bytes,
                          uint64_t size)
{
    const struct elf_header *elf = (const struct elf_header *)bytes;
    if (size < sizeof(*elf) || memcmp(elf->ident, "\177ELF\2\1", 6) || elf->machine != 62 ||
        elf->type != 2 || elf->segment_size != sizeof(struct elf_segment) || elf->segments % 8 ||
        elf->segments > size ||
        elf->segment_count * sizeof(struct elf_segment) > size - elf->segments ||
        elf->entry < MON_PROGRAM || elf->entry >= MON_AREA)
        return -PROTO_NO_PROGRAM;
    const struct elf_segment *segment = (const void *)(bytes + elf->segments);
    image->entry = elf->entry;
    long outcome = 0;
    for (unsigned i = 0; i < elf->segment_count && !outcome; i++, segment++) {
        if (segment->type != SEGMENT_LOAD || !segment->memory_size)
            continue;
        if (!segment_good(segment, size))
            return -PROTO_NO_PROGRAM;
        bool shared =
            !image->copy && !(segment->flags & 2) && segment->file_size == segment->memory_size;
        outcome = shared ? share(image, region, segment) : fill(image, bytes, segment);
    }
    return outcome;
}

long mon_image_load(struct mon_image *image, uint64_t filesystem, const char *path)
{
    uint64_t file = mon_ref(), region = mon_ref(), size = 0;
    long outcome = -PROTO_NO_OBJECTS;
    if (file && region)
        outcome = filesystem_open(filesystem, path, FILE_READ | FILE_EXECUTE, file);
    if (!outcome) {
        outcome = file_map(file, FK_READ | FK_EXECUTE, &size, region);
        file_close(file);
    }
    if (!outcome && !size)
        outcome = -PROTO_NO_PROGRAM;
    void *window = outcome ? NULL : mon_window(region, size, 0, FK_READ);
    if (!outcome && !window)
        outcome = -PROTO_NO_OBJECTS;
    if (!outcome)
        outcome = load_segments(image, region, window, size);
    mon_window_close(window);
    mon_ref_free(region);
    mon_ref_free(file);
    return outcome;
}

/* monitors/ckpt/image.c -- the checkpoint file: written pages first, the header last; read with
 * every hash checked before anything is made of it. A second checkpoint into the same file writes
 * only the pages that were written since (by the kernel's epochs) or are in use for the first time.
 * SPDX-License-Identifier: MIT */
#include "monitors/ckpt/ckpt.h"

static uint64_t file;
static uint64_t *last_hash; /* what the file has of each page */
static uint32_t last_epoch;
static uint64_t place; /* where the meta goes on */
static uint64_t meta_hash;

uint64_t hash_bytes(uint64_t hash, const void *bytes, uint64_t count)
{
    const uint8_t *at = bytes;
    for (; count >= 8; at += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
        hash ^= hash >> 29;
    }
    for (; count; count--)
        hash = (hash ^ *at++) * 0x100000001b3ull;
    return hash;
}

static long put(uint64_t offset, const void *from, uint64_t bytes)
{
    const char *at = from;
    uint64_t done;
    if (is_copy())
        return -PROTO_GONE;
    for (; bytes; offset += done, at += done, bytes -= done) {
        uint64_t part = bytes < PROTO_DATA_MAX ? bytes : PROTO_DATA_MAX;
        long outcome = file_write_at(file, offset, at, part, &done);
        if (outcome || !done)
            return outcome ? outcome : -PROTO_NO_MEMORY;
    }
    return 0;
}

static bool get(uint64_t offset, void *to, uint64_t bytes)
{
    char *at = to;
    while (bytes) {
        uint64_t part = bytes < PROTO_DATA_MAX ? bytes : PROTO_DATA_MAX;
        if (file_read_at(file, offset, at, &part) || !part)
            return false;
        offset += part;
        at += part;
        bytes -= part;
    }
    return true;
}

/* Each list of the meta, in the order of the file. */
struct part {
    void **list;
    uint64_t count, size;
};

#define PARTS 8

static void parts(struct ckpt *ckpt, struct part part[PARTS])
{
    const struct ckpt_meta *n = &ckpt->count;
    const struct part all[PARTS] = {
        {(void **)&ckpt->page_hash, ckpt->header.pages, sizeof(*ckpt->page_hash)},
        {(void **)&ckpt->pool, n->pools, sizeof(*ckpt->pool)},
        {(void **)&ckpt->block, n->blocks, sizeof(*ckpt->block)},
        {(void **)&ckpt->view, n->views, sizeof(*ckpt->view)},
        {(void **)&ckpt->file, n->files, sizeof(*ckpt->file)},
        {(void **)&ckpt->mapping, n->mappings, sizeof(*ckpt->mapping)},
        {(void **)&ckpt->object, n->objects, sizeof(*ckpt->object)},
        {(void **)&ckpt->thread, n->threads, sizeof(*ckpt->thread)}};
    memcpy(part, all, sizeof(all));
}

/* ---- out ---- */

static long put_meta(const void *from, uint64_t bytes)
{
    long outcome = put(place, from, bytes);
    meta_hash = hash_bytes(meta_hash, from, bytes);
    place += bytes;
    return outcome;
}

static long put_page(struct ckpt *ckpt, uint64_t page, uint64_t *written)
{
    const void *bytes = (const void *)(store.frames.start + page * FK_PAGE);
    uint64_t hash = hash_bytes(page + 1, bytes, FK_PAGE) | 1;
    ckpt->page_hash[page] = hash;
    if (last_hash[page] == hash)
        return 0;
    last_hash[page] = hash;
    ++*written;
    return put(CKPT_PAGES + page * FK_PAGE, bytes, FK_PAGE);
}

/* A page that is in the file and was not written since is as it was. */
static long put_block(struct ckpt *ckpt, const struct mon_block *block, uint64_t *written)
{
    struct fk_page_info info[32];
    uint64_t first = (block->start - store.frames.start) / FK_PAGE;
    long outcome = 0;
    for (uint64_t at = 0; at < block->pages && !outcome; at += 32) {
        uint64_t part = block->pages - at < 32 ? block->pages - at : 32;
        fk_region_info(fk_at(&block->region), at * FK_PAGE, part, fk_at(info));
        for (uint64_t i = 0; i < part && !outcome; i++) {
            uint64_t page = first + at + i;
            if (last_hash[page] && info[i].written <= last_epoch)
                ckpt->page_hash[page] = last_hash[page];
            else
                outcome = put_page(ckpt, page, written);
        }
    }
    return outcome;
}

static long put_pages(struct ckpt *ckpt, uint64_t *written)
{
    long outcome = 0, epoch = 0;
    struct fk_page_info info;
    memset(ckpt->page_hash, 0, ckpt->header.pages * sizeof(*ckpt->page_hash));
    for (uint64_t i = 0; i < ckpt->count.blocks && !outcome; i++)
        outcome = put_block(ckpt, ckpt->block_at[i], written);
    if (ckpt->count.blocks)
        epoch = fk_region_info(fk_at(&ckpt->block_at[0]->region), 0, 1, fk_at(&info));
    last_epoch = (uint32_t)epoch;
    return outcome;
}

static long put_all(struct ckpt *ckpt, uint64_t *written)
{
    struct part part[PARTS];
    struct ckpt_header none = {0};
    long outcome = put(0, &none, sizeof(none));
    if (!outcome)
        outcome = put_pages(ckpt, written);
    ckpt->header.meta = place = CKPT_PAGES + ckpt->header.pages * FK_PAGE;
    meta_hash = CKPT_MAGIC;
    if (!outcome)
        outcome = put_meta(&ckpt->count, sizeof(ckpt->count));
    parts(ckpt, part);
    for (unsigned i = 0; i < PARTS && !outcome; i++)
        outcome = put_meta(*part[i].list, part[i].count * part[i].size);
    ckpt->header.meta_bytes = place - ckpt->header.meta;
    ckpt->header.meta_hash = meta_hash;
    ckpt->header.hash = hash_bytes(CKPT_MAGIC, &ckpt->header, offsetof(struct ckpt_header, hash));
    return outcome ? outcome : put(0, &ckpt->header, sizeof(ckpt->header));
}

void image_fresh(uint64_t page, uint64_t pages)
{
    if (last_hash)
        memset(last_hash + page, 0, pages * sizeof(*last_hash));
}

static bool room(struct ckpt *ckpt)
{
    uint64_t bytes = store.frames.pages * sizeof(uint64_t);
    if (!last_hash)
        last_hash = mon_pages(bytes);
    if (!ckpt->page_hash)
        ckpt->page_hash = mon_pages(bytes);
    return last_hash && ckpt->page_hash;
}

const char *image_write(struct ckpt *ckpt, const char *path, uint64_t *written)
{
    long outcome = 0;
    *written = 0;
    if (!file && (file = mon_ref()))
        outcome = filesystem_open(mon.ref[PARENT_FILESYSTEM], path,
                                  FILE_READ | FILE_WRITE | FILE_CREATE | FILE_TRUNCATE, file);
    if (!file || !room(ckpt))
        return "out of memory";
    ckpt->header = (struct ckpt_header){
        .magic = CKPT_MAGIC,
        .version = CKPT_VERSION,
        .pages = store.frames.pages,
        .nest_hash = hash_bytes(CKPT_MAGIC, the_child->text, the_child->text_bytes)};
    if (!outcome)
        outcome = put_all(ckpt, written);
    return outcome ? strerror((int)-outcome) : NULL;
}

/* ---- in ---- */

static const char *check_header(struct ckpt *ckpt)
{
    struct ckpt_header *header = &ckpt->header;
    *header = (struct ckpt_header){0};
    if (!get(0, header, sizeof(*header)) || header->magic != CKPT_MAGIC)
        return "it is no checkpoint, or not complete";
    if (header->version != CKPT_VERSION)
        return "it is of another version";
    if (header->hash != hash_bytes(CKPT_MAGIC, header, offsetof(struct ckpt_header, hash)))
        return "it is damaged";
    if (header->pages != store.frames.pages)
        return "its memory has another size; write size= as it was";
    if (header->nest_hash != hash_bytes(CKPT_MAGIC, the_child->text, the_child->text_bytes))
        return "it was made of another nest than stands here";
    return NULL;
}

static const char *get_list(struct part *part, const char **at, const char *end)
{
    if (part->count > (uint64_t)(end - *at) / part->size)
        return "it is damaged";
    *part->list = (void *)*at;
    *at += part->count * part->size;
    return NULL;
}

static const char *check_pages(const struct ckpt *ckpt)
{
    char *page = malloc(FK_PAGE);
    const char *wrong = page ? NULL : "out of memory";
    for (uint64_t i = 0; i < ckpt->header.pages && !wrong; i++)
        if (ckpt->page_hash[i] && (!get(CKPT_PAGES + i * FK_PAGE, page, FK_PAGE) ||
                                   (hash_bytes(i + 1, page, FK_PAGE) | 1) != ckpt->page_hash[i]))
            wrong = "it is damaged";
    free(page);
    return wrong;
}

static const char *open_and_check(struct ckpt *ckpt, const char *path)
{
    if (!file)
        file = mon_ref();
    if (!file || filesystem_open(mon.ref[PARENT_FILESYSTEM], path, FILE_READ, file))
        return "there is no such file";
    const char *wrong = check_header(ckpt);
    if (wrong)
        file_close(file);
    return wrong;
}

bool image_there(const char *path)
{
    struct ckpt none = {0};
    if (open_and_check(&none, path))
        return none.header.magic == CKPT_MAGIC;
    file_close(file);
    return true;
}

/* Everything is checked here; nothing of the child has been made yet. */
const char *image_read(struct ckpt *ckpt, const char *path)
{
    struct part part[PARTS];
    const char *wrong = open_and_check(ckpt, path);
    if (wrong)
        return wrong;
    char *meta = mon_pages(ckpt->header.meta_bytes);
    if (!meta)
        return "out of memory";
    if (ckpt->header.meta_bytes < sizeof(ckpt->count) ||
        !get(ckpt->header.meta, meta, ckpt->header.meta_bytes))
        return "it is cut off";
    memcpy(&ckpt->count, meta, sizeof(ckpt->count));
    const char *at = meta + sizeof(ckpt->count), *end = meta + ckpt->header.meta_bytes;
    parts(ckpt, part);
    for (unsigned i = 0; i < PARTS && !wrong; i++)
        wrong = get_list(&part[i], &at, end);
    uint64_t hash = hash_bytes(CKPT_MAGIC, meta, sizeof(ckpt->count));
    for (unsigned i = 0; i < PARTS && !wrong; i++)
        hash = hash_bytes(hash, *part[i].list, part[i].count * part[i].size);
    if (!wrong && (hash != ckpt->header.meta_hash || at != end))
        wrong = "it is damaged";
    return wrong ? wrong : check_pages(ckpt);
}

const char *image_pages(struct ckpt *ckpt)
{
    for (uint64_t i = 0; i < ckpt->header.pages; i++)
        if (ckpt->page_hash[i] &&
            !get(CKPT_PAGES + i * FK_PAGE, (void *)(store.frames.start + i * FK_PAGE), FK_PAGE))
            return "it cannot be read";
    return NULL;
}

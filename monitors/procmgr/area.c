/* monitors/procmgr/area.c -- memory of a process as a table of frames. Its region, which the
 * process's mappings import, lies over a range of our address space that is mapped with that table
 * and that nobody here ever touches. Writing to a page that is shared asks the region's keeper,
 * which is here: the page gets a frame of its own. SPDX-License-Identifier: MIT */
#include "monitors/lib/pool.h"
#include "monitors/procmgr/procmgr.h"

#define BUCKETS 256
#define SHARED  (FK_READ | FK_EXECUTE)

static struct mon_server faults; /* a thread of their own: they wait for nobody but the lock */
static struct mon_port keeper;
static struct area *bucket[BUCKETS];
static uint64_t
    last_hash; /* of a region: a fault names it by nothing else, so they differ always */

/* ---- pages ---- */

uint64_t area_frame(const struct area *area, uint64_t page)
{
    return area->frames->base + (area->table[page] & ~(FK_PAGE - 1ull));
}

bool area_writable(const struct area *area, uint64_t page)
{
    return area->table[page] & FK_WRITE;
}

void area_set(struct area *area, uint64_t page, uint64_t frame, bool writable)
{
    area->table[page] = (frame - area->frames->base) | (writable ? ALL_RIGHTS : SHARED);
}

uint64_t area_run(const struct area *area, uint64_t page)
{
    uint64_t run = 0, word = area->table[page];
    while (word & FK_WRITE && page + run < area->pages &&
           area->table[page + run] == word + run * FK_PAGE)
        run++;
    return run;
}

static bool replace(struct area *area, uint64_t page, uint64_t old)
{
    uint64_t frame = frame_take(area->frames);
    if (!frame)
        return false;
    if (old == area->frames->zero)
        memset((void *)frame, 0, FK_PAGE);
    else
        memcpy((void *)frame, (const void *)old, FK_PAGE);
    area_set(area, page, frame, true);
    fk_region_flush(fk_at(&area->region), page * FK_PAGE, FK_PAGE);
    frame_drop(area->frames, old);
    return true;
}

bool area_own(struct area *area, uint64_t page)
{
    uint64_t frame = area_frame(area, page);
    if (area_writable(area, page))
        return true;
    if (!frame_single(area->frames, frame))
        return replace(area, page, frame);
    area_set(area, page, frame, true);
    return true;
}

/* ---- areas ---- */

struct area *area_find(uint64_t low_hash)
{
    struct area *area = bucket[low_hash % BUCKETS];
    while (area && (uint32_t)area->hash != (uint32_t)low_hash)
        area = area->same;
    return area;
}

static long show(struct area *area, uint64_t start)
{
    uint64_t bytes = area->pages * FK_PAGE;
    struct fk_mapping_state mapping = {
        .start = start, .size = bytes, .prot = ALL_RIGHTS, .table = fk_at(area->table)};
    struct fk_mapping_links from = {mon.ref[PARENT_SPACE], fk_at(&area->frames->ref)};
    struct fk_region_state region = {.start = start, .size = bytes, .prot = ALL_RIGHTS};
    struct fk_region_links links = {mon.ref[PARENT_SPACE], fk_at(&keeper.ref)};
    if (fk_mapping_create(fk_at(&area->mapping)))
        return -1;
    if (fk_region_create_hash(fk_at(&area->region), ++last_hash))
        goto no_region;
    if (fk_ref_create(fk_at(&area->ref)))
        goto no_ref;
    if (!fk_mapping_set_state(fk_at(&area->mapping), fk_at(&mapping), fk_at(&from)) &&
        !fk_region_set_state(fk_at(&area->region), fk_at(&region), fk_at(&links)))
        return 0;
    fk_ref_destroy(fk_at(&area->ref));
no_ref:
    fk_region_destroy(fk_at(&area->region));
no_region:
    fk_mapping_destroy(fk_at(&area->mapping));
    return -1;
}

struct area *area_new(struct process *process, uint64_t pages)
{
    struct area *area = calloc(1, sizeof(*area));
    if (!area || !frames_ready(&process->family->frames)) {
        free(area);
        return NULL;
    }
    area->process = process;
    area->frames = &process->family->frames;
    area->pages = pages;
    area->table = calloc(pages, sizeof(*area->table));
    uint64_t start = area->table ? mon_area(pages * FK_PAGE) : 0;
    if (!start || show(area, start)) {
        free(area->table);
        free(area);
        return NULL;
    }
    fk_region_reference(fk_at(&area->region), fk_at(&area->ref));
    area->hash = last_hash;
    area->same = bucket[(uint32_t)area->hash % BUCKETS];
    bucket[(uint32_t)area->hash % BUCKETS] = area;
    return area;
}

static void forget(struct area *area)
{
    struct area **at = &bucket[(uint32_t)area->hash % BUCKETS];
    while (*at != area)
        at = &(*at)->same;
    *at = area->same;
}

/* The region ends first: then nobody can make objects in the pages. */
void area_end(struct area *area)
{
    forget(area);
    fk_ref_destroy(fk_at(&area->ref));
    fk_region_destroy(fk_at(&area->region));
    fk_mapping_destroy(fk_at(&area->mapping));
    for (uint64_t page = 0, run; page < area->pages; page += run ? run : 1)
        if ((run = area_run(area, page)))
            mon_end_objects(area_frame(area, page), run * FK_PAGE);
    for (uint64_t page = 0; page < area->pages; page++)
        if (area->table[page])
            frame_drop(area->frames, area_frame(area, page));
    free(area->table);
    free(area);
}

/* ---- the keeper ---- */

/* Without memory for the page its process cannot go on. */
static void fault(struct mon_request *request)
{
    mon_lock(&procs_lock);
    struct area *area = area_find(request->word[5]);
    uint64_t page = request->word[1] / FK_PAGE;
    request->outs = 0;
    if (area && page < area->pages && area->table[page] && !area_own(area, page))
        process_end(area->process, MON_KILLED + SIGNAL_KILL);
    mon_unlock(&procs_lock);
}

long areas_open(void)
{
    keeper.fault = fault;
    long outcome = mon_server_open(&faults);
    if (!outcome)
        outcome = mon_port_open(&faults, &keeper);
    if (!outcome)
        last_hash = process_hash(fk_at(&keeper.ref)) << 32;
    if (!outcome && mon_serve_threads(&faults, 1) != 1)
        outcome = -PROTO_NO_OBJECTS;
    return outcome;
}

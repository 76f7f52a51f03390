/* monitors/pager/store.c -- pages in a file of the parent's file system: page n at n times 4096.
 * The file is as long as what may have to be written, before it has to be: so a full file system is
 * noticed when memory is asked for, not when it is used. SPDX-License-Identifier: MIT */
#include "monitors/pager/pager.h"

#define GRAIN 64 /* pages that the file grows by at least */
#define NAMES 100

static uint64_t file;
static uint64_t twin; /* of a copy of this pager, while one is being made */
static uint32_t covered;

/* A file without a name of its own belongs to this pager alone, and is gone with it. */
static long open_nameless(uint64_t ref)
{
    char path[32];
    long outcome = -PROTO_EXISTS;
    for (unsigned i = 0; i < NAMES && outcome == -PROTO_EXISTS; i++) {
        snprintf(path, sizeof(path), "/pager.%u", i);
        outcome = filesystem_open(mon.ref[PARENT_FILESYSTEM], path,
                                  FILE_READ | FILE_WRITE | FILE_CREATE | FILE_EXCL, ref);
    }
    return outcome ? outcome : filesystem_unlink(mon.ref[PARENT_FILESYSTEM], path);
}

long store_open(const char *path)
{
    if (!mon.ref[PARENT_FILESYSTEM])
        return path ? -PROTO_NOT_FOUND : 0; /* without: no more memory than frames */
    file = mon_ref();
    if (!file)
        return -PROTO_NO_OBJECTS;
    if (!path)
        return open_nameless(file);
    return filesystem_open(mon.ref[PARENT_FILESYSTEM], path,
                           FILE_READ | FILE_WRITE | FILE_CREATE | FILE_EXCL, file);
}

long store_cover(uint32_t pages)
{
    uint32_t wanted = (pages + GRAIN - 1) / GRAIN * GRAIN;
    if (pages <= covered)
        return 0;
    long outcome = file ? file_truncate(file, (uint64_t)wanted * FK_PAGE) : -PROTO_NO_MEMORY;
    if (!outcome)
        covered = wanted;
    return outcome;
}

long store_write(uint32_t page, const void *from)
{
    uint64_t done = 0;
    long outcome = file_write_at(file, (uint64_t)page * FK_PAGE, from, FK_PAGE, &done);
    return !outcome && done != FK_PAGE ? -PROTO_NO_MEMORY : outcome;
}

long store_read(uint32_t page, void *to)
{
    uint64_t bytes = FK_PAGE;
    long outcome = file_read_at(file, (uint64_t)page * FK_PAGE, to, &bytes);
    return !outcome && bytes != FK_PAGE ? -PROTO_BROKEN : outcome;
}

void store_close(void)
{
    if (file)
        file_close(file);
}

/* ---- a process manager copies this pager: the copy needs a store of its own ---- */

long store_twin_open(void)
{
    if (!covered)
        return 0;
    twin = mon_ref();
    long outcome = twin ? open_nameless(twin) : -PROTO_NO_OBJECTS;
    return outcome ? outcome : file_truncate(twin, (uint64_t)covered * FK_PAGE);
}

long store_twin_write(uint32_t page, const void *from)
{
    uint64_t done = 0;
    long outcome = file_write_at(twin, (uint64_t)page * FK_PAGE, from, FK_PAGE, &done);
    return !outcome && done != FK_PAGE ? -PROTO_NO_MEMORY : outcome;
}

/* Each of both forgets what the other one has. A copy that came to nothing has nothing. */
void store_twin_end(bool is_copy, bool is_failure)
{
    uint64_t other = is_copy ? file : twin;
    if (!twin)
        return;
    if (is_copy)
        file = twin;
    if (is_failure)
        file_close(twin);
    mon_ref_free(other);
    twin = 0;
}

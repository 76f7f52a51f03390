/* sim/trace/ring.c -- see ring.h. The room is what is kept and two batches more: a batch always has
 * memory in one piece, and what it overwrites is older than the last `keep`.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "sim/trace/ring.h"

int ring_open(struct ring *k, uint64_t keep)
{
    size_t room = keep + 2 * SIM_BATCH, bytes;
    void *memory;

    if (__builtin_mul_overflow(room, sizeof *k->record, &bytes)) {
        errno = ENOMEM;
        return -1;
    }
    /* Pages come when they are first written: a short run pays for what it kept. */
    memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return -1;
    madvise(memory, bytes, MADV_HUGEPAGE); /* where there are none, nothing is lost */
    *k = (struct ring){.record = memory, .room = room, .keep = keep};
    return 0;
}

void ring_close(struct ring *k)
{
    if (k->record)
        munmap(k->record, k->room * sizeof *k->record);
    k->record = NULL;
}

struct trace_record *ring_room(struct ring *k)
{
    if (k->room - k->at < SIM_BATCH) {
        k->wrap = k->at;
        k->at = 0;
    }
    return k->record + k->at;
}

void ring_take(struct ring *k, const struct trace_record *r, size_t n)
{
    k->seen += n;
    if (r == k->record + k->at) {
        k->at += n;
        return;
    }
    while (n) {
        size_t part = n < SIM_BATCH ? n : SIM_BATCH;
        memcpy(ring_room(k), r, part * sizeof *r);
        k->at += part;
        r += part;
        n -= part;
    }
}

uint64_t ring_parts(const struct ring *k, struct ring_part part[2])
{
    uint64_t kept = k->seen < k->keep ? k->seen : k->keep;
    size_t newer = k->at < kept ? k->at : kept, older = kept - newer;

    part[0] = (struct ring_part){k->record + (older ? k->wrap - older : 0), older};
    part[1] = (struct ring_part){k->record + (k->at - newer), newer};
    return kept;
}

/* monitors/lib/kinds.h -- kernel objects that somebody else made, of any kind by the same calls:
 * for nesters that save, move or copy what is below them (ckpt, procmgr). Threads must stand still
 * meanwhile, all of them at one moment. SPDX-License-Identifier: MIT */
#ifndef MONITORS_LIB_KINDS_H
#define MONITORS_LIB_KINDS_H

#include "kernel/user/fk.h"
#include <stdbool.h>

/* What every kind has, by the same number within the kind. */
enum mon_kind_call {
    KIND_CREATE,
    KIND_CREATE_HASH,
    KIND_DESTROY,
    KIND_MOVE,
    KIND_REFERENCE,
    KIND_GET,
    KIND_SET
};
static inline long mon_kind_call(uint64_t kind, enum mon_kind_call call, uint64_t object,
                                 uint64_t a, uint64_t b)
{
    return fk_call4((kind << 5) + call, object, a, b, 0);
}

#define KIND_LINKS 4
#define KIND_WORDS 5 /* of a kind's links structure, at most */
/* How many links, and which word of the kind's links structure each one is. */
unsigned mon_kind_links(uint64_t kind, unsigned place[KIND_LINKS]);

/* ---- threads that stand still ---- */

struct mon_still {
    uint64_t at, hash, flags; /* flags as they were before */
};

/* Those that have a call to somebody outside in hand cannot be copied: false. `server` is a
 * reference to a thread outside that may serve one of them, whose number is `asker` then; 0 = none.
 * `calling`: how many have one of the others serve them. */
bool mon_still_within(const struct mon_still *still, uint64_t count, uint64_t server,
                      uint64_t *asker, uint64_t *calling);

#endif

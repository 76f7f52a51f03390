/* monitors/lib/kinds.c -- kernel objects of any kind, and where the other ends of threads that
 * stand still are: a thread is known by its hash and then by comparing. SPDX-License-Identifier:
 * MIT */
#include "monitors/lib/kinds.h"
#include "monitors/lib/mon.h"

unsigned mon_kind_links(uint64_t kind, unsigned place[KIND_LINKS])
{
    static const unsigned in_order[] = {0, 1, 2, 3}, of_thread[] = {0, 1, 3, 4};
    const unsigned *from = kind == FK_DEBUG_THREAD ? of_thread : in_order;
    memcpy(place, from, sizeof(in_order));
    switch (kind) {
    case FK_DEBUG_THREAD:
        return 4;
    case FK_DEBUG_REGION:
    case FK_DEBUG_MAPPING:
        return 2;
    case FK_DEBUG_SPACE:
    case FK_DEBUG_PORT:
    case FK_DEBUG_MUTEX:
        return 1;
    default:
        return 0;
    }
}

/* ---- threads ---- */

struct look {
    const struct mon_still *still;
    uint64_t count;
    uint64_t probe, client, server; /* references to fill */
};

static bool is_within(const struct look *look, uint64_t ref)
{
    struct fk_ref_state state;
    if (fk_ref_get_state(ref, fk_at(&state), 0))
        return false;
    for (uint64_t i = 0; i < look->count; i++) {
        if (look->still[i].hash != state.hash)
            continue;
        fk_thread_reference(look->still[i].at, look->probe);
        if (fk_ref_compare(look->probe, ref) == FK_OK)
            return true;
    }
    return false;
}

static bool all_within(const struct look *look, uint64_t server, uint64_t *asker, uint64_t *calling)
{
    struct fk_thread_links links = {.client = look->client, .server = look->server};
    for (uint64_t i = 0; i < look->count; i++) {
        fk_thread_get_state(look->still[i].at, 0, fk_at(&links));
        bool served = mon_ref_alive(look->client);
        if (mon_ref_alive(look->server) && !is_within(look, look->server))
            return false;
        if (served && server && fk_ref_compare(look->client, server) == FK_OK)
            *asker = i;
        else if (served && !is_within(look, look->client))
            return false;
        *calling += served;
    }
    return true;
}

bool mon_still_within(const struct mon_still *still, uint64_t count, uint64_t server,
                      uint64_t *asker, uint64_t *calling)
{
    struct look look = {still, count, mon_ref(), mon_ref(), mon_ref()};
    *calling = 0;
    bool good =
        look.probe && look.client && look.server && all_within(&look, server, asker, calling);
    mon_ref_free(look.probe);
    mon_ref_free(look.client);
    mon_ref_free(look.server);
    return good;
}

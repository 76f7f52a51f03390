/* sim/chain.h -- where memory of a space comes from: the mappings and regions that a page table is
 * only a cache of, from the space up to the memory itself, as the guest's kernel would follow them.
 * What has not been touched yet is found, too; what somebody must supply first is not there.
 * Everything is a guest's word: at most SIM_CHAIN_LINKS steps, by checked reads, and nothing
 * changes. SPDX-License-Identifier: MIT */
#ifndef SIM_CHAIN_H
#define SIM_CHAIN_H

#include "sim/object.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { SIM_CHAIN_LINKS = 512 }; /* the kernel follows no more */

enum sim_chain {
    SIM_CHAIN_MEMORY,     /* it is at this physical address */
    SIM_CHAIN_NO_MAPPING, /* the last space maps nothing there */
    SIM_CHAIN_NO_REGION,  /* its mapping is of no region, or one that no space exports */
    SIM_CHAIN_OUTSIDE,    /* beyond the end of the region */
    SIM_CHAIN_EMPTY,      /* whoever keeps the region has not supplied the page */
    SIM_CHAIN_UNKNOWN     /* too long, or the kernel does not say (no debug block, no symbols) */
};

struct sim_link {
    uint32_t space; /* id */
    gva va;
    uint64_t keeper; /* port id: whom the kernel asks for what is missing here; 0 = nobody */
    /* A table on the way gives this page to nobody for writing: the keeper would be asked first,
     * and may have lent it to others, too, or take it for unchanged. */
    bool guarded;
    bool mapped, linked; /* which of the next two are filled */
    struct fk_debug_mapping mapping;
    struct fk_debug_region region;
};

/* Calls `each` with every link, if it is not NULL; `last` is the one at which it ended. */
enum sim_chain sim_chain(uint32_t space, gva va, void (*each)(void *ctx, const struct sim_link *l),
                         void *ctx, struct sim_link *last, gpa *pa);

/* In words, why it ended where it did. */
void sim_chain_says(enum sim_chain end, const struct sim_link *last, char *out, size_t max);

#ifdef __cplusplus
}
#endif
#endif

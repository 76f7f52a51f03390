/* rt/random.h -- the guests' random numbers: the same from the same seed, everywhere (xorshift64).
 * SPDX-License-Identifier: MIT */
#ifndef RT_RANDOM_H
#define RT_RANDOM_H

#include <stdint.h>

static inline uint64_t random_next(uint64_t *seed) /* *seed != 0 */
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed >> 11 | *seed << 53;
}

#endif

/* compute.c -- work without a crossing: n= rounds of sort, sieve and matrix product; user=1: in
 * ring 3. The benchmark guest for "how fast are plain instructions".
 * Prints a checksum of everything computed; it depends on n only.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

#define SORTED 2000
#define SIEVE  20000
#define SIDE   24

static uint32_t items[SORTED];
static uint8_t composite[SIEVE];
static uint64_t a[SIDE][SIDE], b[SIDE][SIDE], product[SIDE][SIDE];

static uint32_t random_next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void sift_down(size_t root, size_t n)
{
    for (size_t child = 2 * root + 1; child < n; child = 2 * root + 1) {
        if (child + 1 < n && items[child + 1] > items[child])
            child++;
        if (items[root] >= items[child])
            return;
        uint32_t swap = items[root];
        items[root] = items[child];
        items[child] = swap;
        root = child;
    }
}

static uint64_t sort_round(uint32_t *seed)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < SORTED; i++)
        items[i] = random_next(seed);
    for (size_t i = SORTED / 2; i-- > 0;)
        sift_down(i, SORTED);
    for (size_t n = SORTED - 1; n > 0; n--) {
        uint32_t swap = items[0];
        items[0] = items[n];
        items[n] = swap;
        sift_down(0, n);
    }
    for (size_t i = 0; i < SORTED; i++)
        sum = sum * 31 + items[i] + (i > 0 && items[i] < items[i - 1]);
    return sum;
}

static uint64_t sieve_round(void)
{
    uint64_t primes = 0;

    for (size_t i = 0; i < SIEVE; i++)
        composite[i] = 0;
    for (size_t i = 2; i < SIEVE; i++) {
        if (composite[i])
            continue;
        primes++;
        for (size_t k = i * i; k < SIEVE; k += i)
            composite[k] = 1;
    }
    return primes;
}

static uint64_t matrix_round(uint32_t *seed)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < SIDE; i++)
        for (size_t k = 0; k < SIDE; k++) {
            a[i][k] = random_next(seed);
            b[i][k] = random_next(seed);
        }
    for (size_t i = 0; i < SIDE; i++)
        for (size_t k = 0; k < SIDE; k++) {
            uint64_t cell = 0;
            for (size_t j = 0; j < SIDE; j++)
                cell += a[i][j] * b[j][k];
            product[i][k] = cell;
            sum ^= cell + i * SIDE + k;
        }
    return sum;
}

static uint64_t compute(uint64_t rounds)
{
    uint32_t seed = 20220613;
    uint64_t sum = 0;

    for (uint64_t i = 0; i < rounds; i++) {
        sum = sum * 131 + sort_round(&seed);
        sum = sum * 131 + sieve_round();
        sum = sum * 131 + matrix_round(&seed);
    }
    return sum;
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 20);
    uint64_t sum = rt_option("user", 0) ? rt_user_run(compute, n, 0) : compute(n);

    rt_print("compute: %lu rounds, checksum %lx\n", n, sum);
    return 0;
}

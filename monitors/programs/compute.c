/* monitors/programs/compute.c -- computes: a sieve, and a sort of random numbers, `n` of each
 * (100,000), in memory of its own. Prints sums that any machine must get.
 * SPDX-License-Identifier: MIT */
#include "monitors/programs/work.h"

static struct work_option options[] = {
    {"n", 100000, 2, 100000000, "how many numbers to look at, and to sort"},
    {0},
};

static unsigned sieve(unsigned char *composite, unsigned n)
{
    unsigned primes = 0;
    for (unsigned i = 2; i < n; i++) {
        if (composite[i])
            continue;
        primes++;
        for (uint64_t j = (uint64_t)i * i; j < n; j += i)
            composite[j] = 1;
    }
    return primes;
}

static int by_value(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return x < y ? -1 : x > y;
}

static uint64_t sorted_sum(int *numbers, unsigned n)
{
    uint64_t sum = 0;
    srand(1);
    for (unsigned i = 0; i < n; i++)
        numbers[i] = rand() % 1000000;
    qsort(numbers, n, sizeof(*numbers), by_value);
    for (unsigned i = 0; i < n; i++)
        sum = sum * 31 + (uint64_t)numbers[i] * i;
    return sum;
}

int main(void)
{
    work_options("computes", options);
    unsigned n = (unsigned)options[0].value;
    unsigned char *composite = calloc(n, 1);
    int *numbers = calloc(n, sizeof(*numbers));
    if (!composite || !numbers)
        mon_fatal("out of memory");
    work_begin(WORK_MAIN);
    unsigned primes = sieve(composite, n);
    uint64_t sum = sorted_sum(numbers, n);
    work_end(WORK_MAIN);
    printf("primes below %u: %u\nsorted sum: %lx\n", n, primes, sum);
    return 0;
}

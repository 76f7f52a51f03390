/* monitors/programs/compute.c -- computes: a sieve, and a sort of random numbers, `n` of each
 * (100,000), in memory of its own. Prints sums that any machine must get.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"
#include "abi/simcall/simcall.h"

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
    unsigned n = (unsigned)mon_option_number("n", 100000);
    unsigned char *composite = calloc(n, 1);
    int *numbers = calloc(n, sizeof(*numbers));
    if (!composite || !numbers)
        mon_fatal("out of memory");
    simcall_BEGIN(1, 0, 0);
    unsigned primes = sieve(composite, n);
    uint64_t sum = sorted_sum(numbers, n);
    simcall_END(1, 0, 0);
    printf("primes below %u: %u\nsorted sum: %lx\n", n, primes, sum);
    return 0;
}

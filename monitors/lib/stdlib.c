/* monitors/lib/stdlib.c -- numbers from text, random numbers, sorting, searching, ending.
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

#define EXIT_FUNCTIONS 32

static int digit(char c, int base)
{
    int value = isdigit(c) ? c - '0' : isalpha(c) ? tolower(c) - 'a' + 10 : base;
    return value < base ? value : -1;
}

/* The magnitude; overflow gives the largest. */
static unsigned long number(const char *text, char **end, int base, bool *minus)
{
    const char *at = text, *start;
    unsigned long value = 0;
    bool over = false;
    while (isspace(*at))
        at++;
    *minus = *at == '-';
    at += *at == '-' || *at == '+';
    if ((base == 0 || base == 16) && at[0] == '0' && tolower(at[1]) == 'x' &&
        digit(at[2], 16) >= 0) {
        at += 2;
        base = 16;
    }
    if (!base)
        base = *at == '0' ? 8 : 10;
    for (start = at; digit(*at, base) >= 0; at++)
        over |= __builtin_mul_overflow(value, (unsigned long)base, &value) ||
                __builtin_add_overflow(value, (unsigned long)digit(*at, base), &value);
    if (end)
        *end = (char *)(uintptr_t)(at == start ? text : at);
    return over ? ULONG_MAX : value;
}

unsigned long strtoul(const char *restrict text, char **restrict end, int base)
{
    bool minus;
    unsigned long value = number(text, end, base, &minus);
    return minus && value != ULONG_MAX ? -value : value;
}

long strtol(const char *restrict text, char **restrict end, int base)
{
    bool minus;
    unsigned long value = number(text, end, base, &minus);
    if (minus)
        return value > LONG_MAX ? LONG_MIN : -(long)value;
    return value > LONG_MAX ? LONG_MAX : (long)value;
}

int atoi(const char *text)
{
    return (int)strtol(text, NULL, 10);
}

long atol(const char *text)
{
    return strtol(text, NULL, 10);
}

int abs(int value)
{
    return value < 0 ? -value : value;
}

long labs(long value)
{
    return value < 0 ? -value : value;
}

static uint64_t random_state = 1;

void srand(unsigned seed)
{
    random_state = seed;
}

int rand(void)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (int)(random_state >> 33);
}

static void swap(char *a, char *b, size_t size)
{
    for (; size; size--, a++, b++) {
        char c = *a;
        *a = *b;
        *b = c;
    }
}

static void sift(char *base, size_t root, size_t count, size_t size,
                 int (*compare)(const void *, const void *))
{
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0)
            child++;
        if (compare(base + root * size, base + child * size) >= 0)
            return;
        swap(base + root * size, base + child * size, size);
    }
}

/* Heap sort: no recursion, no bad case. */
void qsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    for (size_t i = count / 2; i; i--)
        sift(base, i - 1, count, size, compare);
    for (size_t i = count; i > 1; i--) {
        swap(base, (char *)base + (i - 1) * size, size);
        sift(base, 0, i - 1, size, compare);
    }
}

void *bsearch(const void *key, const void *base, size_t count, size_t size,
              int (*compare)(const void *, const void *))
{
    while (count) {
        const char *middle = (const char *)base + count / 2 * size;
        int order = compare(key, middle);
        if (!order)
            return (void *)(uintptr_t)middle;
        if (order > 0) {
            base = middle + size;
            count--;
        }
        count /= 2;
    }
    return NULL;
}

static void (*exit_functions[EXIT_FUNCTIONS])(void);
static unsigned exit_count;

int atexit(void (*function)(void))
{
    if (exit_count == EXIT_FUNCTIONS)
        return -1;
    exit_functions[exit_count++] = function;
    return 0;
}

_Noreturn void exit(int status)
{
    while (exit_count)
        exit_functions[--exit_count]();
    fflush(NULL);
    mon_exit(status);
}

_Noreturn void abort(void)
{
    fflush(NULL);
    __builtin_trap();
}

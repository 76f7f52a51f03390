/* sim/bochs/heap.c -- the arena: the heap of everything that is machine state.
 *
 * Bochs's malloc and operator new are redirected here, so a snapshot is a copy of the arena's used
 * part and of the sections bxdata and bxbss, and going back is copying them in again: pointers
 * between them stay right because nothing moves. The tool's own heap is not here.
 * Blocks: a 16-byte head with the size class, then the bytes; free blocks of a class are chained.
 * Invariant: [arena, arena + used) is all that was ever handed out; fresh memory is zero.
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "sim/core/shim.h"

#define ARENA_BYTES (8ull << 30) /* address space only; memory comes as it is touched */
#define ARENA_AT    ((void *)0x200000000000ull)
#define HEAD        16
#define CLASSES     56 /* the last holds what half the arena does */

struct block {
    uint64_t class;
    struct block *next; /* while free */
};

struct heap {
    uint8_t *start;
    uint64_t used;
    struct block *free[CLASSES];
};

static struct heap heap MACHINE_STATE = {NULL, 0, {NULL}};

/* Called before main(), where there is nobody to give an error to. */
static void refuse(void)
{
    static const char text[] =
        "flatfish: no room for 8 GiB of address space, most of it never "
        "touched: lift the limit (ulimit -v unlimited, ulimit -d unlimited)\n";
    ssize_t n = write(STDERR_FILENO, text, sizeof text - 1);
    (void)n;
    _exit(1);
}

static void heap_open(void)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *p =
        mmap(ARENA_AT, ARENA_BYTES, PROT_READ | PROT_WRITE, flags | MAP_FIXED_NOREPLACE, -1, 0);
    if (p == MAP_FAILED)
        p = mmap(NULL, ARENA_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (p == MAP_FAILED)
        refuse();
    heap.start = p;
}

/* Classes: 32, 48, 64, 96, 128, ... bytes with the head: two a power of two. */
static unsigned class_of(uint64_t n)
{
    unsigned c = 0;
    for (uint64_t size = 32; size < n; c++)
        size = c & 1 ? size / 3 * 4 : size / 2 * 3;
    return c;
}

static uint64_t class_bytes(unsigned c)
{
    uint64_t size = 32ull << (c / 2);
    return c & 1 ? size / 2 * 3 : size;
}

static bool ours(const void *p)
{
    return (const uint8_t *)p >= heap.start && (const uint8_t *)p < heap.start + ARENA_BYTES;
}

void *bxs_malloc(size_t n)
{
    if (!heap.start)
        heap_open();
    if (n > ARENA_BYTES / 2)
        return NULL;
    unsigned c = class_of(n + HEAD);
    struct block *b = heap.free[c];
    if (b) {
        heap.free[c] = b->next;
    } else {
        if (heap.used + class_bytes(c) > ARENA_BYTES)
            return NULL;
        b = (struct block *)(heap.start + heap.used);
        heap.used += class_bytes(c);
    }
    b->class = c;
    return (uint8_t *)b + HEAD;
}

static struct block *block_of(void *p)
{
    return (struct block *)((uint8_t *)p - HEAD);
}

void bxs_free(void *p)
{
    if (!p)
        return;
    if (!ours(p)) {
        free(p); /* made by a library on Bochs's behalf */
        return;
    }
    struct block *b = block_of(p);
    b->next = heap.free[b->class];
    heap.free[b->class] = b;
}

void *bxs_calloc(size_t n, size_t each)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, each, &bytes))
        return NULL;
    uint64_t before = heap.used;
    void *p = bxs_malloc(bytes);
    if (p && heap.used == before)
        memset(p, 0, bytes); /* a used block; fresh ones are zero */
    return p;
}

void *bxs_realloc(void *p, size_t n)
{
    if (p && !ours(p))
        return realloc(p, n);
    uint64_t old = p ? class_bytes(block_of(p)->class) - HEAD : 0;
    if (p && n <= old)
        return p;
    void *q = bxs_malloc(n);
    if (q && p) {
        memcpy(q, p, old);
        bxs_free(p);
    }
    return q;
}

/* The rest of the names in redefine.syms. */
void *bxs_reallocarray(void *p, size_t n, size_t each);
char *bxs_strdup(const char *s);
char *bxs_strndup(const char *s, size_t n);
int bxs_posix_memalign(void **out, size_t align, size_t n);
void *bxs_aligned_alloc(size_t align, size_t n);

void *bxs_reallocarray(void *p, size_t n, size_t each)
{
    size_t bytes;
    return __builtin_mul_overflow(n, each, &bytes) ? NULL : bxs_realloc(p, bytes);
}

char *bxs_strdup(const char *s)
{
    return bxs_strndup(s, strlen(s));
}

char *bxs_strndup(const char *s, size_t n)
{
    n = strnlen(s, n);
    char *copy = bxs_malloc(n + 1);
    if (copy) {
        memcpy(copy, s, n);
        copy[n] = 0;
    }
    return copy;
}

/* Aligned blocks carry a second head just before the bytes, so that bxs_free() finds the first.
 * They are so rare in Bochs that the memory is simply kept. */
void *bxs_aligned_alloc(size_t align, size_t n)
{
    n = n < 2 * HEAD ? 2 * HEAD : n;
    uint8_t *p = n < ARENA_BYTES / 4 ? bxs_malloc(n + align + HEAD) : NULL;
    if (!p)
        return NULL;
    uint8_t *at = (uint8_t *)(((uintptr_t)p + HEAD + align - 1) & ~(uintptr_t)(align - 1));
    struct block *b = block_of(at);
    b->class = class_of(32);
    return at;
}

int bxs_posix_memalign(void **out, size_t align, size_t n)
{
    *out = bxs_aligned_alloc(align, n);
    return *out ? 0 : ENOMEM;
}

#define NEW(name, ...)                                                                             \
    void *name(size_t n __VA_OPT__(, ) __VA_ARGS__);                                               \
    void *name(size_t n __VA_OPT__(, ) __VA_ARGS__)
#define DELETE(name, ...)                                                                          \
    void name(void *p __VA_OPT__(, ) __VA_ARGS__);                                                 \
    void name(void *p __VA_OPT__(, ) __VA_ARGS__)                                                  \
    {                                                                                              \
        bxs_free(p);                                                                               \
    }

/* C++ must not see NULL from operator new, and there is nothing sensible to do without memory. */
static void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

NEW(bxs_new)
{
    return must(bxs_malloc(n));
}
NEW(bxs_new_array)
{
    return must(bxs_malloc(n));
}
NEW(bxs_new_aligned, size_t align)
{
    return must(bxs_aligned_alloc(align, n));
}
NEW(bxs_new_array_aligned, size_t align)
{
    return must(bxs_aligned_alloc(align, n));
}
NEW(bxs_new_nothrow, const void *tag __attribute__((unused)))
{
    return bxs_malloc(n);
}
NEW(bxs_new_array_nothrow, const void *tag __attribute__((unused)))
{
    return bxs_malloc(n);
}
DELETE(bxs_delete)
DELETE(bxs_delete_array)
DELETE(bxs_delete_sized, size_t n __attribute__((unused)))
DELETE(bxs_delete_array_sized, size_t n __attribute__((unused)))
DELETE(bxs_delete_aligned, size_t a __attribute__((unused)))
DELETE(bxs_delete_array_aligned, size_t a __attribute__((unused)))
DELETE(bxs_delete_sized_aligned, size_t n __attribute__((unused)), size_t a __attribute__((unused)))
DELETE(bxs_delete_array_sized_aligned, size_t n __attribute__((unused)),
       size_t a __attribute__((unused)))

extern uint8_t __start_bxdata[], __stop_bxdata[], __start_bxbss[], __stop_bxbss[];

size_t bxs_ranges(struct bxs_range *out, size_t max)
{
    struct bxs_range all[3] = {
        {__start_bxdata, (size_t)(__stop_bxdata - __start_bxdata)},
        {__start_bxbss, (size_t)(__stop_bxbss - __start_bxbss)},
        {heap.start, heap.used},
    };
    size_t n = 0;
    for (; n < 3 && n < max; n++)
        out[n] = all[n];
    return n;
}

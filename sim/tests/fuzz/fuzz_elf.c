/* sim/tests/fuzz/fuzz_elf.c -- libFuzzer target: whatever bytes stand for a kernel, the loader
 * gives segments inside those bytes and inside memory, sorted and disjoint, or an error; the symbol
 * reader never steps outside either.
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sim/core/elf.h"
#include "sim/sym.h"

#define MEM (64ull << 20)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const char *fits(void *ctx, gpa at, uint64_t n)
{
    (void)ctx;
    return at + n > MEM ? "lies outside memory: put it inside" : NULL;
}

static void must(bool held)
{
    if (!held)
        abort();
}

static void check_kernel(const struct elf_kernel *k, const uint8_t *bytes, size_t n)
{
    uint64_t last = 0;

    for (unsigned i = 0; i < k->segments; i++) {
        const struct elf_segment *s = &k->segment[i];
        must(s->bytes >= bytes && s->n <= n && (size_t)(s->bytes - bytes) <= n - s->n);
        must(s->at >= last && s->n <= MEM && s->zero <= MEM);
        last = s->at + s->n + s->zero;
        must(last <= MEM && last > s->at);
    }
}

static void try_symbols(const uint8_t *bytes, size_t n)
{
    char out[80];
    gva at;

    if (sim_sym_add_bytes("k", bytes, n) == 0) {
        for (gva a = 0x100000; a < 0x101000; a += 0x1f0) {
            sim_sym_name("k", a, out, sizeof out);
            sim_sym_line("k", a, out, sizeof out);
        }
        sim_sym_address("k:mane+1", &at);
    }
    sim_sym_clear();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct elf_kernel kernel;

    if (elf_kernel_parse(&kernel, "fuzz", bytes, n, fits, NULL) == 0)
        check_kernel(&kernel, bytes, n);
    else
        must(*sim_error() && !strchr(sim_error(), '\n'));
    try_symbols(bytes, n);
    return 0;
}

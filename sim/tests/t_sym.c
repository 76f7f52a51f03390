/* sim/tests/t_sym.c -- property: names and addresses of an ELF program translate both ways as the
 * linker and the compiler recorded them, wrong names get near misses, and damaged files get errors.
 * SPDX-License-Identifier: MIT */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sym.h"
#include "sim/tests/check.h"
#include "sim/tests/elf_make.h"

#define GUEST "sim/tests/guests/hello.elf"

static uint8_t *guest;
static size_t guest_n;

static void guest_read(void)
{
    FILE *f = fopen(GUEST, "rb");

    guest = malloc(1 << 20);
    guest_n = f ? fread(guest, 1, 1 << 20, f) : 0;
    CHECK(guest_n > 1000 && guest_n < 1 << 20);
    if (f)
        fclose(f);
}

static void says(const char *part)
{
    CHECK(strchr(sim_error(), '\n') == NULL);
    CHECK(strstr(sim_error(), part) != NULL);
    if (!strstr(sim_error(), part))
        fprintf(stderr, "wanted \"%s\" in: %s\n", part, sim_error());
}

static void bad(const char *text, const char *part)
{
    gva at = 0x1234;

    CHECK(sim_sym_address(text, &at) == -1);
    says(part);
}

static gva where(const char *text)
{
    gva at = 0;

    CHECK(sim_sym_address(text, &at) == 0);
    return at;
}

static void numbers(void)
{
    CHECK(where("0x10") == 16 && where("10") == 10 && where("0") == 0);
    CHECK(where("0xffffffffffffffff") == UINT64_MAX);
    bad("0x", "no 64-bit address");
    bad("12ab", "no 64-bit address");
    bad("0x1ffffffffffffffff", "no 64-bit address");
    bad("18446744073709551616", "no 64-bit address");
}

static void both_ways(void)
{
    char out[64];
    gva print = where("rt_print");

    CHECK(print >= 0x100000 && where("guest:rt_print") == print);
    CHECK(where("guest:rt_print+0x10") == print + 16 && where("rt_print+3") == print + 3);
    CHECK(sim_sym_name(NULL, print, out, sizeof out) == 0 && strcmp(out, "rt_print") == 0);
    CHECK(sim_sym_name("guest", print + 5, out, sizeof out) == 0);
    CHECK(strcmp(out, "rt_print+0x5") == 0);
    CHECK(sim_sym_name("other", print, out, sizeof out) == -1 && strncmp(out, "0x1", 3) == 0);
    CHECK(sim_sym_name(NULL, 0xdead00000000, out, sizeof out) == -1);
    CHECK(strcmp(out, "0xdead00000000") == 0);
    CHECK(sim_sym_name(NULL, print, out, 4) == 0 && strcmp(out, "rt_") == 0);
    CHECK(sim_sym_name(NULL, where("start32"), out, sizeof out) == 0);
    CHECK(strcmp(out, "start32") == 0); /* an assembler label: no size */
}

static void lines(void)
{
    char out[64];

    CHECK(sim_sym_line(NULL, where("guest_main"), out, sizeof out) == 0);
    CHECK(strncmp(out, "hello.c:", 8) == 0 && atoi(out + 8) > 4 && atoi(out + 8) < 12);
    CHECK(sim_sym_line("guest", where("rt_print"), out, sizeof out) == 0);
    CHECK(strncmp(out, "rt.c:", 5) == 0);
    CHECK(sim_sym_line("guest", where("start32"), out, sizeof out) == 0);
    CHECK(strncmp(out, "start.S:", 8) == 0);
    CHECK(sim_sym_line(NULL, 0x50, out, sizeof out) == -1 && out[0] == 0);
    CHECK(sim_sym_line("other", where("rt_print"), out, sizeof out) == -1);
}

static void near_misses(void)
{
    char longest[700];

    bad("rt_prinf", "near: guest:rt_print");
    bad("RT_PRINT", "near: guest:rt_print");
    bad("guest:prin", "rt_print");
    bad("qqqqqqqqqqq", "no symbol \"qqqqqqqqqqq\"");
    bad("gues:rt_print", "no image is called \"gues\"; near: guest");
    bad("guest:", "names no symbol");
    bad("", "names no symbol");
    bad("rt_print+", "no number");
    bad("rt_print+zz", "no number");
    bad("rt_print+0xffffffffffffffff", "past the end of the address space");
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = 0;
    bad(longest, "699 characters");
    longest[511] = 0;
    bad(longest, "no symbol \"aaa");
    bad("\033[2Jx", "no symbol \"?[2Jx\"");
}

static void image_names(void)
{
    CHECK(sim_sym_add_file("a:b", GUEST) == -1);
    says("cannot name an image");
    CHECK(sim_sym_add_bytes("", guest, guest_n) == -1);
    CHECK(sim_sym_add_bytes("0x1", guest, guest_n) == -1);
    CHECK(sim_sym_add_file("k", "no/such") == -1);
    says("No such file");
    CHECK(sim_sym_add_file("k", "/") == -1);
    says("not a file");
    CHECK(sim_sym_add_bytes("k", "hello", 5) == -1);
    says("not an ELF file");
    CHECK(sim_sym_add_bytes("k", "", 0) == -1);
    says("not an ELF file");
}

static void no_symbols(void)
{
    struct elf_made made;

    elf_make(&made);
    sim_sym_clear();
    bad("rt_print", "there are no symbols");
    CHECK(sim_sym_add_bytes("k", &made, sizeof made) == 0);
    bad("k:rt_print", "k has no symbols");
    bad("rt_print", "the images loaded have no symbols");
    made.eh.e_type = ET_REL;
    CHECK(sim_sym_add_bytes("k", &made, sizeof made) == -1);
    says("not linked");
    CHECK(sim_sym_add_bytes("k", guest, guest_n) == 0); /* replaces */
    CHECK(where("k:rt_print") != 0);
    sim_sym_clear();
}

static void use_damaged(const uint8_t *bytes, size_t n)
{
    char out[64];
    gva at;

    if (sim_sym_add_bytes("x", bytes, n) != 0)
        return;
    for (gva a = 0x100000; a < 0x102000; a += 0x777) {
        sim_sym_name(NULL, a, out, sizeof out);
        sim_sym_line(NULL, a, out, sizeof out);
    }
    sim_sym_address("rt_prin", &at);
    sim_sym_clear();
}

/* Cut short, and with random bytes overwritten (fixed seed): errors or wrong names, never a crash.
 */
static void damaged(void)
{
    uint8_t *copy = malloc(guest_n);
    uint32_t seed = 12345;

    for (size_t n = 0; n < guest_n; n += 1 + guest_n / 200)
        use_damaged(guest, n);
    for (int round = 0; round < 300; round++) {
        memcpy(copy, guest, guest_n);
        for (int i = 0; i < 1 + round / 3; i++) {
            seed = seed * 1664525 + 1013904223;
            copy[(seed >> 4) % guest_n] = (uint8_t)(seed >> 24);
        }
        use_damaged(copy, guest_n);
    }
    free(copy);
}

int main(void)
{
    guest_read();
    numbers();
    bad("rt_print", "no symbol");
    CHECK(sim_sym_add_file("guest", GUEST) == 0);
    both_ways();
    lines();
    near_misses();
    image_names();
    no_symbols();
    damaged();
    free(guest);
    return check_report("t_sym");
}

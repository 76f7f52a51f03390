/* sim/tests/t_elf.c -- property: a good PVH kernel gives its entry and segments, sorted; every way
 * to damage it gives one line that says what is wrong and how to mend it; no length is trusted.
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/elf.h"
#include "sim/tests/check.h"
#include "sim/tests/elf_make.h"

static struct elf_made made;
static struct elf_kernel kernel;

static const char *fits(void *ctx, gpa at, uint64_t n)
{
    (void)ctx;
    return at + n > 0x1000000 ? "lies outside" : NULL;
}

/* Parses a copy of exactly n bytes, so that a tool like valgrind or ASan sees any step outside. */
static int parse_n(size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);
    int result;

    memcpy(copy, &made, n);
    result = elf_kernel_parse(&kernel, "k.elf", copy, n, fits, NULL);
    for (unsigned i = 0; result == 0 && i < kernel.segments; i++)
        CHECK(kernel.segment[i].bytes >= copy &&
              kernel.segment[i].bytes + kernel.segment[i].n <= copy + n);
    free(copy);
    return result;
}

static void good(void)
{
    elf_make(&made);
    CHECK(parse_n(sizeof made) == 0);
    CHECK(kernel.entry == 0x100010);
    CHECK(kernel.segments == 2);
    CHECK(kernel.segment[0].at == 0x100000 && kernel.segment[0].n == 64);
    CHECK(kernel.segment[0].zero == 0);
    CHECK(kernel.segment[1].at == 0x200000 && kernel.segment[1].n == 32);
    CHECK(kernel.segment[1].zero == 0x5000 - 32);
}

static void good_variants(void)
{
    elf_make(&made);
    made.ph[MADE_TEXT].p_paddr = 0x300000; /* out of order: sorted */
    made.note.entry = 0x30003f;
    CHECK(parse_n(sizeof made) == 0 && kernel.segment[0].at == 0x200000);
    elf_make(&made);
    made.ph[MADE_DATA].p_filesz = 0; /* bss alone */
    CHECK(parse_n(sizeof made) == 0 && kernel.segment[1].zero == 0x5000);
    elf_make(&made);
    made.ph[MADE_DATA].p_paddr = 0x100040; /* adjacent, not overlapping */
    CHECK(parse_n(sizeof made) == 0);
    elf_make(&made);
    made.eh.e_type = ET_DYN;
    CHECK(parse_n(sizeof made) == 0);
}

/* Expects failure with `part` in the text, and a hint after a colon or bracket. */
static void bad(const char *part)
{
    int result = parse_n(sizeof made);

    CHECK(result == -1);
    CHECK(strstr(sim_error(), "k.elf") != NULL);
    CHECK(strchr(sim_error(), '\n') == NULL);
    CHECK(strstr(sim_error(), part) != NULL);
    if (!strstr(sim_error(), part))
        fprintf(stderr, "wanted \"%s\" in: %s\n", part, sim_error());
    elf_make(&made);
}

static void bad_headers(void)
{
    elf_make(&made);
    made.eh.e_ident[0] = 'X', bad("not an ELF file");
    made.eh.e_ident[EI_CLASS] = ELFCLASS32, bad("not a 64-bit ELF: build it with -m64");
    made.eh.e_ident[EI_CLASS] = 9, bad("not a 64-bit ELF");
    made.eh.e_ident[EI_DATA] = ELFDATA2MSB, bad("big-endian");
    made.eh.e_machine = EM_AARCH64, bad("another machine (ELF machine 183)");
    made.eh.e_type = ET_REL, bad("not linked");
    made.eh.e_phnum = 0, bad("no segments");
    made.eh.e_phnum = 0xfffe, bad("cut off");
    made.eh.e_phentsize = 32, bad("program header table");
    made.eh.e_phoff = UINT64_MAX - 8, bad(": ");
    made.eh.e_ident[EI_VERSION] = 7, bad(": ");
    memset(&made, 0x1f, 2), ((unsigned char *)&made)[1] = 0x8b, bad("compressed by gzip");
}

static void bad_segments(void)
{
    elf_make(&made);
    made.ph[MADE_TEXT].p_offset = UINT64_MAX - 4, bad("cut off: segment 0");
    made.ph[MADE_TEXT].p_filesz = 1ull << 40, made.ph[MADE_TEXT].p_memsz = 1ull << 41,
    bad("cut off");
    made.ph[MADE_TEXT].p_memsz = 3, bad("more bytes in the file than in memory");
    made.ph[MADE_DATA].p_memsz = UINT64_MAX, bad("wraps round");
    made.ph[MADE_DATA].p_memsz = 1ull << 50, bad("lies outside");
    made.ph[MADE_DATA].p_paddr = UINT64_MAX - 8, bad("wraps round");
    made.ph[MADE_DATA].p_paddr = 0xffffffff80000000, bad("lies outside");
    made.ph[MADE_DATA].p_paddr = 0x10003f, bad("overlap");
    made.ph[MADE_TEXT].p_paddr = 0x204fff, bad("overlap");
}

static void bad_notes(void)
{
    elf_make(&made);
    made.ph[MADE_NOTE].p_type = PT_NULL,
    bad("no PVH note: link it with a .note section of type 18");
    made.note.head.n_type = 17, bad("no PVH note");
    made.note.head.n_namesz = 3, bad("no PVH note");
    made.note.head.n_namesz = UINT32_MAX, bad("no PVH note");
    made.note.head.n_descsz = UINT32_MAX, bad("no PVH note");
    made.note.name[0] = 'x', bad("no PVH note");
    made.note.head.n_descsz = 2, bad("holds 2 bytes");
    made.ph[MADE_NOTE].p_filesz = 11, bad("no PVH note");
    made.ph[MADE_NOTE].p_offset = sizeof made, bad("cut off: note segment");
    made.note.entry = 0x100040, bad("entry 0x100040 is in no loaded segment");
    made.note.entry = 0, bad("in no loaded segment");
}

/* Cut at every length, and every byte of the headers flipped in every bit: never a crash. */
static void damage_everything(void)
{
    uint8_t *bytes = (uint8_t *)&made;

    for (size_t n = 0; n < sizeof made; n++) {
        elf_make(&made);
        if (n < offsetof(struct elf_made, text))
            CHECK(parse_n(n) == -1);
        else
            parse_n(n);
    }
    for (size_t bit = 0; bit < 8 * offsetof(struct elf_made, text); bit++) {
        elf_make(&made);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (parse_n(sizeof made) != 0)
            CHECK(strchr(sim_error(), ':') != NULL);
    }
}

static void too_many_segments(void)
{
    enum { MANY = ELF_SEGMENTS + 1 };
    struct {
        struct elf_made m;
        Elf64_Phdr ph[MANY + 1];
    } big;

    elf_make(&big.m);
    for (unsigned i = 0; i < MANY; i++) {
        big.ph[i] = big.m.ph[MADE_TEXT];
        big.ph[i].p_paddr += i * 4096;
    }
    big.ph[MANY] = big.m.ph[MADE_NOTE];
    big.m.eh.e_phoff = offsetof(__typeof__(big), ph);
    big.m.eh.e_phnum = MANY + 1;
    CHECK(elf_kernel_parse(&kernel, "k.elf", (uint8_t *)&big, sizeof big, fits, NULL) == -1);
    CHECK(strstr(sim_error(), "more than 64 segments") != NULL);
}

/* A program of the host's has segments anywhere; what is wrong with it is that it is no kernel. */
static void no_kernel_at_all(void)
{
    struct elf_made m;

    elf_make(&m);
    m.ph[MADE_NOTE].p_type = PT_NULL;
    m.ph[MADE_TEXT].p_paddr = 0x7000;
    CHECK(elf_kernel_parse(&kernel, "k.elf", (uint8_t *)&m, sizeof m, fits, NULL) == -1);
    CHECK(strstr(sim_error(), "no PVH note") != NULL);
}

int main(void)
{
    good();
    good_variants();
    bad_headers();
    bad_segments();
    bad_notes();
    damage_everything();
    too_many_segments();
    no_kernel_at_all();
    return check_report("t_elf");
}

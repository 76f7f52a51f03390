/* sim/core/elf.c -- reads a PVH ELF64 kernel with libelf. See elf.h.
 * The PVH entry is an ELF note in a PT_NOTE segment: name "Xen", type 18, holding a 32- or 64-bit
 * physical address.
 * SPDX-License-Identifier: MIT */
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/elf.h"

#define NOTE_PHYS32_ENTRY 18

struct reader {
    const char *name;
    const uint8_t *bytes;
    size_t n;
    Elf *elf;
    elf_fits_fn *fits;
    void *ctx;
};

static bool inside(const struct reader *r, uint64_t at, uint64_t n)
{
    return at <= r->n && n <= r->n - at;
}

/* Said before libelf looks at the file, so that the common mistakes get words of their own. */
static int check_ident(const struct reader *r)
{
    const uint8_t *b = r->bytes;

    if (r->n == 0)
        return sim_fail("%s is empty: build the kernel again", r->name);
    if (r->n >= 2 && b[0] == 0x1f && b[1] == 0x8b)
        return sim_fail("%s is compressed by gzip: unpack it first (gunzip)", r->name);
    if (r->n >= 0x206 && memcmp(b + 0x202, "HdrS", 4) == 0)
        return sim_fail("%s is a Linux bzImage, not ELF: use the vmlinux of the same build",
                        r->name);
    if (r->n < SELFMAG || memcmp(b, ELFMAG, SELFMAG) != 0)
        return sim_fail("%s is not an ELF file: --kernel takes a 64-bit x86 ELF with a PVH note",
                        r->name);
    if (r->n < sizeof(Elf64_Ehdr))
        return sim_fail("%s is cut off inside its ELF header (%zu bytes): copy or build it again",
                        r->name, r->n);
    if (b[EI_CLASS] != ELFCLASS64)
        return sim_fail("%s is not a 64-bit ELF: build it with -m64", r->name);
    if (b[EI_DATA] != ELFDATA2LSB)
        return sim_fail("%s is a big-endian ELF: build it for x86-64", r->name);
    return 0;
}

static int check_header(const struct reader *r, size_t *count)
{
    GElf_Ehdr eh;

    if (!gelf_getehdr(r->elf, &eh))
        return sim_fail("%s has a damaged ELF header (%s): build it again", r->name,
                        elf_errmsg(-1));
    if (eh.e_machine != EM_X86_64)
        return sim_fail("%s is for another machine (ELF machine %u): build it for x86-64", r->name,
                        (unsigned)eh.e_machine);
    if (eh.e_type != ET_EXEC && eh.e_type != ET_DYN)
        return sim_fail("%s is not linked (ELF type %u): link it to an executable", r->name,
                        (unsigned)eh.e_type);
    if (eh.e_phentsize != sizeof(Elf64_Phdr) || elf_getphdrnum(r->elf, count) != 0)
        return sim_fail("%s has a damaged program header table: link it again", r->name);
    if (eh.e_phnum != PN_XNUM)
        *count = eh.e_phnum; /* libelf lowers it to what fits: say "cut off" instead */
    if (!inside(r, eh.e_phoff, *count * sizeof(Elf64_Phdr)))
        return sim_fail("%s is cut off: its program headers end past its %zu bytes: copy or build "
                        "it again",
                        r->name, r->n);
    if (*count == 0)
        return sim_fail("%s has no segments to load: link it to an executable", r->name);
    return 0;
}

static int add_segment(const struct reader *r, struct elf_kernel *k, size_t i, const GElf_Phdr *ph)
{
    const char *why;

    if (ph->p_memsz == 0 && ph->p_filesz == 0)
        return 0;
    if (ph->p_filesz > ph->p_memsz)
        return sim_fail("%s: segment %zu has more bytes in the file than in memory: link it again",
                        r->name, i);
    if (!inside(r, ph->p_offset, ph->p_filesz))
        return sim_fail("%s is cut off: segment %zu ends past its %zu bytes: copy or build it "
                        "again",
                        r->name, i, r->n);
    if (ph->p_memsz > UINT64_MAX - ph->p_paddr)
        return sim_fail("%s: segment %zu wraps round the end of the address space: correct its "
                        "physical address (AT() in the linker script)",
                        r->name, i);
    why = r->fits(r->ctx, ph->p_paddr, ph->p_memsz);
    if (why)
        return sim_fail("%s: segment %zu (0x%llx to 0x%llx) %s", r->name, i,
                        (unsigned long long)ph->p_paddr,
                        (unsigned long long)(ph->p_paddr + ph->p_memsz - 1), why);
    if (k->segments == ELF_SEGMENTS)
        return sim_fail("%s has more than %d segments to load: merge sections in its linker script",
                        r->name, ELF_SEGMENTS);
    k->segment[k->segments++] = (struct elf_segment){.at = ph->p_paddr,
                                                     .bytes = r->bytes + ph->p_offset,
                                                     .n = ph->p_filesz,
                                                     .zero = ph->p_memsz - ph->p_filesz};
    return 0;
}

/* One note of a PT_NOTE segment; `at` moves past it. False = no further note. */
static bool next_note(const uint8_t *seg, uint64_t n, uint64_t align, uint64_t *at,
                      Elf64_Nhdr *note, const uint8_t **name, const uint8_t **desc)
{
    uint64_t mask = align == 8 ? 7 : 3;
    uint64_t pos = *at;

    if (pos > n || n - pos < sizeof *note)
        return false;
    memcpy(note, seg + pos, sizeof *note);
    pos += sizeof *note;
    if (note->n_namesz > n - pos)
        return false;
    *name = seg + pos;
    pos = (pos + note->n_namesz + mask) & ~mask;
    if (pos > n || note->n_descsz > n - pos)
        return false;
    *desc = seg + pos;
    *at = (pos + note->n_descsz + mask) & ~mask;
    return true;
}

/* Returns 1 and sets the entry when this segment has the PVH note, 0 when not, -1 on an error. */
static int find_note(const struct reader *r, struct elf_kernel *k, size_t i, const GElf_Phdr *ph)
{
    const uint8_t *name, *desc;
    Elf64_Nhdr note;
    uint64_t at = 0, entry = 0;

    if (!inside(r, ph->p_offset, ph->p_filesz))
        return sim_fail("%s is cut off: note segment %zu ends past its %zu bytes: copy or build it "
                        "again",
                        r->name, i, r->n);
    while (
        next_note(r->bytes + ph->p_offset, ph->p_filesz, ph->p_align, &at, &note, &name, &desc)) {
        if (note.n_type != NOTE_PHYS32_ENTRY || note.n_namesz != 4 || memcmp(name, "Xen", 4) != 0)
            continue;
        if (note.n_descsz != 4 && note.n_descsz != 8)
            return sim_fail("%s: its PVH note holds %u bytes: make it a .long or .quad with the "
                            "physical entry address",
                            r->name, note.n_descsz);
        memcpy(&entry, desc, note.n_descsz);
        if (entry > UINT32_MAX)
            return sim_fail("%s: its PVH entry 0x%llx is above 4 GiB: the note takes the 32-bit "
                            "physical address of 32-bit code",
                            r->name, (unsigned long long)entry);
        k->entry = (uint32_t)entry;
        return 1;
    }
    return 0;
}

static int by_address(const void *a, const void *b)
{
    const struct elf_segment *x = a, *y = b;

    return x->at < y->at ? -1 : x->at > y->at;
}

static uint64_t segment_end(const struct elf_segment *s)
{
    return s->at + s->n + s->zero;
}

static int check_overlap(const struct reader *r, struct elf_kernel *k)
{
    qsort(k->segment, k->segments, sizeof k->segment[0], by_address);
    for (unsigned i = 1; i < k->segments; i++)
        if (k->segment[i].at < segment_end(&k->segment[i - 1]))
            return sim_fail("%s: the segments at 0x%llx and 0x%llx overlap: correct their physical "
                            "addresses (AT() in the linker script)",
                            r->name, (unsigned long long)k->segment[i - 1].at,
                            (unsigned long long)k->segment[i].at);
    return 0;
}

static int check_entry(const struct reader *r, const struct elf_kernel *k, bool found)
{
    if (!found)
        return sim_fail(
            "%s has no PVH note: link it with a .note section of type 18, name \"Xen\", "
            "holding the physical address of its 32-bit entry, in a PT_NOTE segment",
            r->name);
    for (unsigned i = 0; i < k->segments; i++)
        if (k->entry >= k->segment[i].at && k->entry < segment_end(&k->segment[i]))
            return 0;
    return sim_fail("%s: its PVH entry 0x%x is in no loaded segment: the note takes the physical "
                    "address (symbol minus the kernel's virtual offset)",
                    r->name, k->entry);
}

static int read_headers(const struct reader *r, struct elf_kernel *k)
{
    size_t count = 0;
    GElf_Phdr ph;
    int note = 0;

    if (check_header(r, &count) != 0)
        return -1;
    for (size_t i = 0; i < count && note == 0; i++) {
        if (!gelf_getphdr(r->elf, (int)i, &ph))
            return sim_fail("%s: program header %zu is damaged: link it again", r->name, i);
        if (ph.p_type == PT_NOTE)
            note = find_note(r, k, i, &ph);
    }
    if (note < 0)
        return -1;
    if (note == 0)
        return check_entry(r, k, false); /* not made for PVH: nothing else about it matters */
    for (size_t i = 0; i < count; i++) {
        gelf_getphdr(r->elf, (int)i, &ph);
        if (ph.p_type == PT_LOAD && add_segment(r, k, i, &ph) != 0)
            return -1;
    }
    if (check_overlap(r, k) != 0)
        return -1;
    return check_entry(r, k, true);
}

int elf_kernel_parse(struct elf_kernel *kernel, const char *name, const uint8_t *bytes, size_t n,
                     elf_fits_fn *fits, void *ctx)
{
    struct reader r = {.name = name, .bytes = bytes, .n = n, .fits = fits, .ctx = ctx};
    int result;

    *kernel = (struct elf_kernel){0};
    if (check_ident(&r) != 0)
        return -1;
    elf_version(EV_CURRENT);
    /* libelf takes the bytes as writable but only reads them: nothing here asks for an update. */
    r.elf = elf_memory((char *)(uintptr_t)bytes, n);
    if (!r.elf)
        return sim_fail("%s cannot be read as ELF (%s): build it again", name, elf_errmsg(-1));
    result = read_headers(&r, kernel);
    elf_end(r.elf);
    return result;
}

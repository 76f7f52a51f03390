/* sim/core/sym_image.c -- the images whose symbols are known: their bytes, read once and kept, and
 * two tables each; see sym_image.h.
 *
 * Names point into the bytes through libelf, which checks that they end inside their section. The
 * tables: `symbol` sorted by address, one entry an address (the best name), each knowing the symbol
 * around it; `named` sorted by name, all of them. Nothing in the bytes is trusted.
 * SPDX-License-Identifier: MIT */
#include "sim/core/sym_image.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_MAX (2048ull << 20) /* a vmlinux with debug information stays below */

struct image *sym_images;

static void image_free(struct image *image)
{
    if (image->dwarf)
        dwarf_end(image->dwarf);
    if (image->elf)
        elf_end(image->elf);
    free(image->symbol);
    free(image->named);
    free(image->bytes);
    free(image->name);
    free(image);
}

static Elf_Scn *section_of_type(Elf *elf, unsigned type, GElf_Shdr *sh)
{
    for (Elf_Scn *s = elf_nextscn(elf, NULL); s; s = elf_nextscn(elf, s))
        if (gelf_getshdr(s, sh) && sh->sh_type == type)
            return s;
    return NULL;
}

static gva add_sat(gva at, uint64_t n)
{
    return n > UINT64_MAX - at ? UINT64_MAX : at + n;
}

/* Where an unsized symbol ends at the latest: with its section. Constants end where they begin. */
static gva symbol_end(Elf *elf, const GElf_Sym *sym)
{
    GElf_Shdr sh;
    Elf_Scn *s;

    if (sym->st_shndx >= SHN_LORESERVE)
        return sym->st_value;
    if (sym->st_size)
        return add_sat(sym->st_value, sym->st_size);
    s = elf_getscn(elf, sym->st_shndx);
    if (!s || !gelf_getshdr(s, &sh) || sym->st_value < sh.sh_addr ||
        sym->st_value >= add_sat(sh.sh_addr, sh.sh_size))
        return sym->st_value;
    return add_sat(sh.sh_addr, sh.sh_size);
}

/* Names are shown on terminals: none with control characters is taken. */
static bool name_printable(const char *name)
{
    if (!name || !*name)
        return false;
    for (; *name; name++)
        if ((unsigned char)*name < 0x20 || *name == 0x7f)
            return false;
    return true;
}

static bool symbol_fill(Elf *elf, size_t strings, const GElf_Sym *sym, struct symbol *out)
{
    static const uint8_t order[] = {[STT_FUNC] = 0, [STT_OBJECT] = 1, [STT_NOTYPE] = 2};
    unsigned type =
        GELF_ST_TYPE(sym->st_info) == STT_GNU_IFUNC ? STT_FUNC : GELF_ST_TYPE(sym->st_info);
    const char *name;

    if (type > STT_FUNC || sym->st_shndx == SHN_UNDEF || sym->st_shndx == SHN_COMMON)
        return false;
    name = elf_strptr(elf, strings, sym->st_name);
    if (!name_printable(name))
        return false;
    out->name = name;
    out->at = sym->st_value;
    out->end = symbol_end(elf, sym);
    out->global = GELF_ST_BIND(sym->st_info) != STB_LOCAL;
    out->rank = (uint8_t)(order[type] * 4 + (sym->st_size ? 0 : 2) + (out->global ? 0 : 1));
    out->outer = SYM_NONE;
    return true;
}

static int compare(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_address(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;

    if (x->at != y->at)
        return compare(x->at, y->at);
    return x->rank != y->rank ? compare(x->rank, y->rank) : strcmp(x->name, y->name);
}

static int by_name(const void *a, const void *b)
{
    const struct symbol *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    if (order != 0)
        return order;
    return x->global != y->global ? (x->global ? -1 : 1) : compare(x->at, y->at);
}

/* Keeps one symbol an address, ends the unsized ones at their successor, finds who is in whom. */
static void table_finish(struct image *image)
{
    struct symbol *t = image->symbol;
    size_t n = 0;

    for (size_t i = 0; i < image->symbols; i++)
        if (t[i].end > t[i].at && (n == 0 || t[n - 1].at != t[i].at))
            t[n++] = t[i];
    image->symbols = n;
    for (size_t i = 0; i + 1 < n; i++)
        if ((t[i].rank & 2) && t[i].end > t[i + 1].at)
            t[i].end = t[i + 1].at;
    for (size_t i = 1; i < n; i++) {
        uint32_t o = (uint32_t)i - 1;
        for (int k = 0; k < SYM_NESTING && o != SYM_NONE && t[o].end <= t[i].at; k++)
            o = t[o].outer;
        t[i].outer = o != SYM_NONE && t[o].end > t[i].at ? o : SYM_NONE;
    }
}

static int image_read_symbols(struct image *image)
{
    GElf_Shdr sh;
    GElf_Sym sym;
    Elf_Scn *s = section_of_type(image->elf, SHT_SYMTAB, &sh);
    Elf_Data *data;
    size_t count, entry = gelf_fsize(image->elf, ELF_T_SYM, 1, EV_CURRENT);

    if (!s)
        s = section_of_type(image->elf, SHT_DYNSYM, &sh);
    data = s ? elf_getdata(s, NULL) : NULL;
    count = data && entry ? data->d_size / entry : 0;
    if (count == 0 || count > INT32_MAX)
        return 0;
    image->symbol = calloc(count, sizeof *image->symbol);
    image->named = calloc(count, sizeof *image->named);
    if (!image->symbol || !image->named)
        return sim_fail("no memory on this computer for %zu symbols", count);
    for (size_t i = 0; i < count; i++)
        if (gelf_getsym(data, (int)i, &sym) &&
            symbol_fill(image->elf, sh.sh_link, &sym, &image->named[image->names]))
            image->names++;
    image->symbols = image->names;
    memcpy(image->symbol, image->named, image->names * sizeof *image->symbol);
    qsort(image->symbol, image->symbols, sizeof *image->symbol, by_address);
    qsort(image->named, image->names, sizeof *image->named, by_name);
    table_finish(image);
    return 0;
}

static int image_open(struct image *image, const char *what, size_t n)
{
    GElf_Ehdr eh;

    elf_version(EV_CURRENT);
    image->elf = n ? elf_memory((char *)image->bytes, n) : NULL;
    if (!image->elf || elf_kind(image->elf) != ELF_K_ELF || !gelf_getehdr(image->elf, &eh))
        return sim_fail("%s is not an ELF file: symbols come from ELF programs", what);
    if (eh.e_type == ET_REL)
        return sim_fail("%s is not linked, so its symbols have no addresses: link it", what);
    return image_read_symbols(image);
}

static void image_drop(const char *name)
{
    for (struct image **at = &sym_images; *at; at = &(*at)->next)
        if (strcmp((*at)->name, name) == 0) {
            struct image *gone = *at;
            *at = gone->next;
            image_free(gone);
            return;
        }
}

/* Takes over `bytes`, also on failure. An image of this name is replaced. */
static int image_add(const char *name, const char *what, uint8_t *bytes, size_t n)
{
    struct image *image = calloc(1, sizeof *image);
    struct image **last = &sym_images;

    if (!image || !(image->name = strdup(name))) {
        free(bytes);
        free(image);
        return sim_fail("no memory on this computer for the symbols of %s", what);
    }
    image->bytes = bytes;
    image->size = n;
    if (image_open(image, what, n) != 0) {
        image_free(image);
        return -1;
    }
    image_drop(name);
    while (*last)
        last = &(*last)->next;
    *last = image;
    return 0;
}

static bool name_good(const char *name)
{
    if (!*name || isdigit((unsigned char)*name))
        return false;
    for (; *name; name++)
        if (!isgraph((unsigned char)*name) || strchr(":+", *name))
            return false;
    return true;
}

static uint8_t *read_file(int fd, const char *path, size_t *n)
{
    struct stat st;
    uint8_t *bytes;
    size_t done = 0;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || (uint64_t)st.st_size > IMAGE_MAX) {
        sim_fail("symbols: %s is not a file of at most 2048 MiB: give the path of an ELF file",
                 path);
        return NULL;
    }
    *n = (size_t)st.st_size;
    bytes = malloc(*n ? *n : 1);
    while (bytes && done < *n) {
        ssize_t got = read(fd, bytes + done, *n - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        done += (size_t)got;
    }
    if (bytes && done == *n)
        return bytes;
    free(bytes);
    sim_fail("symbols: %s cannot be read whole: check the disk and the memory left", path);
    return NULL;
}

int sim_sym_add_file(const char *image, const char *path)
{
    uint8_t *bytes;
    size_t n = 0;
    int fd;

    if (!name_good(image))
        return sim_fail("\"%s\" cannot name an image: use letters, digits and underscores", image);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return sim_fail("symbols: %s: %s: give the path of a readable ELF file", path,
                        strerror(errno));
    bytes = read_file(fd, path, &n);
    close(fd);
    return bytes ? image_add(image, path, bytes, n) : -1;
}

int sim_sym_add_bytes(const char *image, const void *elf, size_t n)
{
    uint8_t *bytes;

    if (!name_good(image))
        return sim_fail("\"%s\" cannot name an image: use letters, digits and underscores", image);
    bytes = malloc(n ? n : 1);
    if (!bytes)
        return sim_fail("no memory on this computer for the symbols of %s", image);
    memcpy(bytes, elf, n);
    return image_add(image, image, bytes, n);
}

const char *sim_sym_image(unsigned n)
{
    const struct image *i = sym_images;

    while (i && n--)
        i = i->next;
    return i ? i->name : NULL;
}

void sim_sym_clear(void)
{
    while (sym_images) {
        struct image *gone = sym_images;
        sym_images = gone->next;
        image_free(gone);
    }
}

struct image *sym_image_find(const char *name, size_t n)
{
    for (struct image *i = sym_images; i; i = i->next)
        if (strlen(i->name) == n && memcmp(i->name, name, n) == 0)
            return i;
    return NULL;
}

bool sym_image_wanted(const struct image *i, const char *image)
{
    return !image || strcmp(i->name, image) == 0;
}

const void *sim_sym_bytes(const char *image, size_t *n)
{
    const struct image *i = sym_image_find(image, strlen(image));

    *n = i ? i->size : 0;
    return i ? i->bytes : NULL;
}

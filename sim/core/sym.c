/* sim/core/sym.c -- names of places: images, their symbol tables, their DWARF lines. See sim/sym.h.
 *
 * An image's bytes are read once and kept; names point into them through libelf, which checks that
 * they end inside their section. Two tables an image: `symbol` sorted by address, one entry an
 * address (the best name), each knowing the symbol around it; `name` sorted by name, all of them.
 * DWARF is opened at the first question for a line. Nothing in the bytes is trusted.
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/sym.h"

#define IMAGE_MAX      (2048ull << 20) /* a vmlinux with debug information stays below */
#define NESTING        64              /* symbols inside symbols that a look-up climbs through */
#define NONE           UINT32_MAX
#define NEAR           3 /* near misses that an error names */
#define NAME_MAX_SHOWN 100

struct symbol {
    gva at, end;      /* [at, end): what it covers; at == end: a constant, never found by address */
    const char *name; /* in the image */
    uint32_t outer;   /* index of the symbol around it in the table by address, or NONE */
    uint8_t rank;     /* best first: 0 global function ... */
    bool global;
};

struct image {
    struct image *next;
    char *name;
    uint8_t *bytes;
    size_t size;
    Elf *elf;
    Dwarf *dwarf;
    bool dwarf_tried;
    struct symbol *symbol; /* by address */
    struct symbol *named;  /* by name */
    size_t symbols, names;
};

static struct image *images; /* in the order they were added */

/* ---- reading an image ---- */

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
    out->outer = NONE;
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
        for (int k = 0; k < NESTING && o != NONE && t[o].end <= t[i].at; k++)
            o = t[o].outer;
        t[i].outer = o != NONE && t[o].end > t[i].at ? o : NONE;
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
    for (struct image **at = &images; *at; at = &(*at)->next)
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
    struct image **last = &images;

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
    const struct image *i = images;

    while (i && n--)
        i = i->next;
    return i ? i->name : NULL;
}

void sim_sym_clear(void)
{
    while (images) {
        struct image *gone = images;
        images = gone->next;
        image_free(gone);
    }
}

/* ---- near misses ---- */

struct near {
    const char *image, *name;
    unsigned far;
};

static unsigned min2(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edit distance, without regard to case; names longer than 63 count as far away. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[64];
    size_t n = strlen(a), m = strlen(b);

    if (n > 63 || m > 63)
        return NONE;
    for (size_t k = 0; k <= m; k++)
        row[k] = (unsigned)k;
    for (size_t i = 1; i <= n; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t k = 1; k <= m; k++) {
            unsigned same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[k - 1]);
            unsigned best = min2(min2(row[k], row[k - 1]) + 1, diagonal + !same);
            diagonal = row[k];
            row[k] = best;
        }
    }
    return row[m];
}

static void near_add(struct near *best, const char *wanted, const char *image, const char *name)
{
    unsigned far = distance(wanted, name);
    unsigned limit = 1 + (unsigned)strlen(wanted) / 3;

    if (far > 1 && strlen(wanted) >= 3 && strstr(name, wanted))
        far = 1; /* the word is in it */
    if (far > limit)
        return;
    for (int i = 0; i < NEAR; i++) {
        if (best[i].name && strcmp(best[i].name, name) == 0)
            return;
        if (!best[i].name || far < best[i].far) {
            memmove(best + i + 1, best + i, (size_t)(NEAR - 1 - i) * sizeof *best);
            best[i] = (struct near){image, name, far};
            return;
        }
    }
}

static void near_text(const struct near *best, char *out, size_t max)
{
    size_t n = 0;

    out[0] = 0;
    for (int i = 0; i < NEAR && best[i].name && n < max; i++)
        n += (size_t)snprintf(out + n, max - n, "%s%s%s%.*s",
                              i ? ", " : "; near: ", best[i].image ? best[i].image : "",
                              best[i].image ? ":" : "", NAME_MAX_SHOWN, best[i].name);
}

/* ---- name to address ---- */

static struct image *image_find(const char *name, size_t n)
{
    for (struct image *i = images; i; i = i->next)
        if (strlen(i->name) == n && memcmp(i->name, name, n) == 0)
            return i;
    return NULL;
}

/* The first of its name: global before local, then by address. */
static const struct symbol *symbol_find(const struct image *image, const char *name)
{
    size_t low = 0, high = image->names;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (strcmp(image->named[mid].name, name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    if (low < image->names && strcmp(image->named[low].name, name) == 0)
        return &image->named[low];
    return NULL;
}

static const struct symbol *symbol_find_any(const char *name)
{
    const struct symbol *local = NULL;

    for (const struct image *i = images; i; i = i->next) {
        const struct symbol *s = symbol_find(i, name);
        if (s && s->global)
            return s;
        if (s && !local)
            local = s;
    }
    return local;
}

const void *sim_sym_bytes(const char *image, size_t *n)
{
    const struct image *i = image_find(image, strlen(image));

    *n = i ? i->size : 0;
    return i ? i->bytes : NULL;
}

static int fail_image(const char *text, size_t n)
{
    struct near best[NEAR] = {0};
    char wanted[64], hint[4 * NAME_MAX_SHOWN];

    snprintf(wanted, sizeof wanted, "%.*s", (int)(n < 63 ? n : 63), text);
    for (const struct image *i = images; i; i = i->next)
        near_add(best, wanted, NULL, i->name);
    near_text(best, hint, sizeof hint);
    return sim_fail("no image is called \"%s\"%s", wanted, hint);
}

static int fail_symbol(const struct image *only, const char *name)
{
    struct near best[NEAR] = {0};
    char hint[4 * NAME_MAX_SHOWN];
    size_t names = 0;

    for (const struct image *i = images; i; i = i->next) {
        if (only && i != only)
            continue;
        names += i->names;
        for (size_t k = 0; k < i->names; k++)
            near_add(best, name, only ? NULL : i->name, i->named[k].name);
    }
    if (names == 0)
        return sim_fail("no symbol \"%.*s\": %s%s no symbols (give an ELF file that is not "
                        "stripped, or an address)",
                        NAME_MAX_SHOWN, name,
                        only     ? only->name
                        : images ? "the images loaded"
                                 : "there are",
                        only     ? " has"
                        : images ? " have"
                                 : "");
    near_text(best, hint, sizeof hint);
    return sim_fail("no symbol \"%.*s\"%s%s%s", NAME_MAX_SHOWN, name, only ? " in " : "",
                    only ? only->name : "", *hint ? hint : "; an address begins with 0x");
}

static bool number_parse(const char *text, uint64_t *v)
{
    char *end;

    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *v = strtoull(text, &end, text[0] == '0' && (text[1] | 32) == 'x' ? 16 : 10);
    return errno == 0 && *end == 0 && end[-1] != 'x' && end[-1] != 'X';
}

/* Splits "name+offset"; `name` has room for all of `text`. */
static int split_offset(const char *text, char *name, uint64_t *offset)
{
    char *plus;

    *offset = 0;
    strcpy(name, text);
    plus = strrchr(name, '+');
    if (!plus)
        return 0;
    if (!number_parse(plus + 1, offset))
        return sim_fail("\"%.*s\": what follows + is no number: write symbol+0x10 or symbol+16",
                        NAME_MAX_SHOWN, text);
    *plus = 0;
    return 0;
}

static int resolve(const char *name, const char *text, gva *at)
{
    const char *colon = strchr(name, ':');
    const struct image *image = NULL;
    const struct symbol *s;

    if (colon && colon[1] != ':') {
        image = image_find(name, (size_t)(colon - name));
        if (!image)
            return fail_image(name, (size_t)(colon - name));
        name = colon + 1;
    }
    if (!*name)
        return sim_fail("\"%.*s\" names no symbol: write symbol, image:symbol, symbol+0x10 or "
                        "0xADDRESS",
                        NAME_MAX_SHOWN, text);
    s = image ? symbol_find(image, name) : symbol_find_any(name);
    if (!s)
        return fail_symbol(image, name);
    *at = s->at;
    return 0;
}

int sim_sym_address(const char *text, gva *at)
{
    char name[512];
    uint64_t offset, base = 0;

    if (isdigit((unsigned char)*text)) {
        if (!number_parse(text, at))
            return sim_fail("\"%.*s\" is no 64-bit address: write 0x1000 or 4096", NAME_MAX_SHOWN,
                            text);
        return 0;
    }
    if (strlen(text) >= sizeof name)
        return sim_fail("a symbol name of %zu characters: at most %zu are looked up", strlen(text),
                        sizeof name - 1);
    if (split_offset(text, name, &offset) != 0 || resolve(name, text, &base) != 0)
        return -1;
    if (offset > UINT64_MAX - base)
        return sim_fail("\"%.*s\" goes past the end of the address space: use a smaller offset",
                        NAME_MAX_SHOWN, text);
    *at = base + offset;
    return 0;
}

/* ---- address to name and line ---- */

static const struct symbol *symbol_at(const struct image *image, gva at)
{
    const struct symbol *t = image->symbol;
    size_t low = 0, high = image->symbols;
    uint32_t i;

    while (low < high) { /* first one behind `at` */
        size_t mid = low + (high - low) / 2;
        if (t[mid].at <= at)
            low = mid + 1;
        else
            high = mid;
    }
    i = low == 0 ? NONE : (uint32_t)low - 1;
    for (int k = 0; k < NESTING && i != NONE; k++, i = t[i].outer)
        if (at < t[i].end)
            return &t[i];
    return NULL;
}

static bool image_wanted(const struct image *i, const char *image)
{
    return !image || strcmp(i->name, image) == 0;
}

int sim_sym_name(const char *image, gva at, char *out, size_t max)
{
    for (const struct image *i = images; i; i = i->next) {
        const struct symbol *s = image_wanted(i, image) ? symbol_at(i, at) : NULL;
        if (!s)
            continue;
        if (at == s->at)
            snprintf(out, max, "%s", s->name);
        else
            snprintf(out, max, "%s+0x%llx", s->name, (unsigned long long)(at - s->at));
        return 0;
    }
    snprintf(out, max, "0x%llx", (unsigned long long)at);
    return sim_fail("no symbol holds the address 0x%llx", (unsigned long long)at);
}

/* The compilation unit that holds `at`. The index (.debug_aranges) may be missing: then all. */
static bool unit_find(Dwarf *dwarf, gva at, Dwarf_Die *unit)
{
    Dwarf_Off offset = 0, next;
    size_t header;

    if (dwarf_addrdie(dwarf, at, unit))
        return true;
    while (dwarf_nextcu(dwarf, offset, &next, &header, NULL, NULL, NULL) == 0) {
        if (dwarf_offdie(dwarf, offset + header, unit) && dwarf_haspc(unit, at) == 1)
            return true;
        if (next <= offset)
            return false;
        offset = next;
    }
    return false;
}

static void dwarf_open(struct image *image)
{
    if (!image->dwarf_tried)
        image->dwarf = dwarf_begin_elf(image->elf, DWARF_C_READ, NULL);
    image->dwarf_tried = true;
}

static bool line_find(struct image *image, gva at, char *out, size_t max)
{
    const char *file, *slash;
    Dwarf_Die unit;
    Dwarf_Line *line;
    int number = 0;

    dwarf_open(image);
    if (!image->dwarf || !unit_find(image->dwarf, at, &unit))
        return false;
    line = dwarf_getsrc_die(&unit, at);
    file = line ? dwarf_linesrc(line, NULL, NULL) : NULL;
    if (!file || dwarf_lineno(line, &number) != 0 || number == 0)
        return false;
    slash = strrchr(file, '/');
    snprintf(out, max, "%s:%d", slash ? slash + 1 : file, number);
    return true;
}

int sim_sym_line(const char *image, gva at, char *out, size_t max)
{
    for (struct image *i = images; i; i = i->next)
        if (image_wanted(i, image) && line_find(i, at, out, max))
            return 0;
    if (max)
        out[0] = 0;
    return sim_fail("no source line is known for 0x%llx: build with -g", (unsigned long long)at);
}

/* ---- where members lie ---- */

static bool named(Dwarf_Die *die, int tag, const char *name)
{
    const char *own = dwarf_diename(die);

    return dwarf_tag(die) == tag && own && strcmp(own, name) == 0;
}

/* A child of this kind and name. */
static bool child_find(Dwarf_Die *parent, int tag, const char *name, Dwarf_Die *out)
{
    if (dwarf_child(parent, out) != 0)
        return false;
    do {
        if (named(out, tag, name) && !dwarf_hasattr(out, DW_AT_declaration))
            return true;
    } while (dwarf_siblingof(out, out) == 0);
    return false;
}

static bool member_find(Dwarf *dwarf, const char *type, const char *member, uint64_t *offset)
{
    Dwarf_Off at = 0, next;
    size_t header;

    while (dwarf_nextcu(dwarf, at, &next, &header, NULL, NULL, NULL) == 0 && next > at) {
        Dwarf_Die unit, structure, field;
        Dwarf_Attribute place;
        Dwarf_Word value;
        if (dwarf_offdie(dwarf, at + header, &unit) &&
            child_find(&unit, DW_TAG_structure_type, type, &structure) &&
            child_find(&structure, DW_TAG_member, member, &field) &&
            dwarf_formudata(dwarf_attr(&field, DW_AT_data_member_location, &place), &value) == 0) {
            *offset = value;
            return true;
        }
        at = next;
    }
    return false;
}

int sim_sym_member(const char *image, const char *type, const char *member, uint64_t *offset)
{
    struct image *i = image_find(image, strlen(image));

    if (i)
        dwarf_open(i);
    if (i && i->dwarf && member_find(i->dwarf, type, member, offset))
        return 0;
    return sim_fail("nothing is known of struct %.60s: build %.60s with -g", type, image);
}

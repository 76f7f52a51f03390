/* sim/core/sym.c -- what a name's address is, and what lies at an address; see sim/sym.h. A name
 * that nobody has is answered with the nearest ones. SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/core/sym_image.h"

#define NEAR           3 /* near misses that an error names */
#define NAME_MAX_SHOWN 100

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
        return SYM_NONE;
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

    for (const struct image *i = sym_images; i; i = i->next) {
        const struct symbol *s = symbol_find(i, name);
        if (s && s->global)
            return s;
        if (s && !local)
            local = s;
    }
    return local;
}

static int fail_image(const char *text, size_t n)
{
    struct near best[NEAR] = {0};
    char wanted[64], hint[4 * NAME_MAX_SHOWN];

    snprintf(wanted, sizeof wanted, "%.*s", (int)(n < 63 ? n : 63), text);
    for (const struct image *i = sym_images; i; i = i->next)
        near_add(best, wanted, NULL, i->name);
    near_text(best, hint, sizeof hint);
    return sim_fail("no image is called \"%s\"%s", wanted, hint);
}

static int fail_symbol(const struct image *only, const char *name)
{
    struct near best[NEAR] = {0};
    char hint[4 * NAME_MAX_SHOWN];
    size_t names = 0;

    for (const struct image *i = sym_images; i; i = i->next) {
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
                        only         ? only->name
                        : sym_images ? "the images loaded"
                                     : "there are",
                        only         ? " has"
                        : sym_images ? " have"
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
        image = sym_image_find(name, (size_t)(colon - name));
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

/* ---- address to name ---- */

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
    i = low == 0 ? SYM_NONE : (uint32_t)low - 1;
    for (int k = 0; k < SYM_NESTING && i != SYM_NONE; k++, i = t[i].outer)
        if (at < t[i].end)
            return &t[i];
    return NULL;
}

int sim_sym_name(const char *image, gva at, char *out, size_t max)
{
    for (const struct image *i = sym_images; i; i = i->next) {
        const struct symbol *s = sym_image_wanted(i, image) ? symbol_at(i, at) : NULL;
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

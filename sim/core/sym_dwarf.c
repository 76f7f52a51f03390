/* sim/core/sym_dwarf.c -- what only DWARF knows: source lines, where the members of a structure
 * lie. See sim/sym.h. An image's DWARF is opened at the first such question.
 * SPDX-License-Identifier: MIT */
#include <dwarf.h>
#include <stdio.h>
#include <string.h>

#include "sim/core/sym_image.h"

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
    for (struct image *i = sym_images; i; i = i->next)
        if (sym_image_wanted(i, image) && line_find(i, at, out, max))
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
    struct image *i = sym_image_find(image, strlen(image));

    if (i)
        dwarf_open(i);
    if (i && i->dwarf && member_find(i->dwarf, type, member, offset))
        return 0;
    return sim_fail("nothing is known of struct %.60s: build %.60s with -g", type, image);
}

/* sim/tests/elf_make.h -- a small PVH kernel as a struct, to be damaged in one way at a time.
 * Two loadable segments at 1 MiB and 2 MiB and a note; headers, note and contents are one file.
 * SPDX-License-Identifier: MIT */
#ifndef SIM_TESTS_ELF_MAKE_H
#define SIM_TESTS_ELF_MAKE_H

#include <elf.h>
#include <string.h>

enum { MADE_TEXT, MADE_DATA, MADE_NOTE, MADE_SEGMENTS };

struct elf_made {
    Elf64_Ehdr eh;
    Elf64_Phdr ph[MADE_SEGMENTS];
    struct {
        Elf64_Nhdr head;
        char name[4];
        unsigned entry;
    } note;
    unsigned char text[64], data[32];
};

static inline void elf_make(struct elf_made *m)
{
    memset(m, 0, sizeof *m);
    memcpy(m->eh.e_ident, ELFMAG, SELFMAG);
    m->eh.e_ident[EI_CLASS] = ELFCLASS64;
    m->eh.e_ident[EI_DATA] = ELFDATA2LSB;
    m->eh.e_ident[EI_VERSION] = EV_CURRENT;
    m->eh.e_type = ET_EXEC;
    m->eh.e_machine = EM_X86_64;
    m->eh.e_version = EV_CURRENT;
    m->eh.e_phoff = offsetof(struct elf_made, ph);
    m->eh.e_ehsize = sizeof m->eh;
    m->eh.e_phentsize = sizeof m->ph[0];
    m->eh.e_phnum = MADE_SEGMENTS;
    m->ph[MADE_TEXT] = (Elf64_Phdr){.p_type = PT_LOAD,
                                    .p_offset = offsetof(struct elf_made, text),
                                    .p_paddr = 0x100000,
                                    .p_filesz = sizeof m->text,
                                    .p_memsz = sizeof m->text};
    m->ph[MADE_DATA] = (Elf64_Phdr){.p_type = PT_LOAD,
                                    .p_offset = offsetof(struct elf_made, data),
                                    .p_paddr = 0x200000,
                                    .p_filesz = sizeof m->data,
                                    .p_memsz = 0x5000};
    m->ph[MADE_NOTE] = (Elf64_Phdr){.p_type = PT_NOTE,
                                    .p_offset = offsetof(struct elf_made, note),
                                    .p_filesz = sizeof m->note,
                                    .p_memsz = sizeof m->note,
                                    .p_align = 4};
    m->note.head = (Elf64_Nhdr){.n_namesz = 4, .n_descsz = 4, .n_type = 18};
    memcpy(m->note.name, "Xen", 4);
    m->note.entry = 0x100010;
    memset(m->text, 0x90, sizeof m->text);
    memset(m->data, 0x55, sizeof m->data);
}

#endif

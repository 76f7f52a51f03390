/* sim/core/name.c -- names of kernel calls and spaces; see sim/name.h. For scripts, the debugger
 * and whoever else speaks of them to people, so that all use the same words.
 * SPDX-License-Identifier: MIT */
#include "sim/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/event.h"

/* ---- kernel calls ---- */

static const struct {
    uint32_t number;
    const char *name, *params;
} calls[] = {
#define FK_CALL(number, name, args, class, params, contract) {number, #name, params},
#define FK_IPC_CALL(mask, name, class, contract)             {0x200 + (mask), #name, NULL},
#include "abi/fk/syscalls.def"
};

static const char *const answers[] = {
#define FK_ERROR(number, name, text) [number] = #name,
#include "abi/fk/errors.def"
};

enum { CALLS = sizeof calls / sizeof calls[0], IPC_BASE = 0x200, IPC_END = 0x400 };

/* A call that has done some of its stages is another mask: the kernel's list names the first ones.
 */
const char *sim_call_name(uint32_t number)
{
    static const char *table[IPC_END];

    if (number >= IPC_END)
        return NULL;
    if (!table[calls[0].number])
        for (unsigned i = 0; i < CALLS; i++)
            table[calls[i].number] = calls[i].name;
    return table[number] || number < IPC_BASE ? table[number] : "ipc (going on)";
}

int sim_call_find(const char *name)
{
    for (unsigned i = 0; i < CALLS; i++)
        if (strcmp(calls[i].name, name) == 0)
            return (int)calls[i].number;
    return -1;
}

const char *sim_call_params(uint32_t number)
{
    for (unsigned i = 0; i < CALLS; i++)
        if (calls[i].number == number)
            return calls[i].params;
    return NULL;
}

const char *sim_answer_name(uint64_t answer)
{
    return answer < sizeof answers / sizeof answers[0] ? answers[answer] : NULL;
}

/* ---- spaces ---- */

void sim_space_name(unsigned index, char *out, size_t max)
{
    const struct sim_space *s = sim_space(index);
    size_t i = 0;

    for (; s && i + 1 < max && i < sizeof s->name && s->name[i]; i++)
        out[i] = (unsigned char)s->name[i] < ' ' || s->name[i] == 127 ? '?' : s->name[i];
    out[i] = 0;
    if (!s)
        snprintf(out, max, index == SIM_SPACES ? "kernel" : "?");
}

void sim_space_word(const char *text, struct sim_space_word *out)
{
    bool digits = *text && text[strspn(text, "0123456789")] == 0 && strlen(text) < 10;
    const char *name = text;
    char *end;

    *out = (struct sim_space_word){.level = -1, .id = digits ? atol(text) : -1};
    if (text[0] == 'L' && text[1] >= '0' && text[1] <= '9') {
        long level = strtol(text + 1, &end, 10);
        if (!*end || *end == ':') {
            out->level = level;
            name = *end ? end + 1 : end;
        }
    }
    out->kernel = sim_debug_block() && (strcmp(text, "kernel") == 0 || (out->level == 0 && !*name));
    if (!digits)
        snprintf(out->name, sizeof out->name, "%s", name);
}

bool sim_space_meant(const struct sim_space_word *word, unsigned index)
{
    const struct sim_space *s = sim_space(index);

    if (!s || !s->live || word->kernel)
        return false;
    if (word->id >= 0)
        return word->id > 0 && s->id == (uint32_t)word->id;
    return (word->level < 0 || (s->id && s->level == (unsigned long)word->level)) &&
           (!word->name[0] || strncmp(s->name, word->name, sizeof s->name) == 0);
}

int sim_space_find(const char *text)
{
    struct sim_space_word word;

    sim_space_word(text, &word);
    if (word.kernel)
        return SIM_SPACES;
    for (unsigned i = sim_space_count(); i-- > 0;)
        if (sim_space_meant(&word, i))
            return (int)i;
    return -1;
}

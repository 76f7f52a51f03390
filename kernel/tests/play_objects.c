/* kernel/tests/play_objects.c -- plays of calls that all kinds of object have, of whole spaces, and
 * of the root's own calls. SPDX-License-Identifier: MIT */
#include "kernel/tests/anywhere.h"

#define ELSEWHERE 0x330040000000ull

/* ---- objects: every call that all kinds have ---- */

static uint64_t link_refs;

void objects_prepare(void)
{
    if (!link_refs)
        link_refs = make_refs(8, 0);
}

void objects_actor(uint64_t who)
{
    static union {
        struct fk_thread_state thread;
        struct fk_mapping_state mapping;
        uint64_t words[sizeof(struct fk_thread_state) / 8];
    } state;
    uint64_t links[5];
    begin(who);
    for (uint64_t kind = 0; kind < FK_DEBUG_KINDS; kind++) {
        state.mapping = (struct fk_mapping_state){0};
        uint64_t from = area + 96 * kind, to = from + FK_PAGE, base = kind << 5;
        for (unsigned i = 0; i < 5; i++)
            links[i] = link_refs + i * FK_OBJECT_BYTES;
        note(who, (uint64_t)fk_call4(base + 1, from, 1000 + kind, 0, 0));
        note(who, (uint64_t)fk_call4(base + 3, from, to, 0, 0));
        if (kind != FK_DEBUG_MAPPING)
            note(who, (uint64_t)fk_call4(base + 4, to, link_refs + 5 * FK_OBJECT_BYTES, 0, 0));
        note(who, (uint64_t)fk_call4(base + 5, to, fk_at(&state), fk_at(links), 0));
        note(who, state.words[0]);
        state.thread.used = 0;
        if (kind == FK_DEBUG_MAPPING)
            state.mapping = (struct fk_mapping_state){.start = ELSEWHERE, .size = FK_PAGE};
        note(who, (uint64_t)fk_call4(base + 6, to, fk_at(&state), fk_at(links), 0));
        note(who, (uint64_t)fk_call4(base + 2, to, 0, 0, 0));
        note(who, (uint64_t)fk_call4(base, to, 0, 0, 0));
        note(who, (uint64_t)fk_call4(base + 2, to, 0, 0, 0));
    }
    end(who);
}

/* ---- space: one with many things in it is made and destroyed ---- */

#define OBJECT(n) (area + (n)*FK_OBJECT_BYTES)
#define FAR       0x340000000000ull

void space_prepare(void)
{
    objects_prepare();
}

void space_actor(uint64_t who)
{
    uint64_t space = OBJECT(0), map = OBJECT(1), region = OBJECT(2), view = OBJECT(3),
             thread = OBJECT(4), ref = link_refs, region_ref = link_refs + FK_OBJECT_BYTES;
    uint64_t thread_ref = link_refs + 2 * FK_OBJECT_BYTES;
    static struct fk_space_state state;    /* numbers that differ are in it */
    static struct fk_thread_state visitor; /* makes the space need page tables, and stops */
    begin(who);
    note(who, (uint64_t)fk_space_create(space));
    note(who, (uint64_t)fk_space_budget(space, 8 * FK_PAGE));
    note(who, (uint64_t)fk_space_name(space, fk_at("guest"), 5));
    note(who, (uint64_t)fk_space_reference(space, ref));
    note(who, (uint64_t)fk_region_create(region));
    struct fk_region_state range = {.start = area, .size = 3ull << 20, .prot = 7};
    struct fk_region_links owner = {stage_space[1], 0};
    note(who, (uint64_t)fk_region_set_state(region, fk_at(&range), fk_at(&owner)));
    note(who, (uint64_t)fk_region_reference(region, region_ref));
    note(who, (uint64_t)fk_mapping_create(map));
    struct fk_mapping_state place = {.start = FAR, .size = 3ull << 20, .prot = 7};
    struct fk_mapping_links between = {ref, region_ref};
    note(who, (uint64_t)fk_mapping_set_state(map, fk_at(&place), fk_at(&between)));
    note(who, (uint64_t)fk_mapping_create(view));
    note(who, (uint64_t)fk_thread_create(thread));
    struct fk_thread_links home = {.space = ref};
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&visitor), 0), FK_OK);
    visitor.thread_va = visitor.flags = 0;
    visitor.frame.rip = FAR + 2 * FK_PAGE;
    *(volatile uint16_t *)(area + 2 * FK_PAGE) = 0x0b0f; /* ud2 */
    note(who, (uint64_t)fk_thread_set_state(thread, fk_at(&visitor), fk_at(&home)));
    note(who, (uint64_t)fk_thread_reference(thread, thread_ref));
    note(who, (uint64_t)fk_thread_schedule(thread_ref, 0, FK_SENSE_BLOCK, FK_FOREVER));
    /* What the new space exports, seen from here. */
    note(who, (uint64_t)fk_region_destroy(region));
    note(who, (uint64_t)fk_space_get_state(space, fk_at(&state), 0));
    note(who, state.level);
    note(who, (uint64_t)fk_space_destroy(space));
    for (uint64_t at = map; at <= thread; at += FK_OBJECT_BYTES)
        if (at != region)
            note(who,
                 (uint64_t)fk_call4(at == thread ? FK_CALL_thread_destroy : FK_CALL_mapping_destroy,
                                    at, 0, 0, 0));
    end(who);
}

/* ---- root: calls of the root space ---- */

static char text[600];

void root_prepare(void)
{
    for (unsigned i = 0; i < sizeof(text); i++)
        text[i] = i % 60 == 59 ? '\n' : (char)('a' + i % 26);
}

void root_actor(uint64_t who)
{
    begin(who);
    note(who, (uint64_t)fk_console_write(fk_at(text), sizeof(text)));
    note(who, (uint64_t)fk_console_read(fk_at(text), sizeof(text)));
    note(who, (uint64_t)fk_kernel_debug(FK_DEBUG_OBJECTS, FK_DEBUG_SPACE, 0));
    note(who, (uint64_t)fk_console_wait((uint64_t)fk_clock_read() + PLAY_NAP)); /* nobody types */
    end(who);
}

/* tests/stop_machine.c -- the guest of stop_anywhere.c as the host sees it: where the markers say
 * that its results are, the mailbox through which it is disturbed, and the kernel's records of
 * objects (abi/fk/debug.h), which are a part of the result: all that they say, with identities
 * replaced by addresses, since a thread that is made anew has another number.
 * SPDX-License-Identifier: MIT */
#include "tests/stop_machine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sim/event.h"
#include "sim/mem.h"
#include "sim/probe.h"
#include "sim/regs.h"

#define REGION_PLAY 1
#define AGAIN       4000 /* instructions until the interrupt is repeated: more than a tick takes */
#define PAGE        4096
#define PAGES_MAX   (RESULT_MAX / PAGE + 4)

const char *stop_build = ".";
uint64_t stop_begun;

struct place {
    gva at;
    size_t bytes;
    gpa page[PAGES_MAX];
};
static struct place mailbox, result, area, stage;
static struct place *const parts[] = {&result, &area, &stage};
static uint64_t ended;
static uint64_t console_sum;
static char said[400];
static uint64_t objects[FK_DEBUG_KINDS]; /* at the end of the play */

/* ---- memory of the guest ---- */

static uint64_t mix(uint64_t sum, uint64_t value)
{
    sum = (sum ^ value) * 0x9e3779b97f4a7c15ull;
    return sum ^ sum >> 29;
}

static void place_read(const struct place *place, void *to, size_t bytes)
{
    uint8_t *out = to;
    gva at = place->at;
    for (size_t n; bytes; bytes -= n, at += n, out += n) {
        n = PAGE - at % PAGE < bytes ? PAGE - at % PAGE : bytes;
        sim_phys_read(place->page[at / PAGE - place->at / PAGE] + at % PAGE, out, n);
    }
}

static void place_find(struct place *place, gva at, size_t bytes)
{
    struct sim_walk walk;
    *place = (struct place){.at = at};
    if (bytes > RESULT_MAX)
        return;
    for (gva va = at & ~(gva)(PAGE - 1); va < at + bytes; va += PAGE) {
        if (sim_walk(SIM_CR3_NOW, va, &walk) != 0)
            return;
        place->page[va / PAGE - at / PAGE] = walk.pa;
    }
    place->bytes = bytes;
}

static uint64_t mailbox_word(unsigned n)
{
    uint64_t word = 0;
    sim_phys_read(mailbox.page[0] + n * 8, &word, 8);
    return word;
}

void stop_read_mailbox(struct mailbox *box)
{
    place_read(&mailbox, box, sizeof(*box));
}

uint64_t stop_served(void)
{
    return mailbox_word(1);
}

/* ---- the kernel's records ---- */

#define RECORDS_MAX 640
union record {
    struct fk_debug_head head;
    struct fk_debug_space space;
    struct fk_debug_thread thread;
    struct fk_debug_region region;
    struct fk_debug_mapping mapping;
    struct fk_debug_other other;
};
struct records {
    unsigned count;
    union record of[RECORDS_MAX];
};
static struct records records[FK_DEBUG_KINDS];

static size_t record_size(unsigned kind)
{
    static const size_t size[] = {[FK_DEBUG_SPACE] = sizeof(struct fk_debug_space),
                                  [FK_DEBUG_THREAD] = sizeof(struct fk_debug_thread),
                                  [FK_DEBUG_REGION] = sizeof(struct fk_debug_region),
                                  [FK_DEBUG_MAPPING] = sizeof(struct fk_debug_mapping)};
    return kind < sizeof(size) / sizeof(*size) ? size[kind] : sizeof(struct fk_debug_other);
}

static size_t read_kernel(gva at, void *to, size_t bytes)
{
    return sim_virt_read(SIM_CR3_NOW, at, to, bytes);
}

static void read_records(unsigned kind)
{
    struct fk_debug_block block;
    struct records *to = &records[kind];
    memset(to, 0, sizeof(*to));
    if (read_kernel(sim_debug_block(), &block, sizeof(block)) != sizeof(block))
        return;
    for (gva at = block.list[kind]; at && to->count < RECORDS_MAX; to->count++) {
        read_kernel(at, &to->of[to->count], record_size(kind));
        at = to->of[to->count].head.next;
    }
}

/* The address of the object that has this number. */
static uint64_t address_of(unsigned kind, uint64_t id)
{
    if (kind < FK_DEBUG_KINDS)
        for (unsigned i = 0; i < records[kind].count; i++)
            if (records[kind].of[i].head.id == id)
                return records[kind].of[i].head.user_va;
    return id ? 1 : 0;
}

static uint64_t words(const void *from, size_t bytes)
{
    uint64_t sum = 0, word;
    for (size_t i = 0; i + 8 <= bytes; i += 8) {
        memcpy(&word, (const char *)from + i, 8);
        sum = mix(sum, word);
    }
    return sum;
}

static uint64_t links_of(unsigned kind, const union record *r)
{
    uint64_t sum = 0;
    switch (kind) {
    case FK_DEBUG_SPACE:
        sum = mix(address_of(FK_DEBUG_SPACE, r->space.parent), r->space.level);
        sum = mix(sum, address_of(FK_DEBUG_PORT, r->space.keeper));
        return mix(sum, words(r->space.name, sizeof(r->space.name)));
    case FK_DEBUG_THREAD:
        sum = mix(address_of(FK_DEBUG_SPACE, r->thread.space), r->thread.call);
        if (r->thread.state == FK_DEBUG_T_WAITING)
            sum = mix(sum, address_of(r->thread.wait_kind, r->thread.wait_id));
        sum = mix(sum, address_of(FK_DEBUG_THREAD, r->thread.client));
        sum = mix(sum, address_of(FK_DEBUG_THREAD, r->thread.server));
        return mix(sum, address_of(FK_DEBUG_SPACE, r->thread.behalf));
    case FK_DEBUG_REGION:
        sum = mix(address_of(FK_DEBUG_SPACE, r->region.space), r->region.prot);
        sum = mix(mix(sum, r->region.start), r->region.size);
        return mix(sum, address_of(FK_DEBUG_PORT, r->region.keeper));
    case FK_DEBUG_MAPPING:
        sum = mix(address_of(FK_DEBUG_SPACE, r->mapping.space), r->mapping.prot);
        sum = mix(sum, address_of(FK_DEBUG_REGION, r->mapping.region));
        return mix(mix(mix(sum, r->mapping.start), r->mapping.size), r->mapping.offset);
    default:
        return address_of(r->other.link_kind, r->other.link_id);
    }
}

static void sum_objects(void)
{
    for (unsigned kind = 0; kind < FK_DEBUG_KINDS; kind++)
        read_records(kind);
    for (unsigned kind = 0; kind < FK_DEBUG_KINDS; kind++) {
        objects[kind] = records[kind].count;
        for (unsigned i = 0; i < records[kind].count; i++) {
            const union record *r = &records[kind].of[i];
            objects[kind] += mix(mix(1, r->head.user_va), links_of(kind, r));
        }
    }
}

void stop_actors(struct actor_now actors[ACTORS])
{
    struct fk_debug_block block;
    struct mailbox box;
    stop_read_mailbox(&box);
    memset(actors, 0, ACTORS * sizeof(*actors));
    if (read_kernel(sim_debug_block(), &block, sizeof(block)) != sizeof(block))
        return;
    struct fk_debug_thread thread;
    for (gva at = block.list[FK_DEBUG_THREAD]; at; at = thread.head.next) {
        if (read_kernel(at, &thread, sizeof(thread)) != sizeof(thread))
            return;
        for (unsigned i = 0; i < ACTORS; i++) {
            if (!box.actor[i] || thread.head.user_va != box.actor[i])
                continue;
            actors[i] = (struct actor_now){.there = true,
                                           .current = thread.head.id == block.current.thread,
                                           .state = thread.state,
                                           .call = thread.call,
                                           .wait_kind = thread.wait_kind};
            read_kernel(thread.frame, &actors[i].frame, sizeof(actors[i].frame));
        }
    }
}

int stop_actor_now(uint64_t *rip)
{
    struct actor_now actors[ACTORS];
    stop_actors(actors);
    for (int i = 0; i < ACTORS; i++) {
        if (!actors[i].current)
            continue;
        *rip = sim_cpl() == 3 ? sim_reg_get(SIM_REG_rip) : actors[i].frame.rip;
        return i;
    }
    return -1;
}

bool stop_interrupts_on(void)
{
    return sim_reg_get(SIM_REG_eflags) >> 9 & 1;
}

/* ---- what it says ---- */

static void on_console(void *ctx, const uint8_t *bytes, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++) {
        console_sum = mix(console_sum, bytes[i]);
        memmove(said, said + 1, sizeof said - 2);
        said[sizeof said - 2] = (char)bytes[i];
    }
}

const char *stop_said(void)
{
    size_t i = 0;
    while (i + 1 < sizeof said && !said[i])
        i++;
    return said + i;
}

static void on_mark(const struct trace_record *r, bool second)
{
    static gva at;
    static const struct {
        const char *label;
        struct place *place;
    } known[] = {{"mailbox", &mailbox}, {"result", &result}, {"area", &area}, {"stage", &stage}};
    const char *label = sim_label(r->reason);
    if (!second)
        at = r->addr;
    else if (label && strcmp(label, "objects") == 0)
        sum_objects();
    for (unsigned i = 0; second && label && i < sizeof known / sizeof *known; i++)
        if (strcmp(label, known[i].label) == 0)
            place_find(known[i].place, at, r->addr);
}

static void on_event(void *ctx, const struct trace_record *r)
{
    (void)ctx;
    if (r->kind == TRACE_MARK || r->kind == TRACE_MARK2) {
        on_mark(r, r->kind == TRACE_MARK2);
    } else if (r->reason == REGION_PLAY && r->kind == TRACE_BEGIN) {
        sim_stop_request();
    } else if (r->reason == REGION_PLAY) {
        ended = r->icount;
    }
}

int stop_boot(const char *play, const char *options)
{
    char kernel[512], initrd[512], append[200];
    struct sim_config c = {.kernel = kernel,
                           .initrd = initrd,
                           .append = append,
                           .mem_mib = 16,
                           .data_dir = stop_build};
    snprintf(kernel, sizeof kernel, "%s/kernel/fk.elf", stop_build);
    snprintf(initrd, sizeof initrd, "%s/kernel/tests/initrd.tar", stop_build);
    snprintf(append, sizeof append, "root=t_anywhere.elf kmem=4 play=%s %s", play, options);
    if (sim_create(&c) < 0)
        return -1;
    sim_console_output(on_console, NULL);
    sim_listen(1ull << TRACE_MARK | 1ull << TRACE_MARK2 | 1ull << TRACE_BEGIN | 1ull << TRACE_END,
               on_event, NULL);
    if (sim_run(UINT64_MAX) != SIM_STOP_REQUEST || mailbox.bytes < sizeof(struct mailbox) ||
        !result.bytes || !area.bytes || !stage.bytes ||
        result.bytes + area.bytes + stage.bytes > RESULT_MAX)
        return sim_fail("the guest has not begun its play");
    stop_begun = sim_icount();
    return 0;
}

/* ---- one disturbance ---- */

void stop_collect(enum sim_stop why, struct result *out)
{
    out->why = why;
    out->exit_code = why == SIM_STOP_EXIT ? sim_exit_code() : -1;
    out->console = console_sum;
    out->end = ended;
    memcpy(out->objects, objects, sizeof(objects));
    uint8_t *to = out->bytes;
    for (unsigned i = 0; i < sizeof parts / sizeof *parts; to += parts[i]->bytes, i++)
        place_read(parts[i], to, parts[i]->bytes);
}

/* The interrupt is repeated until the surgeon has answered: it may have come just before his turn
 * was over, or in it. Not at once: every tick goes on with the walk under way (derive.c), which
 * must not be over before anybody is exported in it. */
static enum sim_stop ask_for(uint64_t ask, uint64_t limit)
{
    enum sim_stop why = SIM_STOP_ICOUNT;
    uint64_t served = stop_served();
    sim_phys_write(mailbox.page[0], &ask, 8);
    while (why == SIM_STOP_ICOUNT && stop_served() == served && sim_icount() < limit) {
        sim_interrupt(TIMER_VECTOR);
        why = sim_run(sim_icount() + AGAIN);
    }
    return why;
}

static void on_another(void *but, int probe, gva pc)
{
    uint64_t rip;
    int now = stop_actor_now(&rip);
    (void)probe, (void)pc;
    if (now >= 0 && now != *(const int *)but)
        sim_stop_request();
}

/* Where the machine stops of itself nothing more is asked: the play is over. */
static enum sim_stop go_on(const struct stop_again *again, uint64_t limit)
{
    int but = again->but;
    if (!again->at)
        return sim_run(sim_icount() + again->later);
    int probe = sim_probe_virt(SIM_CR3_ANY, again->at, on_another, &but);
    enum sim_stop why = sim_run(limit);
    sim_probe_remove(probe);
    return why == SIM_STOP_REQUEST ? SIM_STOP_ICOUNT : why;
}

enum sim_stop stop_disturb(uint64_t ask, const struct stop_again *again)
{
    uint64_t limit = sim_icount() + TOO_LONG;
    enum sim_stop why = ask_for(ask, limit);
    if (again && why == SIM_STOP_ICOUNT)
        why = go_on(again, limit);
    if (again && why == SIM_STOP_ICOUNT)
        why = ask_for(ASK_REBIRTH | ((1u << ACTORS) - 1) << 8, limit);
    return why == SIM_STOP_ICOUNT ? sim_run(limit + TOO_LONG) : why;
}

static const char *word_name(size_t i)
{
    static char name[60];
    static const char *const part[] = {"result", "area", "stage"};
    unsigned p = 0;
    while (p < 2 && i * 8 >= parts[p]->bytes)
        i -= parts[p++]->bytes / 8;
    snprintf(name, sizeof name, "word %zu of the %s", i, part[p]);
    return name;
}

const char *stop_difference(const struct result *want, const struct result *got, uint64_t *a,
                            uint64_t *b)
{
    static char text[60];
    *a = (uint64_t)want->exit_code;
    *b = (uint64_t)got->exit_code;
    if (got->why != want->why || *a != *b) {
        snprintf(text, sizeof text, "the exit code (stop: %s)", sim_stop_name(got->why));
        return text;
    }
    *a = want->console;
    *b = got->console;
    if (*a != *b)
        return "the console's sum";
    for (size_t i = 0; i * 8 < result.bytes + area.bytes + stage.bytes; i++) {
        memcpy(a, want->bytes + i * 8, 8);
        memcpy(b, got->bytes + i * 8, 8);
        if (*a != *b)
            return word_name(i);
    }
    for (unsigned kind = 0; kind < FK_DEBUG_KINDS; kind++) {
        *a = want->objects[kind];
        *b = got->objects[kind];
        snprintf(text, sizeof text, "the sum of the records of kind %u", kind);
        if (*a != *b)
            return text;
    }
    return NULL;
}

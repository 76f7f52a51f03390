/* kernel/tests/plays.c -- the programs that t_anywhere.c disturbs. Together they make every call
 * that waits or has stages, and every other one as well. What an actor notes may depend on nothing
 * but its own steps: not on time, and not on how often an idempotent request was served.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/anywhere.h"

#define MARKER 0x5eed5eed5eed5eedull

/* An actor keeps something in the extended state as well. */
static void begin(uint64_t who)
{
    __asm__ volatile("movq %0, %%xmm3" : : "r"(MARKER + who));
    take_interrupts(0, 0);
}

static void end(uint64_t who)
{
    uint64_t kept;
    __asm__ volatile("movq %%xmm3, %0" : "=r"(kept));
    note(who, kept);
    done(who);
}

static void note_words(uint64_t who, const struct fk_ipc *ipc)
{
    note(who, ipc->tag);
    for (unsigned i = 0; i < FK_IPC_WORDS; i++)
        note(who, ipc->word[i]);
}

/* ---- rpc: all three kinds, short and long, with references ---- */

#define REFS 3
static uint64_t client_refs, server_refs, back_refs;
static struct fk_message client_block, server_block;
static struct fk_buffer client_table[2], server_table[2];
static unsigned char *client_out, *client_in, *server_in;

static uint64_t make_refs(unsigned count, uint64_t target)
{
    uint64_t refs = test_pages((count * FK_OBJECT_BYTES + FK_PAGE - 1) / FK_PAGE);
    for (unsigned i = 0; i < count; i++) {
        CHECK_EQ(fk_ref_create(refs + i * FK_OBJECT_BYTES), FK_OK);
        if (target)
            CHECK_EQ(fk_cond_reference(target, refs + i * FK_OBJECT_BYTES), FK_OK);
    }
    return refs;
}

static void rpc_prepare(void)
{
    uint64_t cond;
    if (client_refs)
        return;
    cond = test_object();
    CHECK_EQ(fk_cond_create_hash(cond, 4711), FK_OK);
    client_refs = make_refs(REFS, cond);
    server_refs = make_refs(REFS, 0);
    back_refs = make_refs(1, 0);
    client_out = (unsigned char *)area + FK_PAGE - 200; /* over page borders */
    client_in = client_out + 16 * FK_PAGE + 7;
    server_in = client_out + 32 * FK_PAGE + 55;
}

/* The area is compared as a whole by the host: a few bytes will do here. */
static void note_some(uint64_t who, const unsigned char *bytes)
{
    note_bytes(who, bytes, 32);
}

static void client_arm(unsigned bytes, bool refs)
{
    for (unsigned i = 0; i < bytes; i += bytes / 8)
        client_out[i] = (unsigned char)(i + bytes);
    unsigned first = bytes / 3;
    client_table[0] = (struct fk_buffer){0, 0};
    client_table[1] = (struct fk_buffer){fk_at(client_out + first), bytes - first};
    client_block = (struct fk_message){
        .send = {{fk_at(client_out), first}, fk_at(client_table), 2, client_refs, refs ? REFS : 0},
        .receive = {{fk_at(client_in), bytes}, 0, 0, back_refs, 1}};
}

static void rpc_client(uint64_t who)
{
    begin(who);
    for (uint64_t round = 0; round < play_rounds; round++) {
        struct fk_ipc ipc = {.dest = stage.ref, .tag = 8, .word = {round, 2, 3, 4, 5, 6, 7, 8}};
        note(who, fk_client_connect_send_over_receive(&ipc));
        note_words(who, &ipc);
        client_arm(play_bytes, true);
        ipc = (struct fk_ipc){stage.ref, fk_at(&client_block), 2, {round, 2}};
        note(who, fk_client_connect_send_over_receive(&ipc));
        note_words(who, &ipc);
        note_some(who, client_in);
        note(who, client_block.send.entries + client_block.send.ref_count);
        note(who, client_block.receive.buffer.bytes);
        note(who, (uint64_t)fk_ref_compare(back_refs, client_refs));
        ipc = (struct fk_ipc){.dest = stage.ref, .tag = 3, .word = {round, 1, 2}};
        note(who, fk_ipc_call(&ipc));
        note_words(who, &ipc);
        client_arm(96, true);
        ipc = (struct fk_ipc){stage.ref, fk_at(&client_block), 1, {round}};
        note(who, fk_ipc_call(&ipc));
        note_words(who, &ipc);
        note_some(who, client_in);
        client_arm(64, false);
        ipc = (struct fk_ipc){stage.ref, fk_at(&client_block), 2, {round, 9}};
        note(who, fk_ipc_send(&ipc));
    }
    struct fk_ipc ipc = {.dest = stage.ref}; /* what was sent one way has arrived by then */
    note(who, fk_client_connect_send_over_receive(&ipc));
    end(who);
}

static void server_arm(void)
{
    uint64_t room = 8 * FK_PAGE;
    server_table[0] = (struct fk_buffer){fk_at(server_in + 100), 20};
    server_table[1] = (struct fk_buffer){fk_at(server_in + 120), room};
    server_block.receive =
        (struct fk_part){{fk_at(server_in), 100}, fk_at(server_table), 2, server_refs, REFS};
}

static void rpc_server(uint64_t who)
{
    struct fk_ipc ipc = {.dest = stage.portset, .message = fk_at(&server_block)};
    begin(who);
    server_arm();
    long answer = fk_server_wait_receive(&ipc);
    for (;;) {
        if (!(ipc.tag & FK_TAG_IDEMPOTENT)) { /* those may come twice */
            note(who, (uint64_t)answer);
            note_words(who, &ipc);
            note_some(who, server_in);
        }
        uint64_t got = server_block.receive.ref_count;
        server_block.send = (struct fk_part){
            {fk_at(server_in), got < REFS ? play_bytes : 0}, 0, 0, server_refs, got < REFS};
        server_arm();
        ipc.dest = stage.portset;
        ipc.word[0] += 1000;
        bool oneway = ipc.tag & FK_TAG_ONEWAY;
        ipc.tag = oneway ? 0 : ipc.tag & FK_TAG_WORDS;
        answer = oneway ? fk_server_wait_receive(&ipc) : fk_server_ack_send_wait_receive(&ipc);
    }
}

/* ---- turns: every call on a connection, one stage at a time and fused ---- */

static void say(uint64_t who, long (*call)(struct fk_ipc *), uint64_t dest, uint64_t words,
                uint64_t word, long answer, uint64_t tag)
{
    struct fk_ipc ipc = {.dest = dest, .tag = words, .word = {word}};
    CHECK_EQ(call(&ipc), answer);
    CHECK_EQ(ipc.tag, tag);
    note(who, ipc.word[0]);
}

#define OVER FK_TAG_OVER
#define END  FK_TAG_END
#define NEW  FK_TAG_RELIABLE

struct turn {
    long (*call)(struct fk_ipc *);
    bool dest;
    uint64_t words, word;
    long answer;
    uint64_t tag;
};

static const struct turn server_turns[] = {
    {fk_server_wait_receive, 1, 0, 0, FK_OK, 1 | OVER | NEW},
    {fk_server_ack, 0, 0, 0, FK_OK, 0},
    {fk_server_send, 0, 1, 11, FK_OK, 0},
    {fk_server_over, 0, 0, 0, FK_OK, 0},
    {fk_server_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_server_ack_send_over_receive, 0, 1, 12, FK_OK, 1 | END},
    {fk_server_wait_receive, 1, 0, 0, FK_OK, 1 | END | NEW},
    {fk_server_wait_receive, 1, 0, 0, FK_OK, 1 | OVER | NEW},
    {fk_server_ack, 0, 0, 0, FK_OK, 0},
    {fk_server_send_wait_receive, 1, 1, 15, FK_OK, 1 | OVER | NEW},
    {fk_server_ack_send, 0, 1, 16, FK_OK, 0},
    {fk_server_send_disconnect, 0, 0, 0, FK_OK, 0},
    {fk_server_wait_receive, 1, 0, 0, FK_OK, OVER | NEW},
    {fk_server_ack, 0, 0, 0, FK_OK, 0},
    {fk_server_send_over_receive, 0, 1, 17, FK_OK, END},
    {fk_server_wait_receive, 1, 0, 0, FK_OK, 1 | OVER | NEW},
    {fk_server_ack, 0, 0, 0, FK_OK, 0},
    {fk_server_send_over, 0, 1, 18, FK_OK, 0},
    {fk_server_receive, 0, 0, 0, FK_OK, END},
    {fk_server_wait_receive, 1, 0, 0, FK_OK, 1 | OVER | NEW},
    {fk_server_ack, 0, 0, 0, FK_OK, 0},
    {fk_server_over_receive, 0, 0, 0, FK_OK, END},
    {fk_server_wait_receive, 1, 0, 0, FK_OK, 1 | OVER | NEW},
    {fk_server_disconnect, 0, 0, 0, FK_OK, 0}, /* without taking the line: not a normal end */
    {fk_server_wait_receive, 1, 0, 0, FK_OK, 1 | OVER | NEW},
    {fk_server_ack_send_disconnect, 0, 1, 21, FK_OK, 0},
};

static const struct turn client_turns[] = {
    {fk_client_connect, 1, 0, 0, FK_OK, 0},
    {fk_client_send, 0, 1, 1, FK_OK, 0},
    {fk_client_over, 0, 0, 0, FK_OK, 0},
    {fk_client_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_client_ack_send_over_receive, 0, 1, 2, FK_OK, 1 | OVER},
    {fk_client_ack, 0, 0, 0, FK_OK, 0},
    {fk_client_send_disconnect, 0, 1, 3, FK_OK, 0},
    {fk_client_connect_send_disconnect, 1, 1, 4, FK_OK, 0},
    {fk_client_connect_send_over_receive, 1, 1, 5, FK_OK, 1 | END},
    {fk_client_connect, 1, 0, 0, FK_OK, 0},
    {fk_client_send_over, 0, 1, 6, FK_OK, 0},
    {fk_client_receive, 0, 0, 0, FK_OK, 1 | END},
    {fk_client_connect, 1, 0, 0, FK_OK, 0},
    {fk_client_over_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_client_ack, 0, 0, 0, FK_OK, 0},
    {fk_client_disconnect, 0, 0, 0, FK_OK, 0},
    {fk_client_connect_send, 1, 1, 8, FK_OK, 0},
    {fk_client_over_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_client_ack_send, 0, 0, 0, FK_OK, 0},
    {fk_client_disconnect, 0, 0, 0, FK_OK, 0},
    {fk_client_connect_send_over_receive, 1, 1, 9, FK_OK, OVER},
    {fk_client_ack, 0, 0, 0, FK_OK, 0},
    {fk_client_disconnect, 0, 0, 0, FK_OK, 0},
    {fk_client_connect_send_over_receive, 1, 1, 10, FK_DISCONNECTED, 0},
    {fk_client_connect_send_over_receive, 1, 1, 20, FK_OK, 1 | END},
};

static void take_turns(uint64_t who, const struct turn *turn, unsigned count, uint64_t dest)
{
    begin(who);
    for (; count; count--, turn++)
        say(who, turn->call, turn->dest ? dest : 0, turn->words, turn->word, turn->answer,
            turn->tag);
    end(who);
}

static void turns_client(uint64_t who)
{
    take_turns(who, client_turns, sizeof(client_turns) / sizeof(*client_turns), stage.ref);
}

static void turns_server(uint64_t who)
{
    take_turns(who, server_turns, sizeof(server_turns) / sizeof(*server_turns), stage.portset);
}

/* ---- stream: more data and references than the receiver has room for; alerts ---- */

extern char alerted[];
__asm__("alerted: incq alert_count(%rip); mov $0x2d, %eax; syscall; ud2");
extern volatile uint64_t alert_count;
volatile uint64_t alert_count;

static void stream_prepare(void)
{
    rpc_prepare();
    alert_count = 0;
}

static void stream_client(uint64_t who)
{
    begin(who);
    client_arm(200, true);
    struct fk_ipc ipc = {stage.ref, fk_at(&client_block), 2, {1, 2}};
    note(who, fk_client_connect_send(&ipc));
    note(who, fk_client_alert(&ipc));
    client_arm(100, false);
    ipc = (struct fk_ipc){0, fk_at(&client_block), 1, {3}};
    note(who, fk_client_send_over_receive(&ipc));
    note_words(who, &ipc);
    note_some(who, client_in);
    end(who);
}

static void stream_server(uint64_t who)
{
    begin(who);
    take_interrupts(fk_at(alerted), fk_at(alerted));
    struct fk_ipc ipc = {.dest = stage.portset, .message = fk_at(&server_block)};
    unsigned got = 0;
    long answer = 0;
    for (bool first = true; !(ipc.tag & FK_TAG_OVER); first = false) {
        server_block.receive = (struct fk_part){{fk_at(server_in + got), 30}, 0, 0, server_refs, 1};
        ipc.tag = 0;
        answer = first ? fk_server_wait_receive(&ipc) : fk_server_receive(&ipc);
        note(who, (uint64_t)answer);
        note(who, server_block.receive.ref_count);
        got += 30 - (unsigned)server_block.receive.buffer.bytes;
    }
    note(who, got);
    note_some(who, server_in);
    note(who, alert_count);
    server_block.send = (struct fk_part){{fk_at(server_in), 100}, 0, 0, 0, 0};
    ipc.tag = 1;
    note(who, fk_server_ack_send_disconnect(&ipc));
    end(who);
}

/* ---- sync ---- */

static uint64_t cond;
static volatile uint64_t turn;

static void sync_prepare(void)
{
    turn = 0;
    if (cond)
        return;
    cond = test_object();
    CHECK_EQ(fk_cond_create(cond), FK_OK);
}

static void pinger(uint64_t who)
{
    begin(who);
    uint64_t mutex = rebirth_mutex[0];
    for (uint64_t round = 0; round < 2 * play_rounds; round++) {
        if (fk_mutex_trylock(mutex) != FK_OK)
            CHECK_EQ(fk_mutex_lock(mutex), FK_OK);
        while (turn % 2 != who)
            CHECK_EQ(fk_cond_wait(cond, mutex), FK_OK);
        note(who, turn);
        turn++;
        CHECK_EQ(who ? fk_cond_signal(cond) : fk_cond_broadcast(cond), FK_OK);
        CHECK_EQ(fk_mutex_unlock(mutex), FK_OK);
    }
    end(who);
}

/* ---- memory: regions, mappings, faults that a keeper resolves ---- */

/* In the root space, so that the children see it as they see all of that. */
#define WINDOW 0x310000000000ull /* by a table */
#define VIEW   0x320000000000ull /* of the window, whose region has a keeper */
#define ALIAS  0x330000000000ull /* of the area, as space 1 exports it */
#define PAGES  4
static uint64_t table[PAGES], window_region, area_region;

static void window_prepare(void)
{
    const struct fk_region_state range = {.start = area, .size = 8ull << 20, .prot = 7};
    const struct fk_region_links owner = {stage_space[1], 0};
    memset(table, 0, sizeof(table));
    if (window_region) { /* space 1 may be another one than last time */
        CHECK_EQ(fk_region_set_state(area_region, fk_at(&range), fk_at(&owner)), FK_OK);
        return;
    }
    uint64_t map = test_object(), root = stage_space[0];
    uint64_t frames = test_region(root, area, PAGES * FK_PAGE, 7, 0);
    struct fk_mapping_state state = {
        .start = WINDOW, .size = PAGES * FK_PAGE, .prot = 7, .table = fk_at(table)};
    struct fk_mapping_links links = {root, test_ref(FK_DEBUG_REGION, frames)};
    CHECK_EQ(fk_mapping_create(map), FK_OK);
    CHECK_EQ(fk_mapping_set_state(map, fk_at(&state), fk_at(&links)), FK_OK);
    window_region = test_region(root, WINDOW, PAGES * FK_PAGE, 7, stage.ref);
    test_map(root, test_ref(FK_DEBUG_REGION, window_region), VIEW, PAGES * FK_PAGE, 0, 7);
    area_region = test_region(stage_space[1], area, 8ull << 20, 7, 0);
    test_map(root, test_ref(FK_DEBUG_REGION, area_region), ALIAS, 8ull << 20, 0, 7);
}

static void memory_prepare(void)
{
    window_prepare();
    CHECK_EQ(fk_cond_create(area + 2 * FK_PAGE + 64), FK_OK); /* to be found */
}

static void keeper(uint64_t who)
{
    begin(who);
    struct fk_ipc ipc = {.dest = stage.portset};
    fk_server_wait_receive(&ipc);
    for (;;) {
        CHECK_EQ(ipc.tag & ~(uint64_t)FK_TAG_WORDS, FK_TAG_IDEMPOTENT | FK_TAG_FAULT);
        uint64_t page = ipc.word[1] / FK_PAGE;
        CHECK(page < PAGES);
        table[page] = (page * FK_PAGE) | 7; /* as often as it is asked */
        ipc.dest = stage.portset;
        ipc.tag = 0;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

static volatile uint64_t *word_of(uint64_t base, unsigned page)
{
    return (volatile uint64_t *)(base + page * FK_PAGE + 8);
}

static void pager_client(uint64_t who)
{
    static struct fk_page_info info[PAGES];
    static struct fk_found found;
    begin(who);
    for (unsigned i = 0; i < PAGES; i++)
        *word_of(VIEW, i) = i + 70; /* by way of the keeper */
    table[1] = 0;
    note(who, (uint64_t)fk_region_flush(window_region, FK_PAGE, FK_PAGE));
    note(who, *word_of(VIEW, 1));
    table[1] = 0;
    note(who, (uint64_t)fk_region_flush(window_region, 0, PAGES * FK_PAGE));
    note(who, (uint64_t)fk_mutex_get_state(rebirth_mutex[0], fk_at(word_of(VIEW, 1)), 0));
    note(who, *word_of(ALIAS, 3));
    note(who, (uint64_t)fk_region_protect(area_region, FK_READ));
    note(who, *word_of(ALIAS, 2));
    note(who, (uint64_t)fk_region_protect(area_region, 7));
    *word_of(ALIAS, 2) = 99;
    note(who, fk_region_info(area_region, 0, PAGES, fk_at(info)) > 0);
    note(who, info[2].written > 0);
    note(who, (uint64_t)fk_region_search(area, 16 * FK_PAGE, fk_at(&found)));
    note(who, found.type);
    note(who, found.address - area);
    note(who, (uint64_t)fk_region_search(area + 3 * FK_PAGE, 16 * FK_PAGE, fk_at(&found)));
    end(who);
}

/* ---- faulting: messages from and to memory that a keeper has to bring ---- */

static struct test_port desk;

static void faulting_prepare(void)
{
    static struct test_port made;
    if (!made.port)
        made = test_port(9);
    desk = made;
    window_prepare();
}

static void faulting_client(uint64_t who)
{
    static struct fk_message block;
    begin(who);
    table[0] = table[1] = table[2] = 0;
    note(who, (uint64_t)fk_region_flush(window_region, 0, PAGES * FK_PAGE));
    block = (struct fk_message){.send = {{VIEW + 1000, play_bytes}, 0, 0, 0, 0},
                                .receive = {{VIEW + FK_PAGE + 1000, play_bytes}, 0, 0, 0, 0}};
    struct fk_ipc ipc = {desk.ref, fk_at(&block), 2, {1, 2}};
    note(who, (uint64_t)fk_client_connect_send_over_receive(&ipc));
    note_words(who, &ipc);
    table[0] = table[1] = table[2] = 0;
    note(who, (uint64_t)fk_region_flush(window_region, 0, PAGES * FK_PAGE));
    block = (struct fk_message){.send = {{VIEW + 1000, play_bytes}, 0, 0, 0, 0},
                                .receive = {{VIEW + FK_PAGE + 1000, play_bytes}, 0, 0, 0, 0}};
    ipc = (struct fk_ipc){desk.ref, fk_at(&block), 2, {3, 4}};
    note(who, (uint64_t)fk_ipc_call(&ipc));
    note_words(who, &ipc);
    note_some(who, (void *)(VIEW + FK_PAGE + 1000));
    end(who);
}

static void faulting_server(uint64_t who)
{
    static struct fk_message block;
    begin(who);
    struct fk_ipc ipc = {.dest = desk.portset, .message = fk_at(&block)};
    block.receive = (struct fk_part){{VIEW + 2 * FK_PAGE, FK_PAGE}, 0, 0, 0, 0};
    fk_server_wait_receive(&ipc);
    for (;;) {
        block.send = (struct fk_part){{VIEW + 2 * FK_PAGE, play_bytes}, 0, 0, 0, 0};
        block.receive = (struct fk_part){{VIEW + 2 * FK_PAGE, FK_PAGE}, 0, 0, 0, 0};
        ipc.dest = desk.portset;
        ipc.tag &= FK_TAG_WORDS;
        fk_server_ack_send_wait_receive(&ipc);
    }
}

/* ---- objects: every call that all kinds have ---- */

static uint64_t link_refs;

static void objects_prepare(void)
{
    if (!link_refs)
        link_refs = make_refs(8, 0);
}

static void objects_actor(uint64_t who)
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
            state.mapping =
                (struct fk_mapping_state){.start = ALIAS + (1ull << 30), .size = FK_PAGE};
        note(who, (uint64_t)fk_call4(base + 6, to, fk_at(&state), fk_at(links), 0));
        note(who, (uint64_t)fk_call4(base + 2, to, 0, 0, 0));
        note(who, (uint64_t)fk_call4(base, to, 0, 0, 0));
        note(who, (uint64_t)fk_call4(base + 2, to, 0, 0, 0));
    }
    end(who);
}

/* ---- threads: about itself, about others, and about time ---- */

uint64_t puppet_ref;
static uint64_t puppet, puppet_stack, spare_mutex;
static struct test_port inbox;
static volatile uint64_t strings;

static void threads_prepare(void)
{
    strings = 0;
    if (puppet_ref)
        return;
    puppet_ref = make_refs(1, 0);
    puppet = test_object();
    spare_mutex = test_object();
    CHECK_EQ(fk_mutex_create(spare_mutex), FK_OK);
    rebirth_mutex[1] = spare_mutex; /* the surgeon must know of it */
    puppet_stack = test_pages(1) + FK_PAGE;
    inbox = test_port(8);
}

static void sleeping(uint64_t unused)
{
    (void)unused;
    fk_clock_wait(FK_FOREVER >> 1);
}

static void calling(uint64_t unused)
{
    (void)unused;
    strings += 10;
    struct fk_ipc ipc = {.dest = inbox.ref, .tag = 1, .word = {77}};
    fk_ipc_send(&ipc);
    fk_mutex_lock(spare_mutex);
    fk_clock_wait(FK_FOREVER >> 1);
}

static void string_up(void (*entry)(uint64_t))
{
    static struct fk_thread_state state;
    struct fk_thread_links links = {.space = stage_space[1]};
    CHECK_EQ(fk_thread_create(puppet), FK_OK);
    CHECK_EQ(fk_thread_get_state(puppet, fk_at(&state), 0), FK_OK);
    state.thread_va = puppet;
    state.flags = 0;
    state.frame.rip = fk_at((void *)entry);
    state.frame.rsp = puppet_stack - 8;
    CHECK_EQ(fk_thread_set_state(puppet, fk_at(&state), fk_at(&links)), FK_OK);
    CHECK_EQ(fk_thread_reference(puppet, puppet_ref), FK_OK);
}

static void threads_actor(uint64_t who)
{
    static struct fk_thread_state state;
    begin(who);
    note(who, (uint64_t)fk_null());
    note(who, (uint64_t)fk_thread_self());
    note(who, (uint64_t)fk_clock_wait((uint64_t)fk_clock_read() + 3000));
    note(who, (uint64_t)fk_thread_yield());
    CHECK_EQ(fk_mutex_lock(spare_mutex), FK_OK);
    CHECK_EQ(fk_mutex_unlock(spare_mutex), FK_OK);
    string_up(sleeping);
    note(who, (uint64_t)fk_thread_schedule(puppet_ref, 0, 0, (uint64_t)fk_clock_read() + 6000));
    note(who, (uint64_t)fk_thread_interrupt(puppet));
    note(who, (uint64_t)fk_thread_get_state(puppet, fk_at(&state), 0));
    note(who, state.flags);
    note(who, (uint64_t)fk_thread_schedule(puppet_ref, 0, FK_SENSE_BLOCK, FK_FOREVER));
    note(who, (uint64_t)fk_thread_destroy(puppet));
    string_up(calling);
    note(who, (uint64_t)fk_thread_schedule(puppet_ref, inbox.portset,
                                           FK_SENSE_BLOCK | FK_SENSE_CONFLICT, FK_FOREVER));
    struct fk_ipc ipc = {.dest = inbox.portset};
    note(who, (uint64_t)fk_server_wait_receive(&ipc));
    note_words(who, &ipc);
    note(who, (uint64_t)fk_thread_schedule(puppet_ref, 0, FK_SENSE_BLOCK, FK_FOREVER));
    note(who, strings);
    note(who, (uint64_t)fk_thread_destroy(puppet));
    /* it may have died with the mutex */
    struct fk_mutex_state lock = {0, 0};
    note(who, (uint64_t)fk_mutex_set_state(spare_mutex, fk_at(&lock), 0));
    note(who, (uint64_t)fk_thread_disable());
    note(who, (uint64_t)test_insane(FK_CALL_mutex_unlock, spare_mutex, 0, 0, 0));
    static struct fk_saved saved;
    note(who, (uint64_t)fk_thread_saved_state(fk_at(&saved)));
    note(who, saved.rax + saved.rdx); /* the call that was insane */
    end(who);
}

/* ---- space: one with many things in it is made and destroyed ---- */

#define OBJECT(n) (area + (n)*FK_OBJECT_BYTES)
#define FAR       0x340000000000ull

static void space_prepare(void)
{
    objects_prepare();
}

static void space_actor(uint64_t who)
{
    uint64_t space = OBJECT(0), map = OBJECT(1), region = OBJECT(2), view = OBJECT(3),
             thread = OBJECT(4), ref = link_refs, region_ref = link_refs + FK_OBJECT_BYTES;
    struct fk_space_state state;
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
    note(who, (uint64_t)fk_thread_set_state(thread, 0, fk_at(&home)));
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

static void root_prepare(void)
{
    for (unsigned i = 0; i < sizeof(text); i++)
        text[i] = i % 60 == 59 ? '\n' : (char)('a' + i % 26);
}

static void root_actor(uint64_t who)
{
    begin(who);
    note(who, (uint64_t)fk_console_write(fk_at(text), sizeof(text)));
    note(who, (uint64_t)fk_console_read(fk_at(text), sizeof(text)));
    note(who, (uint64_t)fk_kernel_debug(FK_DEBUG_OBJECTS, FK_DEBUG_SPACE, 0));
    end(who);
}

/* ---- registers: a computation that lives in them alone ---- */

#define HELD_BYTES (144 + 416) /* what is behind that is not fxsave's */
extern const unsigned char test_held[HELD_BYTES];
void test_hold(void);

static void registers_actor(uint64_t who)
{
    begin(who);
    test_hold();
    note_bytes(who, test_held, HELD_BYTES);
    done(who);
}

/* What a play that stopped half-way leaves behind, but for what is in the area. */
void play_strike(void)
{
    const struct fk_mutex_state unlocked = {0, 0};
    struct fk_ref_state state = {.type = FK_DEBUG_KINDS};
    if (puppet_ref)
        fk_ref_get_state(puppet_ref, fk_at(&state), 0);
    if (state.type == FK_DEBUG_THREAD)
        CHECK_EQ(fk_thread_destroy(puppet), FK_OK);
    for (unsigned i = 0; i < REBIRTH_MUTEXES; i++)
        if (rebirth_mutex[i])
            CHECK_EQ(fk_mutex_set_state(rebirth_mutex[i], fk_at(&unlocked), 0), FK_OK);
}

const struct play plays[] = {
    {"rpc", rpc_prepare, {{rpc_client, 1}, {rpc_server, 2}}, 1, false},
    {"turns", NULL, {{turns_client, 1}, {turns_server, 2}}, 3, false},
    {"stream", stream_prepare, {{stream_client, 1}, {stream_server, 2}}, 3, false},
    {"sync", sync_prepare, {{pinger, 1}, {pinger, 2}}, 3, false},
    {"memory", memory_prepare, {{pager_client, 1}, {keeper, 2}}, 1, false},
    {"faulting",
     faulting_prepare,
     {{faulting_client, 1}, {keeper, 2}, {faulting_server, 2}},
     1,
     false},
    {"objects", objects_prepare, {{objects_actor, 1}}, 1, true},
    {"threads", threads_prepare, {{threads_actor, 1}}, 1, true},
    {"space", space_prepare, {{space_actor, 1}}, 1, true},
    {"registers", NULL, {{registers_actor, 1}}, 1, false},
    {"root", root_prepare, {{root_actor, 0}}, 1, false},
};
const unsigned play_count = sizeof(plays) / sizeof(*plays);

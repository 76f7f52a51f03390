/* kernel/tests/play_ipc.c -- plays of messages: all three kinds, short and long, with references
 * and alerts; more data and references than the receiver has room for. SPDX-License-Identifier: MIT
 */
#include "kernel/tests/anywhere.h"

/* ---- rpc: all three kinds, short and long, with references ---- */

#define REFS 3
static uint64_t client_refs, server_refs, back_refs;
static struct fk_message client_block STAGE, server_block STAGE;
static struct fk_buffer client_table[2] STAGE, server_table[2] STAGE;
static unsigned char *client_out, *client_in, *server_in;

void rpc_prepare(void)
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

void rpc_client(uint64_t who)
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

void rpc_server(uint64_t who)
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

/* ---- stream: more data and references than the receiver has room for; alerts ---- */

extern char alerted[];
__asm__("alerted: incq alert_count(%rip); mov $0x2d, %eax; syscall; ud2");
extern char alerted_back[];
__asm__("alerted_back: incq back_count(%rip); mov $0x2d, %eax; syscall; ud2");
extern volatile uint64_t alert_count, back_count;
volatile uint64_t alert_count STAGE, back_count STAGE;

void stream_prepare(void)
{
    rpc_prepare();
    alert_count = back_count = 0;
}

void stream_client(uint64_t who)
{
    begin(who);
    take_interrupts(fk_at(alerted_back), fk_at(alerted_back));
    client_arm(200, true);
    struct fk_ipc ipc = {stage.ref, fk_at(&client_block), 2, {1, 2}};
    note(who, fk_client_connect_send(&ipc));
    note(who, fk_client_alert(&ipc));
    client_arm(100, false);
    ipc = (struct fk_ipc){0, fk_at(&client_block), 1, {3}};
    note(who, fk_client_send_over_receive(&ipc));
    note_words(who, &ipc);
    note_some(who, client_in);
    note(who, back_count);
    end(who);
}

void stream_server(uint64_t who)
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
    note(who, (uint64_t)fk_server_alert(&ipc));
    server_block.send = (struct fk_part){{fk_at(server_in), 100}, 0, 0, 0, 0};
    ipc.tag = 1;
    note(who, fk_server_ack_send_disconnect(&ipc));
    end(who);
}

/* ---- refs: more references in a message than are moved in one piece ---- */

#define MANY 40
static uint64_t many_out, many_in, many_back;

void refs_prepare(void)
{
    if (many_out)
        return;
    uint64_t target = test_object();
    CHECK_EQ(fk_cond_create_hash(target, 4712), FK_OK);
    many_out = make_refs(MANY, target);
    many_in = make_refs(MANY, 0);
    many_back = make_refs(MANY, 0);
}

/* How many of them name what a client's name. */
static unsigned named(uint64_t refs)
{
    unsigned count = 0;
    for (unsigned i = 0; i < MANY; i += 13)
        count += fk_ref_compare(refs + i * FK_OBJECT_BYTES, many_out) == FK_OK;
    return count;
}

void refs_client(uint64_t who)
{
    begin(who);
    client_block = (struct fk_message){.send = {.refs = many_out, .ref_count = MANY},
                                       .receive = {.refs = many_back, .ref_count = MANY}};
    struct fk_ipc ipc = {stage.ref, fk_at(&client_block), 1, {1}};
    note(who, (uint64_t)fk_client_connect_send_over_receive(&ipc));
    note_words(who, &ipc);
    note(who, client_block.send.ref_count + client_block.receive.ref_count);
    note(who, named(many_back));
    end(who);
}

void refs_server(uint64_t who)
{
    begin(who);
    server_block = (struct fk_message){.send = {.refs = many_in, .ref_count = MANY},
                                       .receive = {.refs = many_in, .ref_count = MANY}};
    struct fk_ipc ipc = {.dest = stage.portset, .message = fk_at(&server_block)};
    note(who, (uint64_t)fk_server_wait_receive(&ipc));
    note_words(who, &ipc);
    note(who, named(many_in));
    ipc.tag = 1;
    note(who, (uint64_t)fk_server_ack_send_disconnect(&ipc));
    note(who, server_block.send.ref_count);
    end(who);
}

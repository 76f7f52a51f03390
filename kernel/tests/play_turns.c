/* kernel/tests/play_turns.c -- plays of every call on a connection, one stage at a time and fused;
 * with each call waiting in each stage in which it can wait; and with either side gone meanwhile.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/anywhere.h"

/* ---- turns: every call on a connection, one stage at a time and fused ---- */

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

static void say(uint64_t who, const struct turn *turn, uint64_t dest)
{
    struct fk_ipc ipc = {.dest = dest, .tag = turn->words, .word = {turn->word}};
    long answer = turn->call(&ipc);
    note(who, ipc.word[0]);
    if (answer != turn->answer || ipc.tag != turn->tag)
        test_fail(__FILE__, (int)turn->word, "a turn: answer and tag", (uint64_t)answer, ipc.tag);
}

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
        if (turn->call)
            say(who, turn, turn->dest ? dest : 0);
        else
            gate();
    end(who);
}

void turns_client(uint64_t who)
{
    take_turns(who, client_turns, sizeof(client_turns) / sizeof(*client_turns), stage.ref);
}

void turns_server(uint64_t who)
{
    take_turns(who, server_turns, sizeof(server_turns) / sizeof(*server_turns), stage.portset);
}

/* ---- stages: each call waits in each of its stages that can wait ---- */

/* A receiver that has a word has no room for another: who sends it waits, until the receiver comes
 * again or asks for the line, and then the word is lost. At a gate the other side gets ahead. */
#define GATE                                                                                       \
    {                                                                                              \
        NULL, 0, 0, 0, 0, 0                                                                        \
    }
#define MORE FK_MORE_DATA

static const struct turn stages_of_client[] = {
    {fk_client_connect, 1, 0, 0, FK_OK, 0},
    {fk_client_send, 0, 1, 1, FK_OK, 0},
    {fk_client_send, 0, 1, 2, FK_OK, 0},
    GATE,
    {fk_client_over_receive, 0, 0, 0, MORE, 1},
    {fk_client_receive, 0, 0, 0, MORE, 1},
    {fk_client_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_client_ack_send_over_receive, 0, 1, 3, FK_OK, 1 | OVER},
    {fk_client_ack, 0, 0, 0, FK_OK, 0},
    {fk_client_send, 0, 1, 4, FK_OK, 0},
    {fk_client_send_over, 0, 1, 5, FK_OK, 0},
    {fk_client_receive, 0, 0, 0, MORE, 1},
    {fk_client_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_client_ack, 0, 0, 0, FK_OK, 0},
    {fk_client_send, 0, 1, 6, FK_OK, 0},
    {fk_client_send, 0, 1, 7, FK_OK, 0},
    GATE,
    {fk_client_over_receive, 0, 0, 0, MORE, 1},
    {fk_client_receive, 0, 0, 0, FK_OK, 1 | END},
    {fk_client_connect_send_disconnect, 1, 1, 8, FK_OK, 0},
    {fk_client_connect_send, 1, 1, 9, FK_OK, 0},
    {fk_client_send_over_receive, 0, 1, 10, FK_OK, 1 | OVER},
    {fk_client_ack, 0, 0, 0, FK_OK, 0},
    {fk_client_send, 0, 1, 11, FK_OK, 0},
    {fk_client_send, 0, 1, 12, FK_OK, 0},
    GATE,
    {fk_client_over_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_client_ack_send, 0, 1, 13, FK_OK, 0},
    {fk_client_send_disconnect, 0, 1, 14, FK_OK, 0},
    {fk_client_connect_send_disconnect, 1, 1, 15, FK_OK, 0},
    {fk_client_connect_send_over_receive, 1, 1, 16, MORE, 1},
    {fk_client_ack, 0, 0, 0, FK_OK, 0},
    {fk_client_over_receive, 0, 0, 0, MORE, 1},
    {fk_client_ack_send, 0, 1, 17, FK_OK, 0},
    {fk_client_over_receive, 0, 0, 0, MORE, 1},
    {fk_client_ack_send_over_receive, 0, 1, 18, FK_OK, 1 | OVER},
    {fk_client_ack, 0, 0, 0, FK_OK, 0},
    {fk_client_send, 0, 1, 19, FK_OK, 0},
    {fk_client_send, 0, 1, 20, FK_OK, 0},
    GATE,
    {fk_client_over_receive, 0, 0, 0, FK_OK, 1 | END},
    {fk_client_connect_send, 1, 1, 21, FK_OK, 0},
    {fk_client_send, 0, 1, 22, FK_OK, 0},
    GATE,
    {fk_client_over_receive, 0, 0, 0, FK_OK, 1 | END},
    {fk_client_connect_send_over_receive, 1, 1, 23, MORE, 1},
    {fk_client_receive, 0, 0, 0, FK_OK, 1 | END},
};

static const struct turn stages_of_server[] = {
    {fk_server_wait_receive, 1, 0, 0, MORE, 1 | NEW},
    {fk_server_ack, 0, 0, 0, FK_OK, 0},
    {fk_server_send, 0, 1, 101, FK_OK, 0},
    {fk_server_send, 0, 1, 102, FK_OK, 0},
    {fk_server_send_over, 0, 1, 103, FK_OK, 0},
    {fk_server_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_server_ack_send_over_receive, 0, 1, 104, MORE, 1},
    {fk_server_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_server_ack_send, 0, 1, 105, FK_OK, 0},
    {fk_server_send_over_receive, 0, 1, 106, MORE, 1},
    GATE,
    {fk_server_ack_send, 0, 1, 107, FK_OK, 0},
    {fk_server_send_wait_receive, 1, 1, 108, FK_OK, 1 | END | NEW},
    {fk_server_wait_receive, 1, 0, 0, MORE, 1 | NEW},
    {fk_server_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_server_ack_send_over_receive, 0, 1, 109, MORE, 1},
    {fk_server_ack_send_over_receive, 0, 1, 110, MORE, 1},
    {fk_server_receive, 0, 0, 0, FK_OK, 1 | END},
    {fk_server_wait_receive, 1, 0, 0, FK_OK, 1 | END | NEW},
    {fk_server_wait_receive, 1, 0, 0, FK_OK, 1 | OVER | NEW},
    {fk_server_ack_send, 0, 1, 111, FK_OK, 0},
    {fk_server_send, 0, 1, 112, FK_OK, 0},
    GATE,
    {fk_server_over_receive, 0, 0, 0, FK_OK, OVER},
    {fk_server_ack_send, 0, 1, 113, FK_OK, 0},
    {fk_server_send, 0, 1, 114, FK_OK, 0},
    GATE,
    {fk_server_over_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_server_ack_send, 0, 1, 115, FK_OK, 0},
    {fk_server_send, 0, 1, 116, FK_OK, 0},
    GATE,
    {fk_server_over_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_server_ack_send_over_receive, 0, 1, 117, MORE, 1},
    {fk_server_ack_send_wait_receive, 1, 1, 118, MORE, 1 | NEW},
    {fk_server_ack_send_disconnect, 0, 1, 119, FK_OK, 0},
    {fk_server_wait_receive, 1, 0, 0, FK_OK, 1 | OVER | NEW},
    {fk_server_ack_send, 0, 1, 120, FK_OK, 0},
    {fk_server_send_disconnect, 0, 1, 121, FK_OK, 0},
};

void stages_client(uint64_t who)
{
    take_turns(who, stages_of_client, sizeof(stages_of_client) / sizeof(*stages_of_client),
               stage.ref);
}

void stages_server(uint64_t who)
{
    take_turns(who, stages_of_server, sizeof(stages_of_server) / sizeof(*stages_of_server),
               stage.portset);
}

/* ---- limbo: to offer the line to somebody who is away, alone and fused ---- */

static const struct turn limbo_of_client[] = {
    {fk_client_connect_send, 1, 1, 1, FK_OK, 0},
    {fk_client_over, 0, 0, 0, FK_OK, 0},
    {fk_client_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_client_ack, 0, 0, 0, FK_OK, 0},
    {fk_client_send_over, 0, 1, 2, FK_OK, 0},
    {fk_client_receive, 0, 0, 0, FK_OK, OVER},
    {fk_client_ack, 0, 0, 0, FK_OK, 0},
    {fk_client_over_receive, 0, 0, 0, FK_OK, 1 | END},
};

static const struct turn limbo_of_server[] = {
    {fk_server_wait_receive, 1, 0, 0, FK_OK, 1 | OVER | NEW},
    {fk_server_ack_send, 0, 1, 11, FK_OK, 0},
    {fk_server_over, 0, 0, 0, FK_OK, 0},
    {fk_server_receive, 0, 0, 0, FK_OK, 1 | OVER},
    {fk_server_ack, 0, 0, 0, FK_OK, 0},
    {fk_server_over_receive, 0, 0, 0, FK_OK, OVER},
    {fk_server_ack_send_disconnect, 0, 1, 12, FK_OK, 0},
};

void limbo_client(uint64_t who)
{
    take_turns(who, limbo_of_client, sizeof(limbo_of_client) / sizeof(*limbo_of_client), stage.ref);
}

void limbo_server(uint64_t who)
{
    take_turns(who, limbo_of_server, sizeof(limbo_of_server) / sizeof(*limbo_of_server),
               stage.portset);
}

/* A conversation may take any number of turns, in any of the fused calls or one stage at a time;
 * each side learns how it ended; and either side can alert the other. SPDX-License-Identifier: MIT
 */
#include "kernel/tests/test.h"

static struct test_port service;
static volatile uint64_t finished, alerts[4], alert_count;

#define ENTRY(name, c_name)                                                                        \
    extern char name[];                                                                            \
    __asm__(#name ": push %rbx; push %rsi; push %rdi; push %r8; push %r9; push %r10; push %rbp;"   \
                  "push %r12; push %r13; push %r14; push %r15;"                                    \
                  "mov %rsp, %rbp; and $-16, %rsp; mov %rax, %rdi; call " #c_name ";"              \
                  "mov %rbp, %rsp; pop %r15; pop %r14; pop %r13; pop %r12;"                        \
                  "pop %rbp; pop %r10; pop %r9; pop %r8; pop %rdi; pop %rsi; pop %rbx;"            \
                  "mov $0x2d, %eax; syscall; ud2")

void on_alert(uint64_t cause);
void on_alert(uint64_t cause)
{
    if (alert_count < 4)
        alerts[alert_count++] = cause;
}
ENTRY(alert_entry, on_alert);

static void listen(void)
{
    uint64_t handlers[FK_HANDLERS] = {0, 0, fk_at(alert_entry), fk_at(alert_entry)};
    CHECK_EQ(fk_thread_handlers(fk_at(handlers), test_pages(2) + 2 * FK_PAGE), FK_OK);
    CHECK_EQ(fk_thread_enable(), FK_OK);
}

/* One call: what it answers, the tag that comes out, and the first word. */
static void say(long (*call)(struct fk_ipc *), uint64_t dest, uint64_t words, uint64_t word,
                long answer, uint64_t tag, uint64_t got)
{
    struct fk_ipc ipc = {.dest = dest, .tag = words, .word = {word}};
    CHECK_EQ(call(&ipc), answer);
    CHECK_EQ(ipc.tag, tag);
    if (tag & FK_TAG_WORDS)
        CHECK_EQ(ipc.word[0], got);
}

#define OVER FK_TAG_OVER
#define END  FK_TAG_END
#define NEW  FK_TAG_RELIABLE

static void server(uint64_t set)
{
    say(fk_server_wait_receive, set, 0, 0, FK_OK, 1 | OVER | NEW, 1);
    say(fk_server_ack, 0, 0, 0, FK_OK, 0, 0);
    say(fk_server_send, 0, 1, 11, FK_OK, 0, 0);
    say(fk_server_over, 0, 0, 0, FK_OK, 0, 0);
    say(fk_server_receive, 0, 0, 0, FK_OK, 1 | OVER, 2);
    say(fk_server_ack_send_over_receive, 0, 1, 12, FK_OK, 1 | END, 3);
    say(fk_server_wait_receive, set, 0, 0, FK_OK, 1 | END | NEW, 4);
    say(fk_server_wait_receive, set, 0, 0, FK_OK, 1 | OVER | NEW, 5);
    say(fk_server_ack, 0, 0, 0, FK_OK, 0, 0);
    say(fk_server_send_wait_receive, set, 1, 15, FK_OK, 1 | OVER | NEW, 6);
    say(fk_server_ack_send, 0, 1, 16, FK_OK, 0, 0);
    say(fk_server_send_disconnect, 0, 0, 0, FK_OK, 0, 0);
    say(fk_server_wait_receive, set, 0, 0, FK_OK, OVER | NEW, 0);
    say(fk_server_ack, 0, 0, 0, FK_OK, 0, 0);
    say(fk_server_send_over_receive, 0, 1, 17, FK_OK, END, 0);
    say(fk_server_wait_receive, set, 0, 0, FK_OK, 1 | OVER | NEW, 8);
    say(fk_server_ack, 0, 0, 0, FK_OK, 0, 0);
    say(fk_server_send_over, 0, 1, 18, FK_OK, 0, 0);
    say(fk_server_receive, 0, 0, 0, FK_OK, END, 0);
    say(fk_server_wait_receive, set, 0, 0, FK_OK, 1 | OVER | NEW, 9);
    say(fk_server_ack, 0, 0, 0, FK_OK, 0, 0);
    say(fk_server_over_receive, 0, 0, 0, FK_OK, END, 0);
    say(fk_server_wait_receive, set, 0, 0, FK_OK, 1 | OVER | NEW, 10);
    say(fk_server_disconnect, 0, 0, 0, FK_OK, 0, 0); /* without taking the line: not a normal end */
    say(fk_server_wait_receive, set, 0, 0, FK_OK, 1 | OVER | NEW, 20);
    say(fk_server_ack_send_disconnect, 0, 1, 21, FK_OK, 0, 0);
    /* alerts */
    listen();
    say(fk_server_wait_receive, set, 0, 0, FK_DISCONNECTED, 1 | NEW, 30);
    finished = 1;
    test_stop();
}

static void talk(void)
{
    uint64_t to = service.ref;
    say(fk_client_connect, to, 0, 0, FK_OK, 0, 0);
    say(fk_client_send, 0, 1, 1, FK_OK, 0, 0);
    say(fk_client_over, 0, 0, 0, FK_OK, 0, 0);
    say(fk_client_receive, 0, 0, 0, FK_OK, 1 | OVER, 11);
    say(fk_client_ack_send_over_receive, 0, 1, 2, FK_OK, 1 | OVER, 12);
    say(fk_client_ack, 0, 0, 0, FK_OK, 0, 0);
    say(fk_client_send_disconnect, 0, 1, 3, FK_OK, 0, 0);
    say(fk_client_connect_send_disconnect, to, 1, 4, FK_OK, 0, 0);
    say(fk_client_connect_send_over_receive, to, 1, 5, FK_OK, 1 | END, 15);
    say(fk_client_connect, to, 0, 0, FK_OK, 0, 0);
    say(fk_client_send_over, 0, 1, 6, FK_OK, 0, 0);
    say(fk_client_receive, 0, 0, 0, FK_OK, 1 | END, 16);
    say(fk_client_connect, to, 0, 0, FK_OK, 0, 0);
    say(fk_client_over_receive, 0, 0, 0, FK_OK, 1 | OVER, 17);
    say(fk_client_ack, 0, 0, 0, FK_OK, 0, 0);
    say(fk_client_disconnect, 0, 0, 0, FK_OK, 0, 0);
    say(fk_client_connect_send, to, 1, 8, FK_OK, 0, 0);
    say(fk_client_over_receive, 0, 0, 0, FK_OK, 1 | OVER, 18);
    say(fk_client_ack_send, 0, 0, 0, FK_OK, 0, 0);
    say(fk_client_disconnect, 0, 0, 0, FK_OK, 0, 0);
    say(fk_client_connect_send_over_receive, to, 1, 9, FK_OK, OVER, 0);
    say(fk_client_ack, 0, 0, 0, FK_OK, 0, 0);
    say(fk_client_disconnect, 0, 0, 0, FK_OK, 0, 0);
    say(fk_client_connect_send_over_receive, to, 1, 10, FK_DISCONNECTED, 0, 0);
    say(fk_client_connect_send_over_receive, to, 1, 20, FK_OK, 1 | END, 21);
}

/* The client goes silent, alerts the server, which waits in the middle of receiving, and dies. */
static void alerter(uint64_t unused)
{
    (void)unused;
    struct fk_ipc none = {.dest = 0};
    CHECK_EQ(fk_client_alert(&none), FK_DISCONNECTED);
    say(fk_client_connect_send, service.ref, 1, 30, FK_OK, 0, 0);
    CHECK_EQ(fk_client_alert(&none), FK_OK);
    finished = 2;
    test_stop();
}

void test_run(void)
{
    service = test_port(1);
    uint64_t thread = test_thread(server, service.portset);
    talk();
    uint64_t client = test_thread(alerter, 0);
    while (finished != 2 || alert_count < 1)
        fk_thread_yield();
    CHECK_EQ(alerts[0], FK_TRAP_SERVER_ALERT);
    finished = 0;
    CHECK_EQ(fk_thread_destroy(client), FK_OK); /* alerts the server once more, and breaks */
    while (!finished)
        fk_thread_yield();
    CHECK_EQ(alert_count, 2);
    CHECK_EQ(fk_thread_destroy(thread), FK_OK);
}

/* kernel/tests/theatre.c -- what plays need to be performed, whoever watches: the memory and the
 * ports that they use, the casting of actors, and what these note down.
 * SPDX-License-Identifier: MIT */
#include "kernel/tests/anywhere.h"

uint64_t play_rounds, play_bytes, area;
struct test_port stage;
uint64_t stage_space[3];
volatile uint64_t play_sum[ACTORS], play_finished;
static uint64_t end_set;

static uint64_t mix(uint64_t sum, uint64_t value)
{
    return (sum ^ value) * 0x100000001b3ull + 7;
}

uint64_t play_hash(const void *from, uint64_t bytes)
{
    uint64_t sum = bytes, word;
    for (const char *at = from; bytes; at += word, bytes -= word) {
        uint64_t value = 0;
        word = bytes < 8 ? bytes : 8;
        __builtin_memcpy(&value, at, word);
        sum = mix(sum, value);
    }
    return sum;
}

/* ---- for the actors ---- */

void note(uint64_t who, uint64_t value)
{
    play_sum[who] = mix(play_sum[who], value);
}

void note_bytes(uint64_t who, const void *bytes, uint64_t count)
{
    note(who, play_hash(bytes, count));
}

extern char interrupted[];
__asm__("interrupted: mov $0x2d, %eax; syscall; ud2"); /* thread_resume gives all registers back */

/* Handlers cost kernel memory: whoever is refused asks again. */
void take_interrupts(uint64_t client_alert, uint64_t server_alert)
{
    const uint64_t handlers[FK_HANDLERS] = {0, fk_at(interrupted), client_alert, server_alert};
    long answer;
    do
        answer = fk_thread_handlers(fk_at(handlers), 0);
    while (answer == FK_NO_MEMORY);
    CHECK_EQ(answer, FK_OK);
    CHECK_EQ(fk_thread_enable(), FK_OK);
}

/* All registers that the last call leaves behind are part of the result. */
_Noreturn void done(uint64_t who)
{
    struct fk_ipc ipc = {.dest = end_set, .word = {who}};
    __atomic_or_fetch(&play_finished, 1ull << who, __ATOMIC_SEQ_CST);
    __asm__ volatile("xor %%eax, %%eax" : : : "rax", "cc"); /* flags say who was first */
    fk_server_wait_receive(&ipc);
    __builtin_unreachable();
}

/* ---- for those who perform a play ---- */

/* The text behind `key` on the command line, or NULL. */
const char *play_option(const char *key)
{
    for (const char *at = boot->command; *at; at++) {
        unsigned i = 0;
        while (key[i] && at[i] == key[i])
            i++;
        if (!key[i])
            return at + i;
    }
    return NULL;
}

static uint64_t number(const char *key, uint64_t otherwise)
{
    const char *at = play_option(key);
    uint64_t value = 0;
    for (; at && *at >= '0' && *at <= '9'; at++)
        value = value * 10 + (uint64_t)(*at - '0');
    return at ? value : otherwise;
}

void play_open(void)
{
    play_rounds = number("rounds=", 1);
    play_bytes = number("bytes=", 300);
    area = test_pages(AREA_PAGES + AREA_STACKS);
    stage = test_port(5);
    end_set = test_port(7).portset;
    rebirth_mutex[0] = test_object();
    CHECK_EQ(fk_mutex_create(rebirth_mutex[0]), FK_OK);
    stage_space[0] = test_ref(FK_DEBUG_SPACE, fk_at(&boot->space));
}

void play_prepare(const struct play *play)
{
    play_finished = 0;
    memset((void *)play_sum, 0, sizeof(play_sum));
    memset((void *)area, 0, (AREA_PAGES + AREA_STACKS) * FK_PAGE);
    if (play->prepare)
        play->prepare();
}

/* The thread object was just created. It runs when somebody gives it time. */
void play_cast(const struct play *play, unsigned i, uint64_t thread, uint64_t stack,
               uint64_t scheduler)
{
    const struct actor *actor = &play->actor[i];
    static struct fk_thread_state state;
    struct fk_thread_links links = {.space = stage_space[actor->place],
                                    .scheduler = actor->place ? 0 : scheduler};
    CHECK_EQ(fk_thread_get_state(thread, fk_at(&state), 0), FK_OK);
    state.thread_va = thread;
    state.flags = 0;
    state.frame.rip = fk_at((void *)actor->run);
    state.frame.rdi = i;
    state.frame.rsp = stack - 8;
    CHECK_EQ(fk_thread_set_state(thread, fk_at(&state), fk_at(&links)), FK_OK);
}

/* labs/07-call/adder.c -- fills memory with words and makes the call words_add on them.
 *   kind=plain    once, and says what became of them: to try the call with
 *                 (count=N words, 100, from word=N on, 8)
 *   kind=asked    when a checker says so, which sends it from spin() to `ask` with registers of the
 *                 checker's own, and to `look` to have a page brought (pages=N, 4)
 *   kind=stopped  likewise; and whenever a tick wakes it, another thread takes it apart, makes the
 *                 call for itself, and puts it together again
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

enum { HALF_TICK = 500000, ADD = 3, OWN = 500, OWN_COUNT = 100 };

void ready(const uint64_t *words, const struct fk_thread_state *state, const uint64_t *own);
void taken(void);
void other(long answer);
void spin(void);

__attribute__((noinline)) void ready(const uint64_t *words, const struct fk_thread_state *state,
                                     const uint64_t *own)
{
    __asm__ volatile("" ::"r"(words), "r"(state), "r"(own) : "memory");
}

__attribute__((noinline)) void taken(void)
{
    __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void other(long answer)
{
    __asm__ volatile("" ::"r"(answer) : "memory");
}

/* Whoever wants it to do something puts it there. */
__attribute__((naked, noinline)) void spin(void)
{
    __asm__ volatile("jmp spin\n"
                     ".globl ask, answered, look, looked\n"
                     ".type ask, @function\n.type answered, @function\n"
                     ".type look, @function\n.type looked, @function\n"
                     "ask: syscall\n"
                     "answered: jmp spin\n"
                     "look: mov (%rdi), %rax\n"
                     "looked: jmp spin");
}

/* A checker knows this, too. */
static uint64_t at_first(uint64_t i)
{
    return i * 0x9e3779b97f4a7c15ull + 7;
}

static uint64_t *words_of(uint64_t pages)
{
    uint64_t *words = mon_pages(pages * FK_PAGE);
    if (!words)
        mon_fatal("no memory for %lu pages", pages);
    for (uint64_t i = 0; i < pages * FK_PAGE / sizeof(*words); i++)
        words[i] = at_first(i);
    return words;
}

static void plain(uint64_t from, uint64_t count)
{
    uint64_t pages = (from + count) / 512 + 1, *words = words_of(pages), carries = 0, wrong = 0;
    long answer = fk_words_add(fk_at(words + from), count, ADD, 5);
    for (uint64_t i = 0; i < pages * 512; i++) {
        uint64_t add = i >= from && i < from + count ? ADD : 0;
        carries += at_first(i) + add < add;
        wrong += words[i] != at_first(i) + add;
    }
    printf("%lu words are wrong; the answer is %ld and should be %lu\n", wrong, answer,
           5 + carries);
}

/* ---- taken apart in the middle ---- */

static struct fk_thread_state state;
static uint64_t victim, *own;

static void cut(void *unused)
{
    (void)unused;
    for (;;) {
        fk_clock_wait((uint64_t)fk_clock_read() + HALF_TICK);
        fk_thread_get_state(victim, fk_at(&state), 0);
        taken();
        other(fk_words_add(fk_at(own + OWN), OWN_COUNT, 1, 0));
        state.flags &= ~(uint64_t)FK_THREAD_STOPPED;
        fk_thread_set_state(victim, fk_at(&state), 0);
    }
}

static void asked(uint64_t pages, bool stopped)
{
    uint64_t *words = words_of(pages);
    own = words_of(2);
    victim = (uint64_t)fk_thread_self();
    if (stopped && mon_thread(cut, NULL, 0))
        mon_fatal("no thread can be made");
    mon_guard();
    ready(words, &state, own);
    spin();
}

int main(void)
{
    const char *kind = mon_option("kind");
    uint64_t from = mon_option_number("word", 8), count = mon_option_number("count", 100);
    uint64_t pages = mon_option_number("pages", 4);
    if (!kind || !strcmp(kind, "plain"))
        plain(from, count);
    else if (!strcmp(kind, "asked") || !strcmp(kind, "stopped"))
        asked(pages, *kind == 's');
    else
        mon_fatal("kind=%s is none of plain, asked and stopped", kind);
    return 0;
}

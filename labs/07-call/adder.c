/* labs/07-call/adder.c -- makes the call words_add, and looks at what it did; what is wrong is told
 * to done(), where a checker listens.
 *   kind=plain   count=N words (100) from word=N of a page on (8); all words before and after count
 *   kind=refuse  arguments that make no sense, one after the other
 *   kind=rights  words that it may not write: its own instructions
 *   kind=stops   waits in spin(), until a checker sends it on; another thread comes then, takes it
 *                apart, makes the call for itself, and puts it together again
 * SPDX-License-Identifier: MIT */
#include "monitors/lib/mon.h"

enum { ADD = 3, START = 7, MARGIN = FK_PAGE / 8, MS = 1000000 };

void begin(uint64_t count);
void done(uint64_t wrong, uint64_t what);
void surgeon(void);
void taken(uint64_t left);
void spin(void);

__attribute__((noinline)) void begin(uint64_t count)
{
    __asm__ volatile("" ::"r"(count) : "memory");
}

__attribute__((noinline)) void done(uint64_t wrong, uint64_t what)
{
    __asm__ volatile("" ::"r"(wrong), "r"(what) : "memory");
}

__attribute__((noinline)) void surgeon(void)
{
    __asm__ volatile("" ::: "memory");
}

/* The caller was taken apart when it had so many words left, 0 = it was not in the call. */
__attribute__((noinline)) void taken(uint64_t left)
{
    __asm__ volatile("" ::"r"(left) : "memory");
}

/* Whoever wants it to go on puts it to `go`. */
__attribute__((naked, noinline)) void spin(void)
{
    __asm__ volatile("jmp spin\n.globl go\n.type go, @function\ngo: ret");
}

static uint64_t *words_of(uint64_t pages)
{
    uint64_t *words = mon_pages(pages * FK_PAGE);
    if (!words)
        mon_fatal("no memory for %lu pages", pages);
    return words;
}

/* Every third word carries. */
static uint64_t at_first(uint64_t i)
{
    return i % 3 ? START + i : ~0ull - i % 2;
}

/* Words that are not what they should be: of `count`, ADD more than at first, the others as they
 * were. */
static uint64_t wrong_words(const uint64_t *words, uint64_t all, uint64_t from, uint64_t count)
{
    uint64_t wrong = 0;
    for (uint64_t i = 0; i < all; i++)
        wrong += words[i] != at_first(i) + (i >= from && i < from + count ? ADD : 0);
    return wrong;
}

static uint64_t carries(uint64_t from, uint64_t count)
{
    uint64_t n = 0;
    for (uint64_t i = from; i < from + count; i++)
        n += at_first(i) + ADD < ADD;
    return n;
}

/* It begins behind a tick: whether one comes in the middle of a short call is no matter of chance.
 */
static void plain(uint64_t from, uint64_t count)
{
    uint64_t all = (from + count + MARGIN) & ~511ull, *words = words_of(all / 512 + 1);
    for (uint64_t i = 0; i < all; i++)
        words[i] = at_first(i);
    fk_clock_wait((uint64_t)fk_clock_read() + 2 * MS);
    begin(count);
    long answer = fk_words_add(fk_at(words + from), count, ADD, 5);
    done(wrong_words(words, all, from, count), answer != (long)(5 + carries(from, count)));
}

static void refuse(void)
{
    uint64_t *words = words_of(1), end = FK_USER_END;
    const struct {
        uint64_t va, count, carried;
        long answer;
    } tries[] = {{fk_at(words) + 4, 1, 0, FK_INSANE_NOT_ALIGNED},
                 {end, 1, 0, FK_INSANE_INVALID_ADDRESS},
                 {0xffffffff80000000ull, 1, 0, FK_INSANE_INVALID_ADDRESS},
                 {fk_at(words), 1ull << 61, 0, FK_INSANE_INVALID_ADDRESS},
                 {fk_at(words), (end - fk_at(words)) / 8 + 1, 0, FK_INSANE_INVALID_ADDRESS},
                 {fk_at(words), 1, ~0ull, FK_INSANE_INVALID_STATE},
                 {fk_at(words), 1, -2ull, FK_INSANE_INVALID_STATE},
                 {fk_at(words), 1, -5ull, FK_INSANE_INVALID_STATE},
                 {fk_at(words), 1, 1ull << 62, FK_INSANE_INVALID_STATE},
                 {fk_at(words), 0, 9, 9 + 0x100}};
    mon_guard();
    for (uint64_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
        long answer = fk_words_add(tries[i].va, tries[i].count, ADD, tries[i].carried);
        long want = tries[i].count ? -(0x100 + tries[i].answer) : tries[i].answer - 0x100;
        done(answer != want || *words, i);
    }
}

/* ---- taken apart in the middle ---- */

static struct fk_thread_state state;
static uint64_t victim, *own;

static void cut(void *unused)
{
    (void)unused;
    fk_clock_wait((uint64_t)fk_clock_read() + 12 * MS);
    surgeon();
    fk_thread_get_state(victim, fk_at(&state), 0);
    taken(state.frame.rax == FK_CALL_words_add ? state.frame.rsi : 0);
    long answer = fk_words_add(fk_at(own + 500), 100, 1, 0);
    if (answer || own[499] || own[500] != 1 || own[599] != 1 || own[600])
        done(1, 99);
    state.flags &= ~(uint64_t)FK_THREAD_STOPPED;
    fk_thread_set_state(victim, fk_at(&state), 0);
}

static void stops(uint64_t from, uint64_t count)
{
    uint64_t all = (from + count + MARGIN) & ~511ull, *words = words_of(all / 512 + 1);
    own = words_of(2);
    for (uint64_t i = 0; i < all; i++)
        words[i] = at_first(i);
    memset(own, 0, 2 * FK_PAGE);
    victim = (uint64_t)fk_thread_self();
    memset(&state, 0, sizeof(state));
    if (mon_thread(cut, NULL, 0))
        mon_fatal("no thread can be made");
    spin();
    begin(count);
    long answer = fk_words_add(fk_at(words + from), count, ADD, 5);
    done(wrong_words(words, all, from, count), answer != (long)(5 + carries(from, count)));
}

int main(void)
{
    const char *kind = mon_option("kind");
    uint64_t from = mon_option_number("word", 8), count = mon_option_number("count", 100);
    if (!kind || !strcmp(kind, "plain"))
        plain(from, count);
    else if (!strcmp(kind, "refuse"))
        refuse();
    else if (!strcmp(kind, "rights"))
        fk_words_add(fk_at((void *)main) & ~7ull, 1, ADD, 0);
    else if (!strcmp(kind, "stops"))
        stops(from, count);
    else
        mon_fatal("kind=%s is none of plain, refuse, rights and stops", kind);
    return 0;
}

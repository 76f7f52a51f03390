/* spaces.c -- spaces= address spaces (2 to 64) with a ring 3 thread each, all at the same
 * addresses, that hand the CPU round by a trap n= times in all. Every thread sums what its own page
 * says. SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

#define SPACES_MAX   64
#define VECTOR_YIELD 0x33
#define VECTOR_DONE  0x34
#define ID_VA        RT_USER
#define STACK_TOP    (RT_USER + 0x4000)

struct space {
    uint64_t cr3, sum;
    struct rt_frame frame;
    bool done;
};

static struct space spaces[SPACES_MAX];
static uint64_t space_count, space_now, switches;

void thread_done(void);
void rt_user_exit(void);

__asm__(".text\n"
        "thread_done:\n"
        "    mov %rax, %rdi\n"
        "    int $0x34\n"
        "    ud2\n");
_Static_assert(VECTOR_DONE == 0x34, "number in the assembler text");

/* Ring 3, in every space. */
static uint64_t thread(uint64_t rounds)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < rounds; i++) {
        sum += *(volatile uint64_t *)ID_VA;
        __asm__ volatile("int %0" ::"i"(VECTOR_YIELD) : "memory");
    }
    return sum;
}

static void enter(struct rt_frame *f, uint64_t next)
{
    space_now = next;
    *f = spaces[next].frame;
    rt_set_cr3(spaces[next].cr3);
    switches++;
}

static void on_yield(struct rt_frame *f)
{
    uint64_t next = space_now;

    spaces[space_now].frame = *f;
    do
        next = (next + 1) % space_count;
    while (spaces[next].done);
    enter(f, next);
}

static void on_done(struct rt_frame *f)
{
    spaces[space_now].sum = f->rdi;
    spaces[space_now].done = true;
    for (uint64_t i = 0; i < space_count; i++)
        if (!spaces[i].done) {
            enter(f, i);
            return;
        }
    f->rip = (uint64_t)rt_user_exit; /* nobody is left */
}

static void space_make(uint64_t i, uint64_t rounds)
{
    struct space *s = &spaces[i];
    uint64_t id = rt_page(), stack = rt_page();

    s->cr3 = rt_space_new();
    *(uint64_t *)rt_window(id) = i + 1;
    *(uint64_t *)rt_window(stack + 4088) = (uint64_t)thread_done;
    rt_map(s->cr3, ID_VA, id);
    rt_map(s->cr3, STACK_TOP - 4096, stack);
    s->frame = (struct rt_frame){.rip = (uint64_t)thread,
                                 .cs = RT_USER_CODE64,
                                 .rflags = 2,
                                 .rsp = STACK_TOP - 8,
                                 .ss = RT_USER_DATA,
                                 .rdi = rounds};
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 1000), home = rt_cr3(), wrong = 0;

    space_count = rt_option("spaces", 2);
    if (space_count < 2 || space_count > SPACES_MAX)
        space_count = 2;
    for (uint64_t i = 0; i < space_count; i++)
        space_make(i, n / space_count);
    rt_trap_set(VECTOR_YIELD, on_yield);
    rt_trap_set(VECTOR_DONE, on_done);
    rt_set_cr3(spaces[0].cr3);
    rt_user_enter((uint64_t)thread, RT_USER_CODE64, STACK_TOP - 8, 0, n / space_count);
    rt_set_cr3(home);
    for (uint64_t i = 0; i < space_count; i++)
        wrong += spaces[i].sum != (i + 1) * (n / space_count);
    rt_print("spaces: %lu spaces, %lu switches, %lu wrong sums\n", space_count, switches, wrong);
    return wrong == 0 ? 0 : 1;
}

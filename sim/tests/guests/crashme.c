/* crashme.c -- runs random bytes as code: n= rounds from seed=, each ended by its first fault or,
 * when it loops, by a timer interrupt. ring=3 (default): in a space of its own, where it can hurt
 * nobody, so all rounds must be survived. ring=0: once, and the guest itself may go down in any
 * way; what must survive is the machine's maker. SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/random.h"
#include "sim/tests/guests/rt/rt.h"

#define CODE      RT_USER
#define DATA      (RT_USER + 0x10000)
#define STACK_TOP (RT_USER + 0x20000)
#define BYTES     256

_Noreturn void rt_user_left(uint64_t result);

static void on_trap(struct rt_frame *f)
{
    if (f->cs != RT_CODE64) {
        if (f->vector == 32)
            rt_pic_ack(0);
        rt_user_left(f->vector);
    }
    rt_print("crashme: trap %lu in the kernel at %lx\n", f->vector, f->rip);
    rt_exit(1);
}

static void timer_start(void)
{
    rt_out8(0x43, 0x34);
    rt_out8(0x40, 0xe9); /* 5.1 kHz */
    rt_out8(0x40, 0);
    rt_pic_enable(0);
}

/* Only these few pages belong to ring 3; the kernel's low addresses are its own here. */
static uint64_t space_make(uint64_t *code, uint64_t *data)
{
    uint64_t cr3 = rt_space_new(), *top = rt_window(cr3);
    uint64_t *low = rt_window(top[0] & 0xffffffffff000);

    low[0] &= ~4ull;
    *code = rt_page();
    *data = rt_page();
    rt_map(cr3, CODE, *code);
    rt_map(cr3, DATA, *data);
    rt_map(cr3, STACK_TOP - 4096, rt_page());
    return cr3;
}

/* Random bytes, with every so often a common opcode or a prefix in front, to get past the decoder.
 */
static void code_fill(uint8_t *code, uint64_t *seed)
{
    static const uint8_t often[] = {0x48, 0x66, 0xf3, 0xf2, 0xf0, 0x0f, 0xc4, 0xc5, 0x67, 0x41};

    for (unsigned i = 0; i < BYTES; i++) {
        uint64_t r = random_next(seed);
        code[i] = (r & 3) ? (uint8_t)(r >> 8) : often[(r >> 8) % sizeof often];
    }
}

static uint64_t ring3_rounds(uint64_t n, uint64_t seed)
{
    uint64_t code, data, kinds = 0, home = rt_cr3(), cr3 = space_make(&code, &data);

    for (unsigned v = 0; v < 256; v++)
        if (v != RT_VECTOR_RETURN)
            rt_trap_set(v, on_trap);
    timer_start();
    rt_set_cr3(cr3);
    for (uint64_t i = 0; i < n; i++) {
        code_fill(rt_window(code), &seed);
        uint64_t vector = rt_user_enter(CODE, RT_USER_CODE64, STACK_TOP - 256, RT_IF, DATA);
        kinds |= vector < 64 ? 1ull << vector : 0;
    }
    rt_set_cr3(home);
    return kinds;
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 2000), seed = rt_option("seed", 1) * 0x9e3779b97f4a7c15 + 1, kinds;
    static uint8_t code[BYTES];

    if (rt_option("ring", 3) == 0) {
        code_fill(code, &seed);
        ((void (*)(void))(void *)code)();
        return 0;
    }
    kinds = ring3_rounds(n, seed);
    if (rt_option("show", 0))
        rt_print("crashme: vectors met %lx\n", kinds);
    rt_print("crashme: %lu rounds survived\n", n);
    return 0;
}

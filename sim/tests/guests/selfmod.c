/* selfmod.c -- code that rewrites code, n= times in each of three ways: a function's constant
 * before it is called, the same through another virtual address, and the very next instruction.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

uint64_t patch_next(uint64_t n);

/* mov $imm32, %eax; ret */
static uint8_t code[6] = {0xb8, 0, 0, 0, 0, 0xc3};

/* Sums 1..n by writing i into the constant of the instruction that follows. It is in the data
 * section, which is writable; nothing here is marked not executable. */
__asm__(".data\n"
        ".balign 64\n"
        "patch_next:\n"
        "    xor %eax, %eax\n"
        "    xor %ecx, %ecx\n"
        "1:  cmp %rdi, %rcx\n"
        "    jae 3f\n"
        "    inc %rcx\n"
        "    mov %ecx, 2f + 1\n"
        "2:  mov $0, %edx\n"
        "    add %rdx, %rax\n"
        "    jmp 1b\n"
        "3:  ret\n"
        ".text\n");

static uint64_t patch_called(uint8_t *writable, uint64_t n)
{
    uint64_t sum = 0;

    for (uint64_t i = 1; i <= n; i++) {
        *(volatile uint32_t *)(writable + 1) = (uint32_t)i;
        sum += ((uint32_t(*)(void))(void *)code)();
    }
    return sum;
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 1000), want = n * (n + 1) / 2, wrong = 0;

    wrong += patch_called(code, n) != want;
    wrong += patch_called(rt_window((uint64_t)code), n) != want;
    wrong += patch_next(n) != want;
    rt_print("selfmod: 3 ways, %lu rounds each, %lu wrong\n", n, wrong);
    return wrong == 0 ? 0 : 1;
}

/* int80.c -- the older ways into a kernel, n= times each: int 0x80 from 64-bit and from 32-bit code
 * of ring 3, and sysenter from both where the CPU has it in long mode (Intel's do; elsewhere int
 * 0x80 stands in, so the output is the same).
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

uint64_t int_loop(uint64_t n);
uint64_t sysenter_loop(uint64_t n);
void int_entry(void), sysenter_entry(void), int_loop32(void), sysenter_loop32(void);

uint64_t calls;

/* Registers of the loops: edi = how often. sysenter: rdx/edx = where to return, rcx/ecx = stack
 * pointer, esi = 64 or 32, the caller's mode. Only `calls` is changed for the caller. */
__asm__(".text\n"
        "int_entry:\n"
        "    incq calls\n"
        "    iretq\n"
        "sysenter_entry:\n"
        "    incq calls\n"
        "    cmp $64, %esi\n"
        "    je 1f\n"
        "    sysexitl\n"
        "1:  sysexitq\n"
        "int_loop:\n"
        "1:  int $0x80\n"
        "    dec %rdi\n"
        "    jnz 1b\n"
        "    ret\n"
        "sysenter_loop:\n"
        "    mov $64, %esi\n"
        "    mov $2f, %edx\n"
        "1:  mov %rsp, %rcx\n"
        "    sysenter\n"
        "2:  dec %rdi\n"
        "    jnz 1b\n"
        "    ret\n"
        ".code32\n"
        "int_loop32:\n"
        "1:  int $0x80\n"
        "    dec %edi\n"
        "    jnz 1b\n"
        "    int $0x31\n"
        "sysenter_loop32:\n"
        "    mov $32, %esi\n"
        "    mov $2f, %edx\n"
        "1:  mov %esp, %ecx\n"
        "    sysenter\n"
        "2:  dec %edi\n"
        "    jnz 1b\n"
        "    int $0x31\n"
        ".code64\n");
_Static_assert(RT_VECTOR_RETURN == 0x31, "number in the assembler text");

static uint8_t stack32[4096] __attribute__((aligned(16)));
static uint8_t kernel_stack[4096] __attribute__((aligned(16)));

static bool has_sysenter(void)
{
    uint32_t vendor[4], features[4];

    rt_cpuid(0, vendor);
    rt_cpuid(1, features);
    return vendor[1] == 0x756e6547 /* "Genu" */ && (features[3] & 1 << 11);
}

static void sysenter_prepare(void)
{
    rt_wrmsr(0x174, RT_CODE64);
    rt_wrmsr(0x175, (uint64_t)kernel_stack + sizeof kernel_stack);
    rt_wrmsr(0x176, (uint64_t)sysenter_entry);
}

static uint64_t run64(uint64_t (*loop)(uint64_t), uint64_t n)
{
    calls = 0;
    rt_user_run(loop, n, 0);
    return calls;
}

static uint64_t run32(void (*loop)(void), uint64_t n)
{
    calls = 0;
    rt_user_enter((uint64_t)loop, RT_USER_CODE32, (uint64_t)stack32 + sizeof stack32, 0, n);
    return calls;
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 1000), done[4];
    bool fast = has_sysenter();

    n = n ? n : 1;
    rt_gate_set(0x80, int_entry);
    if (fast)
        sysenter_prepare();
    done[0] = run64(int_loop, n);
    done[1] = run32(int_loop32, n);
    done[2] = run64(fast ? sysenter_loop : int_loop, n);
    done[3] = run32(fast ? sysenter_loop32 : int_loop32, n);
    if (rt_option("show", 0))
        rt_print("int80: sysenter %s\n", fast ? "used" : "not there");
    rt_print("int80: %lu %lu %lu %lu calls\n", done[0], done[1], done[2], done[3]);
    return done[0] == n && done[1] == n && done[2] == n && done[3] == n ? 0 : 1;
}

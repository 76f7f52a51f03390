/* pingpong.c -- crossings without work: n= system calls from ring 3, each the shortest kernel that
 * can prove it ran (one addition). The benchmark guest for "how fast is a crossing".
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

void call_entry(void);
uint64_t call_loop(uint64_t n);

/* syscall leaves the return address in rcx and the flags in r11; no stack is needed. */
__asm__(".text\n"
        ".balign 16\n"
        "call_entry:\n"
        "    inc %rax\n"
        "    sysretq\n"
        ".balign 16\n"
        "call_loop:\n"
        "    xor %eax, %eax\n"
        "    test %rdi, %rdi\n"
        "    jz 2f\n"
        "1:  syscall\n"
        "    dec %rdi\n"
        "    jnz 1b\n"
        "2:  ret\n");

#define MSR_STAR  0xc0000081
#define MSR_LSTAR 0xc0000082
#define MSR_FMASK 0xc0000084

int guest_main(void)
{
    uint64_t n = rt_option("n", 100000), done;

    rt_wrmsr(MSR_STAR, (uint64_t)RT_CODE64 << 32 | (uint64_t)RT_USER_CODE32 << 48);
    rt_wrmsr(MSR_LSTAR, (uint64_t)call_entry);
    rt_wrmsr(MSR_FMASK, 0x700); /* TF, IF and DF off in the kernel */
    done = rt_user_run(call_loop, n, 0);
    rt_print("pingpong: %lu calls\n", done);
    return done == n ? 0 : 1;
}

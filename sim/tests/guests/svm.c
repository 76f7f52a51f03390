/* svm.c -- enters an SVM guest n= times; the guest does nothing but cpuid, which leaves it each
 * time. triple=1: the guest makes a triple fault, which nobody intercepts; triple=2: we do. Where
 * the CPU has no SVM it says so and ends with 0. Manual: AMD64 volume 2, chapter 15.
 * SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

#define MSR_EFER      0xc0000080
#define EFER_SVME     (1 << 12)
#define MSR_VM_CR     0xc0010114
#define MSR_HOST_SAVE 0xc0010117
#define EXIT_CPUID    0x72
#define EXIT_SHUTDOWN 0x7f
#define CPUID_BYTES   2

/* The control block, by byte offsets (AMD64 volume 2, appendix B). */
enum block {
    B_INTERCEPT3 = 0x00c, /* bit 18: cpuid; bit 31: shutdown */
    B_INTERCEPT4 = 0x010, /* bit 0: vmrun, which must be intercepted */
    B_ASID = 0x058,
    B_EXIT = 0x070,
    B_ES = 0x400,
    B_CS = 0x410,
    B_SS = 0x420,
    B_DS = 0x430,
    B_GDTR = 0x460,
    B_IDTR = 0x480,
    B_TR = 0x490,
    B_EFER = 0x4d0,
    B_CR4 = 0x548,
    B_CR3 = 0x550,
    B_CR0 = 0x558,
    B_DR7 = 0x560,
    B_DR6 = 0x568,
    B_RFLAGS = 0x570,
    B_RIP = 0x578,
    B_RSP = 0x5d8,
    B_PAT = 0x668
};

void vm_run(uint64_t block);
void vm_guest(void);
void vm_faults(void);
extern uint64_t rt_gdt[];
extern uint8_t rt_tss[], rt_idt[];

/* vmrun gives the guest our registers but rax, rsp, rip; what cpuid changes is saved here. */
__asm__(".text\n"
        "vm_run:\n"
        "    push %rbx\n"
        "    mov %rdi, %rax\n"
        "    vmload\n"
        "    vmrun\n"
        "    vmsave\n"
        "    pop %rbx\n"
        "    ret\n"
        "vm_guest:\n"
        "1:  cpuid\n"
        "    jmp 1b\n"
        "vm_faults:\n"
        "    ud2\n");

static uint64_t block;

static volatile uint64_t *at64(unsigned offset)
{
    return rt_window(block + offset);
}

static volatile uint32_t *at32(unsigned offset)
{
    return rt_window(block + offset);
}

static bool svm_there(void)
{
    uint32_t id[4];

    rt_cpuid(0x80000000, id);
    if (id[0] < 0x8000000a)
        return false;
    rt_cpuid(0x80000001, id);
    return (id[2] & 1 << 2) && !(rt_rdmsr(MSR_VM_CR) & 1 << 4);
}

static void segment(unsigned offset, unsigned selector, unsigned attributes, uint32_t limit,
                    uint64_t base)
{
    *at32(offset) = selector | attributes << 16;
    *at32(offset + 4) = limit;
    *at64(offset + 8) = base;
}

static void controls(void)
{
    uint64_t cr0, cr4;

    __asm__ volatile("mov %%cr0, %0; mov %%cr4, %1" : "=r"(cr0), "=r"(cr4));
    *at32(B_INTERCEPT3) = 1u << 18;
    *at32(B_INTERCEPT4) = 1;
    *at32(B_ASID) = 1;
    segment(B_CS, RT_CODE64, 0xa9b, UINT32_MAX, 0);
    segment(B_SS, RT_DATA, 0xc93, UINT32_MAX, 0);
    segment(B_DS, RT_DATA, 0xc93, UINT32_MAX, 0);
    segment(B_ES, RT_DATA, 0xc93, UINT32_MAX, 0);
    segment(B_TR, RT_TASK, 0x8b, 103, (uint64_t)rt_tss);
    segment(B_GDTR, 0, 0, 8 * (RT_TASK / 8 + 2) - 1, (uint64_t)rt_gdt);
    segment(B_IDTR, 0, 0, 4095, (uint64_t)rt_idt);
    *at64(B_EFER) = rt_rdmsr(MSR_EFER);
    *at64(B_CR0) = cr0;
    *at64(B_CR3) = rt_cr3();
    *at64(B_CR4) = cr4;
    *at64(B_DR6) = 0xffff0ff0;
    *at64(B_DR7) = 0x400;
    *at64(B_PAT) = 0x0007040600070406;
    *at64(B_RFLAGS) = 2;
    *at64(B_RSP) = rt_page() + 4096;
    *at64(B_RIP) = (uint64_t)vm_guest;
}

static uint64_t run(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        vm_run(block);
        if (*at64(B_EXIT) != EXIT_CPUID) {
            rt_print("svm: exit %lu has the code %lx\n", i, *at64(B_EXIT));
            return i;
        }
        *at64(B_RIP) += CPUID_BYTES;
    }
    return n;
}

/* Without an IDT an exception cannot be delivered, nor the double fault that follows. */
static int triple(bool intercepted)
{
    segment(B_IDTR, 0, 0, 0, 0);
    *at64(B_RIP) = (uint64_t)vm_faults;
    if (intercepted)
        *at32(B_INTERCEPT3) |= 1u << 31;
    vm_run(block);
    rt_print("svm: the guest's end has the code %lx\n", *at64(B_EXIT));
    return *at64(B_EXIT) == EXIT_SHUTDOWN ? 0 : 1;
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 1000), faults = rt_option("triple", 0), done;

    if (!svm_there()) {
        rt_print("svm: skipped, this CPU has none\n");
        return 0;
    }
    rt_wrmsr(MSR_EFER, rt_rdmsr(MSR_EFER) | EFER_SVME);
    rt_wrmsr(MSR_HOST_SAVE, rt_page());
    block = rt_page();
    controls();
    if (faults)
        return triple(faults == 2);
    done = run(n);
    rt_print("svm: %lu entries and exits\n", done);
    return done == n ? 0 : 1;
}

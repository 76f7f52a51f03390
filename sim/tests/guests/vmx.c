/* vmx.c -- enters a VMX guest n= times; the guest does nothing but cpuid, which leaves it each
 * time. Where the CPU has no VMX it says so and ends with 0. Manual: Intel SDM 3C, chapters 24
 * to 27. SPDX-License-Identifier: MIT */
#include "sim/tests/guests/rt/rt.h"

#define MSR_FEATURE_CONTROL 0x3a
#define MSR_VMX_BASIC       0x480
#define MSR_VMX_PIN         0x481
#define MSR_VMX_PROC        0x482
#define MSR_VMX_EXIT        0x483
#define MSR_VMX_ENTRY       0x484
#define MSR_VMX_CR0_SET     0x486
#define MSR_VMX_CR4_SET     0x488

#define EXIT_CPUID  10
#define CPUID_BYTES 2

/* Encodings of SDM 3D, appendix B. */
enum field {
    F_ES = 0x800,
    F_CS = 0x802,
    F_SS = 0x804,
    F_DS = 0x806,
    F_FS = 0x808,
    F_GS = 0x80a,
    F_LDTR = 0x80c,
    F_TR = 0x80e,
    F_HOST_ES = 0xc00,
    F_HOST_CS = 0xc02,
    F_HOST_SS = 0xc04,
    F_HOST_DS = 0xc06,
    F_HOST_FS = 0xc08,
    F_HOST_GS = 0xc0a,
    F_HOST_TR = 0xc0c,
    F_LINK = 0x2800,
    F_DEBUGCTL = 0x2802,
    F_GUEST_EFER = 0x2806,
    F_HOST_EFER = 0x2c02,
    F_PIN = 0x4000,
    F_PROC = 0x4002,
    F_EXCEPTIONS = 0x4004,
    F_CR3_TARGETS = 0x400a,
    F_EXIT = 0x400c,
    F_ENTRY = 0x4012,
    F_ENTRY_INTR = 0x4016,
    F_ERROR = 0x4400,
    F_REASON = 0x4402,
    F_LIMITS = 0x4800,
    F_GDTR_LIMIT = 0x4810,
    F_IDTR_LIMIT = 0x4812,
    F_ACCESS = 0x4814,
    F_INTERRUPTIBILITY = 0x4824,
    F_ACTIVITY = 0x4826,
    F_SYSENTER_CS = 0x482a,
    F_HOST_SYSENTER_CS = 0x4c00,
    F_CR0_MASK = 0x6000,
    F_CR4_MASK = 0x6002,
    F_CR0 = 0x6800,
    F_CR3 = 0x6802,
    F_CR4 = 0x6804,
    F_BASES = 0x6806,
    F_GDTR_BASE = 0x6816,
    F_IDTR_BASE = 0x6818,
    F_DR7 = 0x681a,
    F_RSP = 0x681c,
    F_RIP = 0x681e,
    F_RFLAGS = 0x6820,
    F_PENDING = 0x6822,
    F_SYSENTER_SP = 0x6824,
    F_SYSENTER_IP = 0x6826,
    F_HOST_CR0 = 0x6c00,
    F_HOST_CR3 = 0x6c02,
    F_HOST_CR4 = 0x6c04,
    F_HOST_FS_BASE = 0x6c06,
    F_HOST_GS_BASE = 0x6c08,
    F_HOST_TR_BASE = 0x6c0a,
    F_HOST_GDTR = 0x6c0c,
    F_HOST_IDTR = 0x6c0e,
    F_HOST_SYSENTER_SP = 0x6c10,
    F_HOST_SYSENTER_IP = 0x6c12,
    F_HOST_RSP = 0x6c14,
    F_HOST_RIP = 0x6c16
};

uint64_t vm_enter(uint64_t launched);
void vm_left(void), vm_guest(void);
extern uint64_t rt_gdt[];
extern uint8_t rt_tss[], rt_idt[];

/* vm_enter(0) launches, vm_enter(1) resumes. 0: the guest ran and left; 1: the entry failed. The
 * guest shares all general registers with its host: only cpuid's own change, and rsp is its own. */
__asm__(".text\n"
        "vm_enter:\n"
        "    push %rbx\n"
        "    push %rbp\n"
        "    push %r12\n"
        "    push %r13\n"
        "    push %r14\n"
        "    push %r15\n"
        "    mov $0x6c14, %eax\n" /* F_HOST_RSP */
        "    vmwrite %rsp, %rax\n"
        "    test %rdi, %rdi\n"
        "    jnz 1f\n"
        "    vmlaunch\n"
        "    jmp 2f\n"
        "1:  vmresume\n"
        "2:  mov $1, %eax\n" /* fell through: no entry */
        "    jmp 3f\n"
        "vm_left:\n"
        "    xor %eax, %eax\n"
        "3:  pop %r15\n"
        "    pop %r14\n"
        "    pop %r13\n"
        "    pop %r12\n"
        "    pop %rbp\n"
        "    pop %rbx\n"
        "    ret\n"
        "vm_guest:\n"
        "1:  cpuid\n"
        "    jmp 1b\n");
_Static_assert(F_HOST_RSP == 0x6c14, "number in the assembler text");

static void vm_write(uint64_t field, uint64_t v)
{
    __asm__ volatile("vmwrite %0, %1" ::"r"(v), "r"(field) : "cc");
}

static uint64_t vm_read(uint64_t field)
{
    uint64_t v;
    __asm__ volatile("vmread %1, %0" : "=r"(v) : "r"(field) : "cc");
    return v;
}

/* One-operand VMX instructions: true when they succeeded. */
#define VM_OP(name, instruction)                                                                   \
    static bool name(uint64_t pa)                                                                  \
    {                                                                                              \
        bool failed;                                                                               \
        __asm__ volatile(instruction " %1; setbe %0" : "=q"(failed) : "m"(pa) : "cc", "memory");   \
        return !failed;                                                                            \
    }
VM_OP(vm_on, "vmxon")
VM_OP(vm_clear, "vmclear")
VM_OP(vm_load, "vmptrld")

static uint64_t cr0(void)
{
    uint64_t v;
    __asm__ volatile("mov %%cr0, %0" : "=r"(v));
    return v;
}

static uint64_t cr4(void)
{
    uint64_t v;
    __asm__ volatile("mov %%cr4, %0" : "=r"(v));
    return v;
}

/* Control words: what we want plus what this CPU says must be on, less what it cannot. */
static uint64_t allowed(uint32_t msr, uint32_t want)
{
    uint64_t v = rt_rdmsr(msr);

    return (want | (uint32_t)v) & (uint32_t)(v >> 32);
}

static bool vmx_there(void)
{
    uint32_t id[4];

    rt_cpuid(1, id);
    if (!(id[2] & 1 << 5))
        return false;
    if (!(rt_rdmsr(MSR_FEATURE_CONTROL) & 1))
        rt_wrmsr(MSR_FEATURE_CONTROL, 5); /* locked, VMX outside SMX */
    return (rt_rdmsr(MSR_FEATURE_CONTROL) & 4) != 0;
}

static bool vmx_start(void)
{
    uint64_t on = rt_page(), vmcs = rt_page(), revision = rt_rdmsr(MSR_VMX_BASIC) & 0x7fffffff;

    *(uint32_t *)rt_window(on) = (uint32_t)revision;
    *(uint32_t *)rt_window(vmcs) = (uint32_t)revision;
    __asm__ volatile("mov %0, %%cr0" ::"r"(cr0() | rt_rdmsr(MSR_VMX_CR0_SET)));
    __asm__ volatile("mov %0, %%cr4" ::"r"(cr4() | rt_rdmsr(MSR_VMX_CR4_SET)));
    return vm_on(on) && vm_clear(vmcs) && vm_load(vmcs);
}

static void controls(void)
{
    vm_write(F_PIN, allowed(MSR_VMX_PIN, 0));
    vm_write(F_PROC, allowed(MSR_VMX_PROC, 0));
    vm_write(F_EXIT, allowed(MSR_VMX_EXIT, 1 << 9));   /* the host is in 64-bit mode */
    vm_write(F_ENTRY, allowed(MSR_VMX_ENTRY, 1 << 9)); /* so is the guest */
    vm_write(F_EXCEPTIONS, 0);
    vm_write(F_CR3_TARGETS, 0);
    vm_write(F_ENTRY_INTR, 0);
    vm_write(F_CR0_MASK, 0);
    vm_write(F_CR4_MASK, 0);
    vm_write(F_LINK, UINT64_MAX);
}

static void host_state(void)
{
    static const uint16_t data[] = {F_HOST_ES, F_HOST_SS, F_HOST_DS, F_HOST_FS, F_HOST_GS};

    for (unsigned i = 0; i < sizeof data / sizeof data[0]; i++)
        vm_write(data[i], RT_DATA);
    vm_write(F_HOST_CS, RT_CODE64);
    vm_write(F_HOST_TR, RT_TASK);
    vm_write(F_HOST_CR0, cr0());
    vm_write(F_HOST_CR3, rt_cr3());
    vm_write(F_HOST_CR4, cr4());
    vm_write(F_HOST_FS_BASE, 0);
    vm_write(F_HOST_GS_BASE, 0);
    vm_write(F_HOST_TR_BASE, (uint64_t)rt_tss);
    vm_write(F_HOST_GDTR, (uint64_t)rt_gdt);
    vm_write(F_HOST_IDTR, (uint64_t)rt_idt);
    vm_write(F_HOST_SYSENTER_CS, 0);
    vm_write(F_HOST_SYSENTER_SP, 0);
    vm_write(F_HOST_SYSENTER_IP, 0);
    vm_write(F_HOST_RIP, (uint64_t)vm_left);
}

/* Segment i of es cs ss ds fs gs ldtr tr. */
static void guest_segment(unsigned i, uint64_t selector, uint64_t access, uint64_t limit,
                          uint64_t base)
{
    vm_write(F_ES + 2 * i, selector);
    vm_write(F_ACCESS + 2 * i, access);
    vm_write(F_LIMITS + 2 * i, limit);
    vm_write(F_BASES + 2 * i, base);
}

static void guest_state(void)
{
    for (unsigned i = 0; i < 6; i++)
        guest_segment(i, RT_DATA, 0xc093, UINT32_MAX, 0);
    guest_segment(1, RT_CODE64, 0xa09b, UINT32_MAX, 0);
    guest_segment(6, 0, 0x10000, 0, 0); /* no LDT */
    guest_segment(7, RT_TASK, 0x8b, 103, (uint64_t)rt_tss);
    vm_write(F_GDTR_BASE, (uint64_t)rt_gdt);
    vm_write(F_GDTR_LIMIT, 8 * (RT_TASK / 8 + 2) - 1);
    vm_write(F_IDTR_BASE, (uint64_t)rt_idt);
    vm_write(F_IDTR_LIMIT, 4095);
    vm_write(F_CR0, cr0());
    vm_write(F_CR3, rt_cr3());
    vm_write(F_CR4, cr4());
    vm_write(F_DR7, 0x400);
    vm_write(F_DEBUGCTL, 0);
    vm_write(F_RFLAGS, 2);
    vm_write(F_PENDING, 0);
    vm_write(F_INTERRUPTIBILITY, 0);
    vm_write(F_ACTIVITY, 0);
    vm_write(F_SYSENTER_CS, 0);
    vm_write(F_SYSENTER_SP, 0);
    vm_write(F_SYSENTER_IP, 0);
    vm_write(F_RSP, rt_page() + 4096);
    vm_write(F_RIP, (uint64_t)vm_guest);
}

/* Returns how many times the guest was entered and left by cpuid as it should. */
static uint64_t run(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        if (vm_enter(i != 0) != 0) {
            rt_print("vmx: entry %lu failed, error %lu\n", i, vm_read(F_ERROR));
            return i;
        }
        if (vm_read(F_REASON) != EXIT_CPUID) {
            rt_print("vmx: exit %lu has the reason %lx\n", i, vm_read(F_REASON));
            return i;
        }
        vm_write(F_RIP, vm_read(F_RIP) + CPUID_BYTES);
    }
    return n;
}

int guest_main(void)
{
    uint64_t n = rt_option("n", 1000), done;

    if (!vmx_there()) {
        rt_print("vmx: skipped, this CPU has none\n");
        return 0;
    }
    if (!vmx_start()) {
        rt_print("vmx: vmxon or vmptrld failed\n");
        return 1;
    }
    controls();
    host_state();
    guest_state();
    done = run(n);
    __asm__ volatile("vmxoff");
    rt_print("vmx: %lu entries and exits\n", done);
    return done == n ? 0 : 1;
}

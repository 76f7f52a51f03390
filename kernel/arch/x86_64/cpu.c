/* kernel/arch/x86_64/cpu.c -- descriptor tables, protection features, system-call entry, and what a
 * user frame may contain. Runs once at boot, except the frame helpers.
 * Invariant: a frame that arch_frame_valid accepted (or arch_frame_clean made) can always be loaded
 * by entry.S without a fault in kernel mode.
 * SPDX-License-Identifier: MIT */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/instr.h"
#include "abi/simcall/simcall.h"

#define MSR_EFER    0xc0000080
#define MSR_STAR    0xc0000081
#define MSR_LSTAR   0xc0000082
#define MSR_SFMASK  0xc0000084
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101

#define CR4_UMIP     (1 << 11)
#define CR4_FSGSBASE (1 << 16)
#define CR4_SMEP     (1 << 20)
#define CR4_SMAP     (1 << 21)

#define FLAGS_FIXED    0x2      /* always one */
#define FLAGS_IF       0x200    /* always one in user mode */
#define FLAGS_USER     0x254dd5 /* CF PF AF ZF SF TF DF OF NT RF AC ID */
#define FLAGS_AT_ENTRY 0x47700  /* cleared by syscall: TF IF DF IOPL NT AC */

#define AT(field, offset) ABI_ASSERT(offsetof(struct fk_debug_frame, field) == offset, "layout.h")
AT(rax, FRAME_RAX);
AT(rbx, FRAME_RBX);
AT(rcx, FRAME_RCX);
AT(rdx, FRAME_RDX);
AT(rsi, FRAME_RSI);
AT(rdi, FRAME_RDI);
AT(rbp, FRAME_RBP);
AT(rsp, FRAME_RSP);
AT(r8, FRAME_R8);
AT(r9, FRAME_R9);
AT(r10, FRAME_R10);
AT(r11, FRAME_R11);
AT(r12, FRAME_R12);
AT(r13, FRAME_R13);
AT(r14, FRAME_R14);
AT(r15, FRAME_R15);
AT(rip, FRAME_RIP);
AT(rflags, FRAME_RFLAGS);

struct tss {
    uint32_t reserved;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3, io_map;
} __attribute__((packed));

struct gate {
    uint16_t low, selector;
    uint8_t ist, type;
    uint16_t middle;
    uint32_t high, reserved;
};

static struct tss tss;
static struct gate idt[256];
static uint64_t gdt[8] = {0, 0x00af9a000000ffff, 0x00cf92000000ffff,
                          0, 0x00cff2000000ffff, 0x00affa000000ffff};
/* Stacks of those that may hit before the kernel has its own: NMI, double fault and machine check;
 * and single steps, which some CPUs deliver on the first instruction of a system call. */
static char fault_stack[4096] __attribute__((aligned(16)));
static char step_stack[4096] __attribute__((aligned(16)));
bool arch_has_bases;

extern char kstack_top[], trap_stubs[], entry_syscall[];

static void load_tables(void)
{
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) pointer = {sizeof(gdt) - 1, (uint64_t)gdt};
    uint64_t base = (uint64_t)&tss;
    gdt[6] =
        (sizeof(tss) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
    gdt[7] = base >> 32;
    tss.rsp[0] = (uint64_t)kstack_top;
    tss.ist[0] = (uint64_t)(fault_stack + sizeof(fault_stack));
    tss.ist[1] = (uint64_t)(step_stack + sizeof(step_stack));
    tss.io_map = sizeof(tss);
    __asm__ volatile("lgdt %0; ltr %w1" : : "m"(pointer), "r"(SEL_TSS));
    for (unsigned i = 0; i < VECTORS; i++) {
        uint64_t to = (uint64_t)trap_stubs + 16 * i;
        unsigned own_stack = i == 2 || i == 8 || i == 18 ? 1 : i == 1 ? 2 : 0;
        bool from_user = i == 3; /* the breakpoint */
        idt[i] = (struct gate){.low = to & 0xffff,
                               .selector = SEL_KCODE,
                               .ist = own_stack,
                               .type = from_user ? 0xee : 0x8e,
                               .middle = to >> 16 & 0xffff,
                               .high = to >> 32};
    }
    pointer.limit = sizeof(idt) - 1;
    pointer.base = (uint64_t)idt;
    __asm__ volatile("lidt %0" : : "m"(pointer));
}

static void protect(void)
{
    uint32_t leaf[4], top[4];
    cpuid(0, 0, top);
    if (top[0] < 7)
        return;
    cpuid(7, 0, leaf);
    arch_has_bases = leaf[1] & 1;
    uint64_t cr4 = READ_CR(4);
    cr4 |= arch_has_bases ? CR4_FSGSBASE : 0;
    cr4 |= leaf[1] & 1 << 7 ? CR4_SMEP : 0;
    cr4 |= leaf[1] & 1 << 20 ? CR4_SMAP : 0;
    cr4 |= leaf[2] & 1 << 2 ? CR4_UMIP : 0;
    WRITE_CR(4, cr4);
}

void arch_init(void)
{
    load_tables();
    protect();
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | 1);
    wrmsr(MSR_STAR, (uint64_t)(SEL_UBASE | 3) << 48 | (uint64_t)SEL_KCODE << 32);
    wrmsr(MSR_LSTAR, (uint64_t)entry_syscall);
    wrmsr(MSR_SFMASK, FLAGS_AT_ENTRY);
    arch_fpu_init();
}

static uint64_t canonical(uint64_t address)
{
    return (uint64_t)((int64_t)(address << 16) >> 16);
}

static bool is_canonical(uint64_t address)
{
    return canonical(address) == address;
}

void arch_frame_clean(struct fk_debug_frame *frame)
{
    if (!is_canonical(frame->rip))
        frame->rip = FK_USER_END;               /* nothing is ever there */
    frame->fs_base = canonical(frame->fs_base); /* QEMU lets user mode set any */
    frame->gs_base = canonical(frame->gs_base);
    frame->rflags = (frame->rflags & FLAGS_USER) | FLAGS_FIXED | FLAGS_IF;
}

/* An address of the kernel's half is fine: user mode faults on it, the kernel does not. */
bool arch_frame_valid(const struct fk_debug_frame *frame)
{
    return is_canonical(frame->rip) && is_canonical(frame->fs_base) && is_canonical(frame->gs_base);
}

void arch_bases_by_msr(const struct fk_debug_frame *frame)
{
    wrmsr(MSR_FS_BASE, frame->fs_base);
    wrmsr(MSR_GS_BASE, frame->gs_base);
}

void arch_announce(vaddr debug_block)
{
    simcall_DEBUG_BLOCK(debug_block, 0, 0);
}

void arch_exit(unsigned code)
{
    simcall_EXIT(code, 0, 0);
    out32(SIMCALL_QEMU_EXIT_PORT, code);
    for (;;)
        __asm__ volatile("cli; hlt");
}

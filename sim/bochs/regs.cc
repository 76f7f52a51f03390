/* sim/bochs/regs.cc -- the CPU's registers, for sim/regs.h.
 * Writes that would need the CPU's own checks (segments, control registers with side effects) are
 * refused instead of leaving the model inconsistent.
 * SPDX-License-Identifier: MIT */
#include "sim/bochs/engine.h"

#define CPU BX_CPU(0)

static Bit64u segment(unsigned s)
{
    return CPU->sregs[s].selector.value;
}

static Bit64u segment_base(unsigned s)
{
    return CPU->sregs[s].cache.u.segment.base;
}

static bool general(enum sim_reg r, unsigned *index)
{
    static const Bit8u order[] = {
        BX_64BIT_REG_RAX, BX_64BIT_REG_RBX, BX_64BIT_REG_RCX, BX_64BIT_REG_RDX, BX_64BIT_REG_RSI,
        BX_64BIT_REG_RDI, BX_64BIT_REG_RBP, BX_64BIT_REG_RSP, BX_64BIT_REG_R8,  BX_64BIT_REG_R9,
        BX_64BIT_REG_R10, BX_64BIT_REG_R11, BX_64BIT_REG_R12, BX_64BIT_REG_R13, BX_64BIT_REG_R14,
        BX_64BIT_REG_R15, BX_64BIT_REG_RIP};
    if (r > SIM_REG_rip)
        return false;
    *index = order[r];
    return true;
}

static Bit64u fpu_get(enum sim_reg r)
{
    switch (r) {
    case SIM_REG_fctrl:
        return CPU->the_i387.get_control_word();
    case SIM_REG_fstat:
        return CPU->the_i387.get_status_word();
    case SIM_REG_ftag:
        return CPU->the_i387.get_tag_word();
    case SIM_REG_fiseg:
        return CPU->the_i387.fcs;
    case SIM_REG_fioff:
        return (Bit32u)CPU->the_i387.fip;
    case SIM_REG_foseg:
        return CPU->the_i387.fds;
    case SIM_REG_fooff:
        return (Bit32u)CPU->the_i387.fdp;
    case SIM_REG_fop:
        return CPU->the_i387.foo;
    default:
        return CPU->mxcsr.mxcsr;
    }
}

extern "C" uint64_t bxs_reg_get(enum sim_reg r)
{
    unsigned index;
    if (general(r, &index))
        return CPU->gen_reg[index].rrx;
    switch (r) {
    case SIM_REG_eflags:
        return CPU->read_eflags();
    case SIM_REG_cs:
        return segment(BX_SEG_REG_CS);
    case SIM_REG_ss:
        return segment(BX_SEG_REG_SS);
    case SIM_REG_ds:
        return segment(BX_SEG_REG_DS);
    case SIM_REG_es:
        return segment(BX_SEG_REG_ES);
    case SIM_REG_fs:
        return segment(BX_SEG_REG_FS);
    case SIM_REG_gs:
        return segment(BX_SEG_REG_GS);
    case SIM_REG_cs_base:
        return segment_base(BX_SEG_REG_CS);
    case SIM_REG_fs_base:
        return segment_base(BX_SEG_REG_FS);
    case SIM_REG_gs_base:
        return segment_base(BX_SEG_REG_GS);
    case SIM_REG_k_gs_base:
        return CPU->msr.kernelgsbase;
    case SIM_REG_cr0:
        return CPU->cr0.get32();
    case SIM_REG_cr2:
        return CPU->cr2;
    case SIM_REG_cr3:
        return CPU->cr3;
    case SIM_REG_cr4:
        return CPU->cr4.get32();
    case SIM_REG_cr8:
        return CPU->lapic->get_tpr() >> 4;
    case SIM_REG_efer:
        return CPU->efer.get32();
    case SIM_REG_dr6:
        return CPU->dr6.get32();
    case SIM_REG_dr7:
        return CPU->dr7.get32();
    case SIM_REG_tr:
        return CPU->tr.selector.value;
    case SIM_REG_ldtr:
        return CPU->ldtr.selector.value;
    case SIM_REG_gdtr_base:
        return CPU->gdtr.base;
    case SIM_REG_idtr_base:
        return CPU->idtr.base;
    case SIM_REG_xcr0:
        return CPU->xcr0.get32();
    default:
        return fpu_get(r);
    }
}

static int refuse(enum sim_reg r)
{
    return sim_fail("register %s cannot be written: the simulator would have to guess what the CPU "
                    "does then",
                    sim_reg_name(r));
}

extern "C" int bxs_reg_set(enum sim_reg r, uint64_t v)
{
    unsigned index;
    if (general(r, &index)) {
        CPU->gen_reg[index].rrx = v;
        if (r == SIM_REG_rip) {
            CPU->prev_rip = v;
            CPU->invalidate_prefetch_q();
            engine.skip_probe = ~0ull;
        }
        return 0;
    }
    switch (r) {
    case SIM_REG_eflags:
        CPU->setEFlags((Bit32u)v);
        CPU->async_event |= 1;
        return 0;
    case SIM_REG_fs_base:
        CPU->sregs[BX_SEG_REG_FS].cache.u.segment.base = v;
        return 0;
    case SIM_REG_gs_base:
        CPU->sregs[BX_SEG_REG_GS].cache.u.segment.base = v;
        return 0;
    case SIM_REG_k_gs_base:
        CPU->msr.kernelgsbase = v;
        return 0;
    case SIM_REG_cr2:
        CPU->cr2 = v;
        return 0;
    case SIM_REG_mxcsr:
        if (v & ~(uint64_t)CPU->mxcsr_mask)
            return refuse(r);
        CPU->mxcsr.mxcsr = (Bit32u)v;
        return 0;
    case SIM_REG_fctrl:
        CPU->the_i387.cwd = (Bit16u)v;
        return 0;
    case SIM_REG_fstat:
        CPU->the_i387.swd = (Bit16u)v;
        CPU->the_i387.tos = (v >> 11) & 7;
        return 0;
    case SIM_REG_ftag:
        CPU->the_i387.twd = (Bit16u)v;
        return 0;
    default:
        return refuse(r);
    }
}

extern "C" int bxs_st_get(unsigned n, uint8_t out[10])
{
    floatx80 v = CPU->the_i387.st_space[(n + CPU->the_i387.tos) & 7];
    memcpy(out, &v.signif, 8);
    memcpy(out + 8, &v.signExp, 2);
    return n < 8 ? 0 : -1;
}

extern "C" int bxs_st_set(unsigned n, const uint8_t in[10])
{
    if (n >= 8)
        return -1;
    floatx80 *v = &CPU->the_i387.st_space[(n + CPU->the_i387.tos) & 7];
    memcpy(&v->signif, in, 8);
    memcpy(&v->signExp, in + 8, 2);
    return 0;
}

extern "C" int bxs_vec_get(unsigned n, uint8_t out[64])
{
    memset(out, 0, 64);
    if (n >= BX_XMM_REGISTERS)
        return -1;
    memcpy(out, &CPU->vmm[n], sizeof CPU->vmm[n]);
    return 0;
}

extern "C" int bxs_vec_set(unsigned n, const uint8_t in[64])
{
    if (n >= BX_XMM_REGISTERS)
        return -1;
    memcpy(&CPU->vmm[n], in, sizeof CPU->vmm[n]);
    return 0;
}

extern "C" enum sim_mode bxs_mode(void)
{
    switch (CPU->cpu_mode) {
    case BX_MODE_IA32_REAL:
        return SIM_MODE_REAL;
    case BX_MODE_IA32_V8086:
        return SIM_MODE_V86;
    case BX_MODE_IA32_PROTECTED:
        return SIM_MODE_PROTECTED;
    case BX_MODE_LONG_COMPAT:
        return SIM_MODE_COMPAT;
    default:
        return SIM_MODE_LONG;
    }
}

extern "C" unsigned bxs_cpl(void)
{
    return CPU->sregs[BX_SEG_REG_CS].selector.rpl;
}

extern "C" bool bxs_in_guest(void)
{
    return CPU->in_vmx_guest || CPU->in_svm_guest;
}

extern "C" bool bxs_paging(void)
{
    return CPU->cr0.get_PG();
}
